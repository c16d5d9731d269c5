"""Attacks on the container: length, header, entries, offsets. The hash plays no part in them."""

import json

from attacks.files import GOOD, container, joined, split, with_header

MIB = 1 << 20
U8 = {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}
HEADER, BODY = split(GOOD)


def entry(**fields):
    return container({"t": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} | fields})


def moved(name, by):
    def change(header):
        start, end = header[name]["data_offsets"]
        header[name]["data_offsets"] = [start + by, end + by]

    return with_header(change)


def swapped(name, other):
    """Two tensors of one type trade places, which makes them overlap others."""

    def change(header):
        start, end = header[name]["data_offsets"]
        first = header[other]["data_offsets"][0]
        header[name]["data_offsets"] = [first, first + end - start]

    return with_header(change)


CONTAINERS = {
    "empty file": (b"", "file: 0 bytes, too short"),
    "half a length": (GOOD[:7], "file: 7 bytes, too short"),
    "header as long as 64 bits allow": (b"\xff" * 8 + GOOD[8:], "header: length 1844"),
    "header beyond the end": (joined(HEADER, b"")[:-1], "header: length .* exceeds the file"),
    "header above its bound": (joined(b"{" + b" " * 65_536, b""), "header: length 65537 exceeds"),
    "length of a terabyte": ((1 << 40).to_bytes(8, "little") + b"{}", "header: length 1099511"),
    "file above its bound": (bytes(8 * MIB + 1), "file: longer than the bound of 8388608"),
    "header not UTF-8": (joined(b'{"\xff":1}', BODY), "header: not JSON.*utf-8"),
    "header in UTF-16": (joined("{}".encode("utf-16"), BODY), "header: a JSON object is needed"),
    "header behind a byte order mark": (joined(b"\xef\xbb\xbf" + HEADER, BODY), "header: a JSON"),
    "header behind a space": (joined(b" " + HEADER, BODY), "header: a JSON object is needed, from"),
    "header with something behind it": (joined(HEADER + b"{}", BODY), "header: not JSON.*Extra"),
    "header cut short": (joined(HEADER[:-40], HEADER[-40:] + BODY), "header: not JSON"),
    "header a list": (joined(b"[]", b""), "header: a JSON object is needed"),
    "header of zeros": (joined(bytes(64), b""), "header: a JSON object is needed"),
    "lists nested sixty thousand deep": (
        joined(b'{"a":' + b"[" * 60_000, b""),
        "header: not JSON.*nested deeper",
    ),
    "objects nested seventeen deep": (
        joined(b'{"a":' * 17 + b"1" + b"}" * 17, b""),
        "header: not JSON.*nested deeper than 16",
    ),
    "number of 60,000 digits": (joined(b'{"a":' + b"9" * 60_000 + b"}", b""), "header: not JSON"),
    "NaN in the header": (joined(b'{"a":NaN}', b""), "header: not JSON.*NaN is not a number"),
    "number above all floats": (joined(b'{"a":1e999}', b""), "header: not JSON.*1e999 is too"),
    "half a surrogate pair": (joined(b'{"a":"\\ud800"}', b""), "header: not JSON.*surrogates"),
    "metadata twice": (
        joined(b'{"__metadata__":{},"__metadata__":{}}', b""),
        "header: not JSON.*a name occurs twice",
    ),
    "tensor twice": (
        joined(HEADER.rstrip()[:-1] + b',"cell.u":' + json.dumps(U8).encode() + b"}", BODY),
        "header: not JSON.*a name occurs twice",
    ),
    "no metadata": (joined(b"{}", b""), "header: __metadata__ must map"),
    "metadata a list": (joined(b'{"__metadata__":[]}', b""), "header: __metadata__ must map"),
    "metadata of numbers": (joined(b'{"__metadata__":{"a":1}}', b""), "header: __metadata__ must"),
    "tensor without a name": (container({"": U8}), "header: '' is not a tensor's name"),
    "name that moves the cursor": (container({"\x1b[2J": U8}), r"header: '\\x1b\[2J' is not"),
    "name of 50,000 letters": (container({"t" * 50_000: U8}), "header: 't{39} is not a tensor's"),
    "entry a number": (container({"t": 5}), "t: dtype, shape and data_offsets are needed"),
    "entry without offsets": (
        container({"t": {"dtype": "U8", "shape": [4]}}),
        "t: dtype, shape and data_offsets are needed",
    ),
    "entry with one name more": (entry(byte_order="big"), "t: dtype, shape .* nothing else"),
    "unknown dtype": (entry(dtype="F64"), "t: dtype 'F64', one of"),
    "dtype a list": (entry(dtype=["F32"]), "t: dtype .*, one of"),
    "dtype of 50,000 letters": (entry(dtype="F" * 50_000), "t: dtype 'F{39}, one of"),
    "size of a terabyte": (entry(shape=[1 << 40]), "t: shape must be whole numbers up to 8388608"),
    "sizes whose product is a terabyte": (
        entry(shape=[MIB, MIB]),
        r"t: shape \[1048576, 1048576\] of F32 needs 4398046511104 bytes, got 4",
    ),
    "product that is 4 in 64 bits": (
        entry(shape=[(1 << 62) + 1], data_offsets=[0, 4]),
        "t: shape must be whole numbers",
    ),
    "size below zero": (entry(shape=[-1]), "t: shape must be whole numbers"),
    "size with a fraction": (entry(shape=[1.0]), "t: shape must be whole numbers"),
    "size true": (entry(shape=[True]), "t: shape must be whole numbers"),
    "size a text": (entry(shape="1"), "t: shape must be whole numbers"),
    "five thousand axes": (entry(shape=[1] * 5_000), "t: at most two axes"),
    "offsets backwards": (entry(data_offsets=[4, 0]), "t: .*two offsets in order"),
    "three offsets": (entry(data_offsets=[0, 2, 4]), "t: .*two offsets in order"),
    "offset below zero": (entry(data_offsets=[-4, 0]), "t: data_offsets must be whole numbers"),
    "offsets beyond the bound": (
        entry(data_offsets=[1 << 40, (1 << 40) + 4]),
        "t: data_offsets must be whole numbers up to",
    ),
    "tensor beyond the end": (
        entry(shape=[2], data_offsets=[0, 8]),
        "t: ends at byte 8 of 4",
    ),
    "last tensor cut": (GOOD[:-1], "ends at byte"),
    "tensor not aligned": (
        container({"a": {**U8, "shape": [1], "data_offsets": [0, 1]},
                   "t": {"dtype": "U16", "shape": [1], "data_offsets": [1, 3]}}, bytes(3)),
        "t: offset 1 is not aligned for U16",
    ),
    "gap before the first": (
        container({"t": {**U8, "data_offsets": [2, 4]}}),
        "t: starts at byte 2, the tensor before it ends at 0",
    ),
    "gap between two": (
        container({"a": {**U8, "shape": [1], "data_offsets": [0, 1]},
                   "t": {**U8, "data_offsets": [2, 4]}}),
        "t: starts at byte 2, the tensor before it ends at 1",
    ),
    "something behind the last": (container({"t": U8}), "file: 2 bytes after the last tensor"),
    "two on one place": (
        container({"a": {**U8, "shape": [4], "data_offsets": [0, 4]},
                   "t": {**U8, "shape": [4], "data_offsets": [0, 4]}}),
        "t: starts at byte 0, the tensor before it ends at 4",
    ),
    "one inside another": (
        container({"a": {**U8, "shape": [4], "data_offsets": [0, 4]},
                   "t": {**U8, "data_offsets": [1, 3]}}),
        "t: starts at byte 1, the tensor before it ends at 4",
    ),
    "biases on the weights' place": (swapped("cell.bias_z", "cell.u"), "starts at byte"),
    "weights moved by one": (moved("cell.u", 4), "starts at byte"),
}  # fmt: skip
"""Name: a file, and the fault that must be named."""
