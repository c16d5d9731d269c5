"""Exports as people send them: imported whole, or refused by line and field; nothing half read."""

import asyncio
import json

import pytest
from stores.samples import candidate, decision

from tiny_dancer.errors import InvalidInputError, SchemaError
from tiny_dancer.history import MemoryStore, Outcome
from tiny_dancer.history.readings.export import export_lines, import_lines

HUGE = 10**400


async def filled() -> list[str]:
    store = MemoryStore()
    await store.record_routings([decision(n) for n in range(3)])
    await store.record_outcomes([Outcome(decision_id="d-1", at=9.0, scores={"light": 1.0})])
    await store.insert_candidates([candidate(1)])
    return [line async for line in export_lines(store)]


GOOD = asyncio.run(filled())
DECISION = next(at for at, line in enumerate(GOOD) if '"type":"decision"' in line)
CANDIDATE = next(at for at, line in enumerate(GOOD) if '"type":"candidate"' in line)


def changed(line: int = DECISION, /, **fields) -> list[str]:
    """The export with some fields of a line set anew; None takes a field away."""
    row = {k: v for k, v in {**json.loads(GOOD[line]), **fields}.items() if v != "gone"}
    return [*GOOD[:line], json.dumps(row) + "\n", *GOOD[line + 1 :]]


def replaced(text: str, at: int = DECISION) -> list[str]:
    return [*GOOD[:at], text, *GOOD[at + 1 :]]


RIGHT = {
    "as it was written": GOOD,
    "a byte order mark": ["\ufeff" + GOOD[0], *GOOD[1:]],
    "CRLF": [line.replace("\n", "\r\n") for line in GOOD],
    "no last line break": [*GOOD[:-1], GOOD[-1].rstrip()],
    "spaces inside": [json.dumps(json.loads(line)) for line in GOOD],
}
LINE = f"line {DECISION + 1}: "
WRONG = {
    "cut line": (replaced(GOOD[DECISION][:-9]), LINE + "not JSON"),
    "not JSON": (replaced("{'a': 1}"), LINE + "not JSON: this is no JSON (column 2)"),
    "empty line": (replaced("\n"), LINE + "not JSON"),
    "an array": (replaced("[]"), LINE + "an object is needed"),
    "a text": (replaced('"x"'), LINE + "an object is needed"),
    "two a line": (replaced(GOOD[DECISION].strip() * 2), LINE + "not JSON: Extra data"),
    "a name twice": (replaced('{"type":"decision","type":"event"}'), LINE + "not JSON: a name"),
    "deep": (replaced("[" * 9_000), LINE + "not JSON: nested deeper"),
    "NaN": (replaced(GOOD[DECISION].replace('"at":', '"at":NaN,"x":')), LINE + "not JSON: NaN"),
    "zero byte": (changed(reason="a\0b"), LINE + "decision: reason"),
    "lone surrogate": (replaced('{"type":"\\ud800"}'), LINE + "a lone surrogate"),
    "another kind": (changed(type="song"), LINE + "type: one of"),
    "no kind": (changed(type="gone"), LINE + "type: one of"),
    "kind is a list": (changed(type=["decision"]), LINE + "type: one of"),
    "extra column": (changed(colour="red"), LINE + "decision: 'colour' is no field of it"),
    "missing column": (changed(model="gone"), LINE + "decision: "),
    "text for a number": (changed(at="today"), LINE + "decision: at"),
    "true for a number": (changed(at=True), LINE + "decision: at"),
    "list for a text": (changed(model=["light"]), LINE + "decision: model"),
    "number out of range": (changed(confidence=7.0), LINE + "decision: confidence"),
    "400 digits": (changed(at=HUGE), LINE + "not JSON: a number of 401 digits is too large"),
    "200 digits": (changed(at=10**199), LINE + "decision: at"),
    "1e400": (replaced(GOOD[DECISION].replace('"at":', '"at":1e400,"x":')), "too large a number"),
    "name too long": (changed(decision_id="d" * 300), LINE + "decision: decision_id"),
    "name empty": (changed(decision_id=""), LINE + "decision: decision_id"),
    "milliseconds": (changed(CANDIDATE, created_at=1.79e12), "candidate 'c-1': created_at"),
    "metadata cut": (changed(CANDIDATE, metadata='{"a"'), "candidate: metadata"),
    "metadata deep": (changed(CANDIDATE, metadata="[" * 9_000), "candidate: metadata"),
    "metadata digits": (changed(CANDIDATE, metadata='{"a": ' + "9" * 5_000 + "}"), "candidate: "),
    "embedding damaged": (changed(CANDIDATE, embedding="!!"), "candidate: embedding"),
    "too long": (replaced(" " * (5 << 20)), LINE + "longer than 4194304 characters"),
    "nothing": ([], "export: it is empty"),
    "no header": (GOOD[1:], 'line 1: format "tiny-dancer-history" and a version are needed'),
    "CSV": (["prompt,mini,large\n", "a,0,1\n"], "line 1: not JSON"),
    "labels": (['{"prompt": "a", "mini": 1}\n'], 'line 1: format "tiny-dancer-history"'),
    "version as text": (['{"format":"tiny-dancer-history","version":"1"}'], "line 1: format"),
    "version 0": (['{"format":"tiny-dancer-history","version":0}'], "line 1: format"),
    "an LFS pointer": (["version https://git-lfs.github.com/spec/v1\n"], "line 1: not JSON"),
    "a page": (["<!doctype html>\n"], "line 1: not JSON"),
}


def imported(lines: list[str]) -> dict[str, int]:
    return asyncio.run(import_lines(MemoryStore(), lines))


@pytest.mark.parametrize("lines", RIGHT.values(), ids=RIGHT)
def test_it_is_imported_whole(lines):
    assert sum(imported(lines).values()) == len(GOOD) - 1


@pytest.mark.parametrize(("lines", "says"), WRONG.values(), ids=WRONG)
def test_it_is_refused_by_line_and_field(lines, says):
    with pytest.raises(InvalidInputError) as caught:
        imported(lines)
    assert says in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400


def test_a_newer_version_is_another_error():
    with pytest.raises(SchemaError, match="version 2, this version of tiny_dancer knows 1"):
        imported([GOOD[0].replace('"version":1', '"version":2'), *GOOD[1:]])
