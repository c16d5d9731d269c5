"""Rows of the table of faults in docs/formats.md are what happens."""

import json

import pytest

pytest.importorskip("anthropic")

from gateway.faults import FAULTS
from gateway.formats.faults import FORMATS, RESULTS, rows

ROWS = json.loads(RESULTS.read_text("utf-8"))
QUICK = ("cut", "400")


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        pytest.param(fault, name, marks=() if fault in QUICK else pytest.mark.full)
        for fault in FAULTS
        for name in FORMATS
    ],
)
def test_a_client_gets_what_the_table_says(fault, name):
    expected = [one for one in ROWS if (one["fault"], one["format"]) == (fault, name)]
    assert expected and rows(fault, name) == expected
