"""A distribution whose maximum is the choice, whatever the scores, threshold and labels."""

from math import isclose, nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.test_decide import numbers, rule

from tiny_dancer import Reason
from tiny_dancer.policy import Choice, Gate, decide
from tiny_dancer.policy.distribution import BELOW_HALF, distribute, measure_support

SCORE = st.floats(-1, 1, width=32)


def decided(scores, rule):
    """The numbers, their support, and what is decided by them."""
    one = numbers(scores)
    return one, measure_support(one, rule), decide(one, rule)


@given(st.lists(SCORE, min_size=2, max_size=8), st.floats(-2, 2))
def test_the_maximum_is_the_choice_and_the_sum_is_one(scores, threshold):
    one, support, choice = decided(scores, rule(threshold))
    taken, probabilities = distribute(one.models, support, choice, range(len(scores)))
    assert one.models[taken] == choice.model
    assert isclose(sum(probabilities.values()), 1, abs_tol=1e-12)
    assert probabilities[taken] == max(probabilities.values())
    assert min(probabilities.values()) >= 0


@given(
    st.lists(SCORE, min_size=2, max_size=8),
    st.floats(-2, 2),
    st.sets(st.integers(0, 7), min_size=1),
)
def test_among_some_of_the_models_the_choice_stays_where_it_is_offered(scores, threshold, some):
    offered = {index % len(scores) for index in some}
    one, support, choice = decided(scores, rule(threshold))
    taken, probabilities = distribute(one.models, support, choice, offered)
    assert set(probabilities) == offered and taken in offered
    assert isclose(sum(probabilities.values()), 1, abs_tol=1e-12)
    assert probabilities[taken] == max(probabilities.values())
    index = one.models.index(choice.model)
    if index in offered:
        assert taken == index
    elif any(scores[m] <= threshold for m in sorted(offered)[:-1]):
        assert scores[taken] <= threshold
    else:
        assert taken == max(offered)


@given(SCORE, SCORE, st.floats(-2, 2))
def test_support_never_grows_with_the_score(low, high, threshold):
    low, high = sorted((low, high))
    assert (
        measure_support(numbers((low, 0.0)), rule(threshold))[0]
        >= measure_support(numbers((high, 0.0)), rule(threshold))[0]
    )


def test_the_threshold_is_at_one_half_and_the_ends_at_one_and_zero():
    def light(score, threshold=0.2):
        return measure_support(numbers((score, 0.0)), rule(threshold))[0]

    assert (light(-1.0), light(0.2), light(1.0)) == (1.0, 0.5, 0.0)
    assert light(nextafter(0.2, 1)) == BELOW_HALF < 0.5
    assert light(-0.4) == pytest.approx(0.75) and light(0.6) == pytest.approx(0.25)
    assert light(-1.0, -1.0) == 1.0 and light(1.0, 1.0) == 0.5 and light(1.0, -2.0) == 0.0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(2, 4))
def test_a_gate_is_at_one_half_too(confidence, uncertainty, least, most, n):
    one = numbers([0.5] * n, confidence=confidence, uncertainty=uncertainty)
    for gate in (Gate(least, most), Gate(least, None), Gate(None, most)):
        by_gate = rule(gate=gate)
        choice, support = decide(one, by_gate), measure_support(one, by_gate)
        taken, probabilities = distribute(one.models, support, choice, range(n))
        assert one.models[taken] == choice.model
        assert probabilities[taken] == max(probabilities.values())


def test_where_there_is_doubt_the_powerful_model_has_all():
    for doubtful, by in (
        (numbers((-1.0, 0.0), n_seen=0), rule()),
        (numbers((-1.0, 0.0), surprisal=10**6), rule()),
        (numbers((-1.0, 0.0)), rule(doubt=Reason.POLICY_MISMATCH)),
    ):
        assert measure_support(doubtful, by) == (0.0, 1.0)


@pytest.mark.parametrize("reason", [Reason.BREAKER_POWERFUL_OPEN, Reason.CAPABILITY])
def test_what_is_decided_by_more_than_the_numbers_has_all(reason):
    models, support = ("a", "b", "c"), (0.9, 0.1, 1.0)
    choice = Choice("b", reason)
    assert distribute(models, support, choice, (0, 1, 2)) == (1, {0: 0.0, 1: 1.0, 2: 0.0})
    assert distribute(models, support, choice, (0, 2)) == (2, {0: 0.0, 2: 1.0})
    assert distribute(models, support, choice, (0,)) == (0, {0: 1.0})
