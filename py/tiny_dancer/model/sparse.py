"""Tensors of mostly zeros: stored as one bit an element and the elements that are not zero.

In memory they are dense: kernel and twin read a pruned bundle as any other.
"""

from collections.abc import Mapping
from itertools import chain, compress, count
from math import prod
from typing import Any, Final, TypeAlias

from ..errors import BundleError
from .spec import CUES, DTYPE_BYTES

Entry: TypeAlias = tuple[str, list[int], memoryview]
"""dtype, shape, flat elements."""
Stored: TypeAlias = tuple[str, list[int], bytes]

PRUNED: Final[dict[str, tuple[str, str]]] = {
    "token.rows": ("V", "H"),
    "cell.u": ("H", "H"),
    "head.weights": ("K", "M"),
}
"""What may be stored so, with its axes."""
MASK: Final = ".mask"
VALUES: Final = ".values"

_WORD: Final[dict[str, Any]] = {"I8": "B", "F32": "I"}
"""Elements as whole numbers: zero alone has no bit set, −0.0 is an element like others."""
_FORMAT: Final[dict[str, Any]] = {"I8": "b", "F32": "f"}
_BITS: Final = tuple(bytes(byte >> k & 1 for k in range(8)) for byte in range(256))


def compressed(dtype: str, raw: bytes) -> tuple[bytes, bytes] | None:
    """Mask and values of the elements; None where they save less than a quarter."""
    words = memoryview(raw).cast(_WORD[dtype])
    marks = bytes(map(bool, words))
    n_mask = -(-len(marks) // 8)
    if 4 * (n_mask + marks.count(1) * DTYPE_BYTES[dtype]) > 3 * len(raw):
        return None
    marks += bytes(-len(marks) % 8)
    columns = zip(*(marks[k::8] for k in range(8)), strict=True)
    mask = bytes(sum(mark << k for k, mark in enumerate(byte)) for byte in columns)
    width = DTYPE_BYTES[dtype]
    if width == 1:
        return mask, raw.replace(b"\0", b"")
    return mask, b"".join(w.to_bytes(width, "little") for w in words if w)


def stored(entries: Mapping[str, Stored]) -> dict[str, Stored]:
    """The entries of a file: as they are, or mask and values in a tensor's place."""
    found: dict[str, Stored] = {}
    for name, (dtype, shape, raw) in entries.items():
        parts = compressed(dtype, raw) if name in PRUNED and dtype in _WORD else None
        if parts is None:
            found[name] = (dtype, shape, raw)
            continue
        mask, values = parts
        found[name + MASK] = ("U8", [len(mask)], mask)
        found[name + VALUES] = (dtype, [len(values) // DTYPE_BYTES[dtype]], values)
    return found


def expanded(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The dense entries of a file's.

    Raises:
        BundleError: mask and values do not make a tensor; the message names the fault.
    """
    found = dict(entries)
    for name, axes in PRUNED.items():
        mask, values = found.pop(name + MASK, None), found.pop(name + VALUES, None)
        if mask is None and values is None:
            continue
        if mask is None or values is None or name in found:
            raise BundleError(f"{name}: either it or both {MASK} and {VALUES} are needed")
        sizes = _sizes(found)
        shape = [sizes[axis] for axis in axes]
        found[name] = (values[0], shape, _dense(name, mask, values, prod(shape)))
    return found


def _dense(name: str, mask: Entry, values: Entry, n: int) -> memoryview:
    (mask_type, _, bits), (dtype, _, elements) = mask, values
    if mask_type != "U8" or dtype not in _WORD:
        raise BundleError(f"{name}: a mask of U8 and values of I8 or F32 are needed")
    if len(bits) != -(-n // 8) or (n % 8 and bits[-1] >> n % 8):
        raise BundleError(f"{name}{MASK}: {n} bits are needed, the rest of the last byte zero")
    words = elements.cast("B").cast(_WORD[dtype])
    if sum(map(int.bit_count, bits)) != len(words) or 0 in words:
        raise BundleError(f"{name}{VALUES}: one element, not zero, for each bit set is needed")
    out = bytearray(n * DTYPE_BYTES[dtype])
    place = memoryview(out).cast(_WORD[dtype])
    marks = chain.from_iterable(map(_BITS.__getitem__, bits))
    for at, word in zip(compress(count(), marks), words, strict=True):
        place[at] = word
    return memoryview(bytes(out)).cast(_FORMAT[dtype])


def _sizes(entries: Mapping[str, Entry]) -> dict[str, int]:
    """Sizes by the tensors that are always dense; 0 where one is missing: refused later."""
    entry, hidden, models = (
        entries[name][1][0] if name in entries and entries[name][1] else 0
        for name in ("vocab.lengths", "cell.bias_z", "head.bias")
    )
    return {"V": entry, "H": hidden, "K": 2 * hidden + CUES, "M": models}
