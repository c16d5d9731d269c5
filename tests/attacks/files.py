"""A small valid bundle, and ways to damage it: by its bytes, its header, its metadata, a tensor."""

import hashlib
import json
import re
import struct

from random_bundle import random_bundle, random_config, random_tensors

from tiny_dancer.model import write_bundle
from tiny_dancer.model.safetensors import parse, serialize
from tiny_dancer.policy import Policy

GOOD = random_bundle(1, v=60, n=32, candidates=True)
PLAIN = random_bundle(1, v=60, n=32)
"""The same without the group that scores candidates."""

_TENSORS = random_tensors(1, v=60, n=32)
_ROWS = struct.pack("<960f", *(0.01 * x for x in memoryview(_TENSORS["token.rows"][1]).cast("b")))
FLOAT = write_bundle(
    {name: tensor for name, tensor in _TENSORS.items() if name != "token.scales"}
    | {"token.rows": ([60, 16], _ROWS)},
    random_config(),
    Policy(0.25),
    {},
)
"""A float model."""

_HASH = re.compile(rb'"sha256": ?"([^"]{64})"')


def sealed(data):
    """The file with its hash made right, where it still has the place for one."""
    if _HASH.search(data) is None:
        return data
    return with_hash(data, hashlib.sha256(with_hash(data, "0" * 64)).hexdigest())


def with_hash(data, digits):
    """The file with these digits in the place of its hash."""
    start, end = _HASH.search(data).span(1)
    return data[:start] + digits.encode() + data[end:]


def split(data):
    """The header's text and what stands behind it."""
    end = 8 + int.from_bytes(data[:8], "little")
    return data[8:end], data[end:]


def joined(header, body):
    return len(header).to_bytes(8, "little") + header + body


def container(entries, body=bytes(4), metadata=None):
    """A file of these tensor entries, whatever they say."""
    header = {"__metadata__": metadata or {"format": "x"}, **entries}
    return joined(json.dumps(header).encode(), body)


def with_header(change, data=GOOD):
    """The file after `change(header)`, a dict; the tensors' bytes stay."""
    header, body = split(data)
    value = json.loads(header)
    change(value)
    return sealed(joined(json.dumps(value).encode(), body))


def rewritten(*changes, data=GOOD):
    """The file after each `change(metadata, tensors)`, laid out and sealed again."""
    metadata, entries = parse(data)
    tensors = {name: (dtype, shape, bytes(raw)) for name, (dtype, shape, raw) in entries.items()}
    for change in changes:
        change(metadata, tensors)
    return sealed(serialize(metadata, tensors))


def set_metadata(name, value):
    return lambda metadata, _: metadata.__setitem__(name, value)


def set_config(**values):
    def change(metadata, _):
        metadata["config"] = json.dumps(json.loads(metadata["config"]) | values)

    return change


def set_candidate(**values):
    def change(metadata, _):
        config = json.loads(metadata["config"])
        config["candidate"] |= values
        metadata["config"] = json.dumps(config)

    return change


def drop(*names):
    def change(_, tensors):
        for name in names:
            del tensors[name]

    return change


def set_tensor(name, dtype, shape, raw):
    return lambda _, tensors: tensors.__setitem__(name, (dtype, shape, raw))


def set_element(name, index, value):
    """One element of a tensor set to a number, or to bytes."""

    def change(_, tensors):
        dtype, shape, raw = tensors[name]
        code = {"F32": "<f", "U16": "<H", "U8": "<B", "I8": "<b"}[dtype]
        at = index * struct.calcsize(code)
        new = struct.pack(code, value)
        tensors[name] = (dtype, shape, raw[:at] + new + raw[at + len(new) :])

    return change
