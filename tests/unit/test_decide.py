"""The choice by threshold and by gate."""

import pytest

from tiny_dancer import Policy, Reason
from tiny_dancer.policy import Gate, by_gate, by_policy


@pytest.mark.parametrize(
    ("scores", "threshold", "choice"),
    [
        ((0.2, 0.0), 0.2, 0),
        ((0.21, 0.0), 0.2, 1),
        ((0.5, 0.3, 0.1), 0.5, 0),
        ((0.5, 0.3, 0.1), 0.3, 1),
        ((0.5, 0.3, 0.1), 0.1, 2),
        ((0.5, 0.3, 0.1), -2.0, 2),
    ],
)
def test_cheapest_model_within_the_threshold_is_chosen(scores, threshold, choice):
    index, reason = by_policy(scores, Policy(threshold))
    assert index == choice
    last = choice == len(scores) - 1
    assert reason == (Reason.ABOVE_THRESHOLD if last else Reason.BELOW_THRESHOLD)


def test_choice_never_gets_dearer_as_the_threshold_grows():
    scores = (0.4, 0.45, 0.1)
    choices = [by_policy(scores, Policy(t / 100))[0] for t in range(-100, 101)]
    assert choices == sorted(choices, reverse=True)


@pytest.mark.parametrize(
    ("gate", "choice", "reason"),
    [
        (Gate(0.8, None), 0, Reason.GATE_PASSED),
        (Gate(0.81, None), 1, Reason.GATE_CONFIDENCE),
        (Gate(None, 0.15), 0, Reason.GATE_PASSED),
        (Gate(None, 0.14), 1, Reason.GATE_UNCERTAINTY),
        (Gate(0.81, 0.14), 1, Reason.GATE_CONFIDENCE),
        (Gate(0.8, 0.15), 0, Reason.GATE_PASSED),
    ],
)
def test_gate_needs_both_bounds_and_an_unset_one_does_not_bind(gate, choice, reason):
    assert by_gate(0.8, 0.15, gate, 1) == (choice, reason)


def test_gate_takes_a_missing_uncertainty_for_doubt():
    assert by_gate(1.0, None, Gate(0.5, 0.5), 1) == (1, Reason.GATE_UNCERTAINTY)
