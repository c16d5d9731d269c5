"""The safetensors container: a length, a JSON header, tensors back to back. Bounded and strict."""

import json
import re
from collections.abc import Mapping
from math import prod
from typing import Any, Final, NamedTuple

from ..errors import BundleError
from ..strict_json import parse_object
from .spec import DTYPE_BYTES, MAX_FILE_BYTES, MAX_HEADER_BYTES

_FORMATS: Final[dict[str, Any]] = {"U8": "B", "I8": "b", "U16": "H", "F32": "f"}
_NAME: Final = re.compile(r"[a-z0-9_.]{1,100}")


class _Entry(NamedTuple):
    """A tensor as the header declares it."""

    start: int
    end: int
    name: str
    dtype: str
    shape: list[int]


def parse(data: bytes) -> tuple[dict[str, str], dict[str, tuple[str, list[int], memoryview]]]:
    """Split a file into its metadata and its tensors (dtype, shape, flat elements).

    Raises:
        BundleError: the container is malformed; the message names the fault.
    """
    if len(data) > MAX_FILE_BYTES:
        raise BundleError(f"file: longer than the bound of {MAX_FILE_BYTES} bytes")
    if len(data) < 8:
        raise BundleError(f"file: {len(data)} bytes, too short for a header length")
    length = int.from_bytes(data[:8], "little")
    if length > min(MAX_HEADER_BYTES, len(data) - 8):
        raise BundleError(
            f"header: length {length} exceeds the file or the bound of {MAX_HEADER_BYTES} bytes; "
            "this is no bundle"
        )
    header = _header(data[8 : 8 + length])
    metadata = header.pop("__metadata__", None)
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise BundleError("header: __metadata__ must map names to strings")
    body = memoryview(data)[8 + length :]
    return metadata, _tensors(header, body)


def serialize(
    metadata: Mapping[str, str], tensors: Mapping[str, tuple[str, list[int], bytes]]
) -> bytes:
    """One canonical file: widest dtype first, then by name; the header padded to 8 bytes."""
    header: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))}
    body = bytearray()
    for name, (dtype, shape, raw) in sorted(
        tensors.items(), key=lambda item: (-DTYPE_BYTES[item[1][0]], item[0])
    ):
        header[name] = {
            "dtype": dtype,
            "shape": shape,
            "data_offsets": [len(body), len(body) + len(raw)],
        }
        body += raw
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=True).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + bytes(body)


def _header(raw: bytes) -> dict[str, Any]:
    if not raw.startswith(b"{"):
        raise BundleError("header: a JSON object is needed, from its first byte on")
    try:
        return parse_object(raw.decode())
    except ValueError as error:
        raise BundleError(f"header: not JSON as expected: {error}") from None


def _tensors(
    header: dict[str, Any], body: memoryview
) -> dict[str, tuple[str, list[int], memoryview]]:
    entries = [_entry(name, entry, len(body)) for name, entry in header.items()]
    _check_spans(entries, len(body))  # before anything is copied
    tensors = {}
    for start, end, name, dtype, shape in entries:
        raw = bytes(body[start:end])  # a copy: aligned whatever the header's length
        tensors[name] = (dtype, shape, memoryview(raw).cast(_FORMATS[dtype]))
    return tensors


def _check_spans(entries: list[_Entry], n_bytes: int) -> None:
    """Refuse tensors that overlap, leave gaps or do not fill the file."""
    at = 0
    for start, end, name, *_ in sorted(entries):
        if start != at:
            raise BundleError(f"{name}: starts at byte {start}, the tensor before it ends at {at}")
        at = end
    if at != n_bytes:
        raise BundleError(f"file: {n_bytes - at} bytes after the last tensor")


def _entry(name: str, entry: Any, n_bytes: int) -> _Entry:
    if not _NAME.fullmatch(name):
        raise BundleError(f"header: {name!r:.40} is not a tensor's name")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise BundleError(f"{name}: dtype, shape and data_offsets are needed, and nothing else")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPE_BYTES:
        raise BundleError(f"{name}: dtype {dtype!r:.40}, one of {', '.join(DTYPE_BYTES)} is needed")
    for what, numbers in (("shape", shape), ("data_offsets", offsets)):
        if not isinstance(numbers, list) or not all(
            type(n) is int and 0 <= n <= MAX_FILE_BYTES for n in numbers
        ):
            raise BundleError(f"{name}: {what} must be whole numbers up to {MAX_FILE_BYTES}")
    if len(shape) > 2 or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise BundleError(f"{name}: at most two axes and two offsets in order are needed")
    start, end = offsets
    width = DTYPE_BYTES[dtype]
    if end - start != prod(shape) * width:
        raise BundleError(
            f"{name}: shape {shape} of {dtype} needs {prod(shape) * width} bytes, got {end - start}"
        )
    if end > n_bytes:
        raise BundleError(f"{name}: ends at byte {end} of {n_bytes}")
    if start % width:
        raise BundleError(f"{name}: offset {start} is not aligned for {dtype}")
    return _Entry(start, end, name, dtype, shape)
