"""The safetensors container: a length, a JSON header, tensors back to back. Bounded and strict."""

import json
from collections.abc import Mapping
from math import prod
from typing import Any, Final

from ..errors import BundleError
from .spec import DTYPE_BYTES, MAX_FILE_BYTES, MAX_HEADER_BYTES

_FORMATS: Final[dict[str, Any]] = {"U8": "B", "I8": "b", "U16": "H", "F32": "f"}


def parse(data: bytes) -> tuple[dict[str, str], dict[str, tuple[str, list[int], memoryview]]]:
    """Split a file into its metadata and its tensors (dtype, shape, flat elements).

    Raises:
        BundleError: the container is malformed; the message names the fault.
    """
    if len(data) > MAX_FILE_BYTES:
        raise BundleError(f"file: {len(data)} bytes, at most {MAX_FILE_BYTES} are allowed")
    if len(data) < 8:
        raise BundleError(f"file: {len(data)} bytes, too short for a header length")
    length = int.from_bytes(data[:8], "little")
    if length > min(MAX_HEADER_BYTES, len(data) - 8):
        raise BundleError(
            f"header: length {length} exceeds the file or the bound of {MAX_HEADER_BYTES} bytes"
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
    try:
        header = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"header: not JSON as expected: {error}") from None
    if not isinstance(header, dict):
        raise BundleError("header: a JSON object is needed")
    return header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name occurs twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _tensors(
    header: dict[str, Any], body: memoryview
) -> dict[str, tuple[str, list[int], memoryview]]:
    spans, tensors = [], {}
    for name, entry in header.items():
        dtype, shape, start, end = _entry(name, entry)
        size = prod(shape) * DTYPE_BYTES[dtype]
        if end - start != size:
            raise BundleError(
                f"{name}: shape {shape} of {dtype} needs {size} bytes, got {end - start}"
            )
        if end > len(body):
            raise BundleError(f"{name}: ends at byte {end} of {len(body)}")
        if start % DTYPE_BYTES[dtype]:
            raise BundleError(f"{name}: offset {start} is not aligned for {dtype}")
        spans.append((start, end, name))
        raw = bytes(body[start:end])  # a copy: aligned whatever the header's length
        tensors[name] = (dtype, shape, memoryview(raw).cast(_FORMATS[dtype]))
    at = 0
    for start, end, name in sorted(spans):
        if start != at:
            raise BundleError(f"{name}: starts at byte {start}, the tensor before it ends at {at}")
        at = end
    if at != len(body):
        raise BundleError(f"file: {len(body) - at} bytes after the last tensor")
    return tensors


def _entry(name: str, entry: Any) -> tuple[str, list[int], int, int]:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise BundleError(f"{name}: dtype, shape and data_offsets are needed, and nothing else")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPE_BYTES:
        raise BundleError(f"{name}: dtype {dtype!r}, one of {', '.join(DTYPE_BYTES)} is needed")
    for what, numbers in (("shape", shape), ("data_offsets", offsets)):
        if not isinstance(numbers, list) or not all(
            type(n) is int and 0 <= n <= MAX_FILE_BYTES for n in numbers
        ):
            raise BundleError(f"{name}: {what} must be whole numbers up to {MAX_FILE_BYTES}")
    if len(shape) > 2 or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise BundleError(f"{name}: at most two axes and two offsets in order are needed")
    return dtype, shape, offsets[0], offsets[1]
