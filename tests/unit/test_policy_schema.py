"""docs/policy.schema.json and the reader of policies agree on what a policy is."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tiny_dancer.errors import PolicyError
from tiny_dancer.gateway.shadow.schema import is_valid
from tiny_dancer.policy import Certificate, Estimate, Policy, Target

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "policy.schema.json").read_text())
MADE = Certificate("quality_kept", 0.9, 0.05, 400, "betting", "m", "d", "b", "2026-01-01")
WHOLE = Policy(0.1, Target("quality_kept", 0.9), Estimate(0.97, 0.3, 400), MADE, "b" * 64).to_dict()
ODD = (None, True, -1, -3, 0, 1.5, 3, 1e10 + 0.5, "", "x", "x" * 201, [], {}, {"a": 1})


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for name, part in value.items():
            found += leaves(part, (*path, name))
    return found


def change(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    raw = copy.deepcopy(WHOLE)
    at: Any = raw
    for name in path[:-1]:
        at = at[name]
    if value is Ellipsis:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return raw


def is_read(raw: Any) -> bool:
    try:
        Policy.from_dict(raw)
    except PolicyError:
        return False
    return True


def test_what_is_written_is_of_the_schema_and_is_read_again():
    for policy in (Policy(-2.0), Policy.from_dict(WHOLE)):
        raw = json.loads(policy.to_json())
        assert is_valid(raw, SCHEMA) and Policy.from_dict(raw) == policy


@pytest.mark.parametrize("path", leaves(WHOLE), ids=".".join)
def test_the_schema_and_the_reader_refuse_the_same(path):
    """But for the range that depends on the measure, which a schema cannot say simply."""
    changed = [change(path, value) for value in (*ODD, Ellipsis)]
    changed.append(change((*path[:-1], "wish"), 1))
    verdicts = [is_read(raw) for raw in changed]
    assert False in verdicts
    for raw, verdict in zip(changed, verdicts, strict=True):
        if path[-1] in ("value", "alpha") and raw != WHOLE:
            assert is_valid(raw, SCHEMA) or not verdict
        else:
            assert is_valid(raw, SCHEMA) is verdict, raw


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("version",), 2, "version: 1 is needed, got 2"),
        (("threshold",), 7, "threshold: a number in"),
        (("certificate", "delta"), 2, r"certificate\.delta: a number in"),
        (("certificate", "date"), Ellipsis, "certificate: date is missing"),
        (("target", "measure"), "x", r"target\.measure: one of"),
        (("wish",), 1, "policy: unknown name 'wish'"),
    ],
)
def test_the_fault_is_named_by_its_path(path, value, said):
    with pytest.raises(PolicyError, match=said):
        Policy.from_dict(change(path, value))
