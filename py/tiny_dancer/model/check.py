"""What the tensors of a bundle must satisfy."""

from array import array
from collections.abc import Mapping
from math import isfinite

from ..errors import BundleError
from .bundle import Bundle
from .spec import CONTINUATION, INTERVAL_SCALE, QUESTION_WORD, SYMBOLS, size_of, table


def check_shapes(entries: dict[str, tuple[str, list[int]]]) -> dict[str, int]:
    """Sizes of the symbols, where exactly the tensors of the spec are there, in shapes that fit.

    Args:
        entries: name to dtype and shape.

    Raises:
        BundleError: a tensor is missing, unknown, of another type or shape, or out of bounds.
    """
    is_float = "token.rows" in entries and entries["token.rows"][0] == "F32"
    wanted = table(entries, is_float)
    if missing := wanted.keys() - entries.keys():
        raise BundleError(f"tensors: {', '.join(sorted(missing))} missing")
    if extra := entries.keys() - wanted.keys():
        raise BundleError(f"tensors: {min(extra)!r:.40} is not part of a bundle")
    sizes: dict[str, int] = {}
    for name, tensor in wanted.items():
        dtype, shape = entries[name]
        if dtype != tensor.dtype or len(shape) != len(tensor.shape):
            raise BundleError(
                f"{name}: {tensor.dtype} with axes {list(tensor.shape)} is needed, "
                f"got {dtype} {shape}"
            )
        for symbol, n in zip(tensor.shape, shape, strict=True):
            if symbol in SYMBOLS and symbol not in sizes:
                if n not in SYMBOLS[symbol]:
                    raise BundleError(f"{name}: {symbol} = {n} is outside its bound")
                sizes[symbol] = n
    for name, tensor in wanted.items():
        want = [size_of(symbol, sizes) for symbol in tensor.shape]
        if entries[name][1] != want:
            raise BundleError(f"{name}: shape {want} is needed, got {entries[name][1]}")
    return sizes


def check_values(tensors: Mapping[str, memoryview]) -> None:
    """Refuse numbers that are not finite, out of bounds or out of order."""
    is_float = "token.scales" not in tensors
    for name, tensor in table(tensors, is_float).items():
        values = tensors[name]
        if tensor.dtype == "F32" and not all(abs(v) <= tensor.bound for v in values):
            at = next(i for i, v in enumerate(values) if not abs(v) <= tensor.bound)
            fault = "beyond its bound" if isfinite(values[at]) else "not finite"
            raise BundleError(f"{name}: element {at} is {fault} ({values[at]})")
    if not is_float and any(scale < 0 for scale in tensors["token.scales"]):
        raise BundleError("token.scales: an element is negative")
    _check_calibration(tensors, "calibration", ("score", "confidence"))
    if "candidate.w" in tensors:
        _check_calibration(tensors, "candidate.calibration", ("confidence",))
        if any(works > 1 for works in tensors["candidate.calibration.works"]):
            raise BundleError("candidate.calibration.works: an element is neither 0 nor 1")


def _check_calibration(
    tensors: Mapping[str, memoryview], group: str, order: tuple[str, ...]
) -> None:
    if any(confidence < 0 for confidence in tensors[f"{group}.confidence"]):
        raise BundleError(f"{group}.confidence: an element is negative")
    keys = list(zip(*(tensors[f"{group}.{column}"] for column in order), strict=True))
    if keys != sorted(keys):
        raise BundleError(f"{group}.{order[0]}: rows must be sorted by {', then '.join(order)}")
    bounds = tensors[f"{group}.interval"]
    for row, (low, high) in enumerate(zip(bounds[::2], bounds[1::2], strict=True)):
        if not low <= high <= INTERVAL_SCALE:
            raise BundleError(f"{group}.interval: row {row} is not an interval in [0, 1]")


def check_vocabulary(bundle: Bundle) -> None:
    """Refuse a vocabulary whose entries are malformed or occur twice."""
    tensors = bundle.tensors
    lengths, flags = array("B", tensors["vocab.lengths"]), tensors["vocab.flags"]
    if 0 in lengths or sum(lengths) != bundle.sizes["S"]:
        raise BundleError(
            "vocab.lengths: entries of 1 to 255 bytes that fill vocab.strings are needed"
        )
    if max(flags) > CONTINUATION | QUESTION_WORD:
        raise BundleError("vocab.flags: an entry has an unknown flag")
    try:
        entries = {(text, mark & CONTINUATION) for text, mark in bundle.vocabulary()}
    except UnicodeDecodeError:
        raise BundleError("vocab.strings: an entry is not UTF-8") from None
    if len(entries) != bundle.sizes["V"]:
        raise BundleError("vocab.strings: an entry occurs twice")
