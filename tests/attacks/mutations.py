"""Seeded damage to a file: bytes changed, cut, inserted, swapped; numbers edited; tensors set."""

import json
import math
import re
import struct

from attacks.files import joined, split

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_NUMBERS = (
    *(0, 1, -1, 2, 3, 16, 17, 64, 255, 32_768, 1 << 20, 1 << 23, 1 << 31, 1 << 32, 1 << 62),
    *(0.5, -0.0, 1e-320, 1e12, 1e300, "1e999", "NaN", "-Infinity", "null", "true", '"1"', "[]"),
)
_FLOATS = (
    *(0.0, -0.0, 1.0, -1.0, 0.5, math.nan, math.inf, -math.inf, 1e-45, -1e-45, 1.2e-38, 1e-20),
    *(999.0, -999.0, 1e3, -1e3, 1001.0, 1e6, -1e6, 2.0, 3.4e38),
)


def mutated(data, generator):
    """The file after one to three kinds of damage; it differs from what was given."""
    while True:
        changed = data
        for _ in range(generator.choice((1, 1, 1, 2, 3))):
            changed = generator.choice(_KINDS)(changed, generator)
        if changed != data:
            return changed


def _place(data, generator):
    """A byte of the file: of its first half, where names and offsets are, as often as of all."""
    return generator.randrange(len(data) // generator.choice((1, 2)))


def _span(data, generator):
    start = _place(data, generator)
    return start, min(len(data), start + generator.choice((1, 2, 4, 8, 64, 1_000)))


def _flip(data, generator):
    changed = bytearray(data)
    at = _place(data, generator)
    changed[at] ^= generator.choice((1 << generator.randrange(8), generator.randrange(256)))
    return bytes(changed)


def _cut(data, generator):
    start, end = _span(data, generator)
    return data[:start] + data[end:]


def _insert(data, generator):
    at = _place(data, generator)
    start, end = _span(data, generator)
    return data[:at] + generator.choice((data[start:end], bytes(end - start))) + data[at:]


def _swap(data, generator):
    size = generator.choice((1, 4, 16))
    first, second = sorted(_place(data, generator) for _ in range(2))
    a, b = data[first : first + size], data[second : second + size]
    if second < first + size or len(b) < size:
        return data
    return data[:first] + b + data[first + size : second] + a + data[second + size :]


def _edit_number(data, generator):
    """Another number in the header, or in the JSON that stands in its metadata."""
    header, body = split(data)
    found = [match.span() for match in _NUMBER.finditer(header)]
    if not found:
        return data
    start, end = generator.choice(found)
    old = header[start:end]
    near = int(float(old)) + generator.choice((-4, -1, 1, 4)) if len(old) < 15 else 7
    new = str(generator.choice((near, near, generator.choice(_NUMBERS)))).encode()
    return joined(header[:start] + new + header[end:], body)


def _edit_metadata(data, generator):
    """Constants, policy or provenance damaged inside a header that stays in order."""
    header, body = split(data)
    try:
        value = json.loads(header)
        metadata = value["__metadata__"]
        name = generator.choice(("config", "policy", "provenance"))
        text = joined(metadata[name].encode(), b"")
        kind = generator.choice((_edit_number, _edit_number, _flip, _cut, _insert))
        metadata[name] = split(kind(text, generator))[0].decode()
    except (ValueError, KeyError, TypeError, AttributeError):
        return data  # damaged before, or no text any more
    return joined(json.dumps(value).encode(), body)


def _set_elements(data, generator):
    """Some elements of a tensor set to numbers at, within and beyond their bounds."""
    header, body = split(data)
    try:
        entries = json.loads(header)
        name = generator.choice(sorted(entries.keys() - {"__metadata__"}))
        start, end = entries[name]["data_offsets"]
        width = {"F32": 4, "U16": 2}.get(entries[name]["dtype"], 1)
        count = (end - start) // width
        changed = bytearray(body)
        for _ in range(generator.choice((1, 1, 5, 50))):
            at = start + width * generator.randrange(count)
            changed[at : at + width] = _element(width, generator)
    except (ValueError, KeyError, TypeError, AttributeError):
        return data  # damaged before
    return joined(header, bytes(changed))


def _element(width, generator):
    if width == 4:
        value = generator.choice((generator.choice(_FLOATS), generator.gauss(0, 1)))
        return struct.pack("<f", value)
    return generator.choice((bytes(width), b"\xff" * width, generator.randbytes(width)))


_KINDS = (
    *(_flip, _flip, _cut, _insert, _swap),
    *(_edit_number, _edit_number, _edit_metadata, _edit_metadata, *[_set_elements] * 4),
)
