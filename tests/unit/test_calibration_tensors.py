"""Calibration rows become tensors that a bundle takes, and come back as they went in."""

from array import array

import pytest
from random_bundle import random_bundle

from tiny_dancer.calibration.conformal import Calibration
from tiny_dancer.calibration.tensors import calibration_tensors, candidate_tensors
from tiny_dancer.model import read_bundle, write_bundle


def floats(tensor):
    return array("f", tensor[1]).tolist()


def test_rows_are_sorted_and_keep_their_class():
    quality = [(0.5, 1.0), (0.499, 0.0), (0.0, 1.0)]
    made = calibration_tensors([0.5, 0.125, 0.5], [0.75, 0.5, 0.25], quality, 2)
    assert floats(made["calibration.score"]) == [0.125, 0.5, 0.5]
    assert floats(made["calibration.confidence"]) == [0.5, 0.25, 0.75]
    assert list(made["calibration.quality"][1]) == [127, 0, 0, 255, 128, 255]


def test_no_rows_are_tensors_too():
    made = calibration_tensors([], [], [], 3)
    assert made["calibration.quality"] == ([0, 3], b"")
    assert made["calibration.interval"][0] == [1, 2]


def test_candidates_are_sorted_by_probability():
    made = candidate_tensors([0.75, 0.25], [True, False])
    assert floats(made["candidate.calibration.confidence"]) == [0.25, 0.75]
    assert made["candidate.calibration.works"][1] == bytes([0, 1])


def test_a_bundle_with_other_rows_answers_by_them_and_is_otherwise_the_same():
    before = read_bundle(random_bundle(1))
    quality = [(float(i % 2), 1.0) for i in range(40)]
    rows = calibration_tensors([i / 40 for i in range(40)], [i / 40 for i in range(40)], quality, 2)
    after = read_bundle(write_bundle(*before.with_(rows, provenance={"rows": "mine"})))
    assert {name for name in after.tensors if after.tensors[name] != before.tensors[name]} <= {
        *rows
    }
    assert after.provenance == {**before.provenance, "rows": "mine"}
    assert after.config == before.config
    assert Calibration.of(after).uncertainty(0.0) == 1.0
    assert Calibration.of(after).uncertainty(1.0) == pytest.approx(1 / 21)


def test_a_bundle_with_nothing_changed_is_the_same_file():
    data = random_bundle(2)
    assert write_bundle(*read_bundle(data).with_()) == data
