"""Each row of the table in docs/gateway.md is what happens."""

import json

import pytest
from gateway.faults import FAULTS, RESULTS, row

ROWS = json.loads(RESULTS.read_text())


def quick(one):
    """A diagonal through the table; the rest runs with the long tests."""
    return one["stream"] != one["fallback"]


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(
            one,
            id=f"{one['fault']}, stream {one['stream']}, fallback {one['fallback']}",
            marks=() if quick(one) else pytest.mark.full,
        )
        for one in ROWS
    ],
)
def test_a_client_gets_what_the_table_says(expected):
    assert (
        row(expected["fault"], stream=expected["stream"], fallback=expected["fallback"]) == expected
    )


def test_the_table_is_complete_and_loses_no_decision():
    assert {one["fault"] for one in ROWS} == set(FAULTS)
    assert all(one["in_history"] == 1 for one in ROWS)
