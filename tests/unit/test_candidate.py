"""Candidates: what is accepted, and how a fault is named."""

from array import array

import numpy as np
import pytest

from tiny_dancer.candidate import Candidate
from tiny_dancer.errors import InvalidInputError


@pytest.mark.parametrize(
    "values",
    [
        [0.5, 1, -2],
        (0.5, 1.0, -2.0),
        array("f", [0.5, 1, -2]),
        array("d", [0.5, 1, -2]),
        memoryview(array("d", [0.5, 1, -2])),
        np.array([0.5, 1, -2], np.float32),
        np.array([0.5, 1, -2], np.float64),
        np.array([0.5, 9, 1, 9, -2, 9], np.float32)[::2],
    ],
)
def test_anything_that_holds_floats_becomes_float32(values):
    assert Candidate(id="a", embedding=values).embedding == array("f", [0.5, 1, -2])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": ""}, "id must be"),
        ({"id": 7}, "id must be"),
        ({"embedding": None}, "exactly one"),
        ({"text": "x"}, "exactly one"),
        ({"embedding": None, "text": b"x"}, "text must be a str"),
        ({"embedding": []}, "has 0 numbers"),
        ({"embedding": [0.0] * 2049}, "has 2049 numbers"),
        ({"embedding": [0.0, float("nan")]}, "not finite as float32 at index 1"),
        ({"embedding": [1e300]}, "not finite|too large|must hold numbers"),
        ({"embedding": ["x"]}, "must hold numbers"),
        ({"embedding": "abc"}, "must be a buffer"),
        ({"embedding": b"abcd"}, "one row of float32"),
        ({"embedding": np.zeros((2, 2), np.float32)}, "2 axes"),
        ({"embedding": np.zeros(2, np.int32)}, "axes of 'i'"),
        ({"embedding": 5}, "must be a buffer"),
        ({"metadata": {"a": 1}}, "metadata must map"),
        ({"metadata": [("a", "b")]}, "metadata must map"),
        ({"created_at": "now"}, "created_at"),
        ({"created_at": float("nan")}, "created_at"),
        ({"access_count": -1}, "access_count"),
        ({"access_count": 1.0}, "access_count"),
        ({"success_rate": 1.5}, "success_rate"),
        ({"success_rate": True}, "success_rate"),
    ],
)
def test_a_malformed_field_is_named(fields, message):
    with pytest.raises(InvalidInputError, match=message):
        Candidate(**{"id": "faq-12", "embedding": [1.0], **fields})


def test_the_message_names_the_candidate():
    with pytest.raises(InvalidInputError, match='candidate "faq-12"'):
        Candidate(id="faq-12", embedding=[])
