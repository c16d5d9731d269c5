"""docs/bundle.md says what model/spec.py says."""

import re
from pathlib import Path

from tiny_dancer.model.read import _METADATA
from tiny_dancer.model.spec import (
    CANDIDATE_TENSORS,
    FLOAT_TENSORS,
    MAX_FILE_BYTES,
    MAX_HEADER_BYTES,
    SYMBOLS,
    TENSORS,
)
from tiny_dancer.strict_json import MAX_DEPTH

PAGE = (Path(__file__).parents[2] / "docs/bundle.md").read_text("utf-8")
TENSOR = re.compile(r"^\| `([\w.]+)` \| (U8|I8|U16|F32) \| ([^|]+) \|([^|]*)\|", re.M)
SIZE = re.compile(r"^\| ([A-Z]) \| [^|]+ \| ([\d,]+) \| ([\d,]+) \|", re.M)


def test_the_tables_list_every_tensor_as_the_reader_wants_it():
    listed = {
        name: (dtype, tuple(shape.split(", ")), float(bound.strip() or 0))
        for name, dtype, shape, bound in TENSOR.findall(PAGE)
    }
    wanted = TENSORS | CANDIDATE_TENSORS
    assert list(listed) == list(wanted)
    assert listed == {name: (t.dtype, t.shape, t.bound) for name, t in wanted.items()}


def test_the_sizes_have_the_bounds_that_the_reader_checks():
    listed = {
        symbol: tuple(int(bound.replace(",", "")) for bound in bounds)
        for symbol, *bounds in SIZE.findall(PAGE)
    }
    assert listed == {symbol: (sizes[0], sizes[-1]) for symbol, sizes in SYMBOLS.items()}


def test_the_bounds_of_the_container_and_the_metadata_are_those_of_the_reader():
    assert f"| file | {MAX_FILE_BYTES:,} bytes |" in PAGE
    assert f"| header | {MAX_HEADER_BYTES:,} bytes |" in PAGE
    assert f"{MAX_DEPTH} objects or arrays inside one another" in PAGE
    assert f"with bound {FLOAT_TENSORS['token.rows'].bound:,.0f}" in PAGE
    section = PAGE[PAGE.index("## Metadata") : PAGE.index("| `config` | what |")]
    assert re.findall(r"^\| `(\w+)` \|", section, re.M) == list(_METADATA)
