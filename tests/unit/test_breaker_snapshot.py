"""A breaker's state survives its JSON; anything else is refused by name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiny_dancer.breaker.snapshot import from_json, to_json
from tiny_dancer.breaker.state import BreakerState, Bucket, Mode, Probe
from tiny_dancer.errors import SchemaError, StoreCorruptError

TIME = st.floats(0, 1e10)
COUNT = st.integers(0, 1 << 40)
BUCKET = st.builds(lambda s, c: Bucket(s, c, c // 2, c // 3), TIME, COUNT)
PROBE = st.builds(Probe, st.text("abc-0", min_size=1, max_size=200), TIME, TIME)
STATE = st.builds(
    BreakerState,
    mode=st.sampled_from(Mode),
    consecutive=COUNT,
    window=st.lists(BUCKET, max_size=60).map(tuple),
    opened_at=TIME,
    open_for=TIME,
    attempts=COUNT,
    openings=COUNT,
    probes=st.lists(PROBE, max_size=3).map(tuple),
    answered=COUNT,
)


@given(STATE)
def test_round_trip(state: BreakerState) -> None:
    assert from_json(to_json(state)) == state


def test_a_newer_version_is_told_from_damage() -> None:
    raw = json.loads(to_json(BreakerState())) | {"version": 2, "more": 1}
    with pytest.raises(SchemaError, match="version 2"):
        from_json(json.dumps(raw))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"version": "1"}, "version"),
        ({"version": True}, "version"),
        ({"mode": "ajar"}, "mode"),
        ({"consecutive": -1}, "consecutive"),
        ({"attempts": 1.5}, "attempts"),
        ({"opened_at": "now"}, "opened_at"),
        ({"open_for": float("nan")}, "NaN is not a number"),
        ({"window": [[0, 1, 2, 0]]}, "window"),
        ({"window": [[0, 1]]}, r"window\[0\]"),
        ({"window": [[0, 1, 1, 0]] * 61}, "window"),
        ({"leases": [["", 1, 2]]}, "leases"),
        ({"leases": {}}, "leases"),
        ({"extra": 1}, "'extra' is unknown"),
    ],
)
def test_every_fault_is_named(change: dict[str, object], fault: str) -> None:
    raw = json.loads(to_json(BreakerState())) | change
    with pytest.raises(StoreCorruptError, match=fault):
        from_json(json.dumps(raw))


@pytest.mark.parametrize("text", ["", "null", "[]", '{"version":1}', "[" * 50_000, "x" * 70_000])
def test_what_is_no_snapshot_is_refused(text: str) -> None:
    with pytest.raises(StoreCorruptError):
        from_json(text)
