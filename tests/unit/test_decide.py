"""The choice that numbers make: doubt, threshold or gate, then breakers."""

from types import SimpleNamespace

import pytest

from tiny_dancer import Policy, Reason
from tiny_dancer.policy import Choice, Gate, Rule, decide
from tiny_dancer.policy.decide import reject_candidate

NAMES = "abcdefgh"
BELOW, ABOVE = Reason.BELOW_THRESHOLD, Reason.ABOVE_THRESHOLD


def numbers(scores, **others):
    """Numbers of a text of 10 familiar tokens."""
    text = {name: others.pop(name, plain) for name, plain in (("n_seen", 10), ("surprisal", 0))}
    plain = {"confidence": 0.8, "uncertainty": 0.15, "models": NAMES[: len(scores)]}
    plain["text_score"] = SimpleNamespace(scores=scores, **text) if scores else None
    return SimpleNamespace(**{**plain, **others})


def rule(threshold=0.3, *, gate=None, doubt=None, candidate=0.5):
    return Rule(Policy(threshold), doubt, gate, (16.0, 64.0), candidate)


@pytest.mark.parametrize(
    ("scores", "threshold", "model"),
    [
        ((0.2, 0.0), 0.2, "a"),
        ((0.21, 0.0), 0.2, "b"),
        ((0.5, 0.3, 0.1), 0.5, "a"),
        ((0.5, 0.3, 0.1), 0.3, "b"),
        ((0.5, 0.3, 0.1), 0.1, "c"),
        ((0.5, 0.3, 0.1), -2.0, "c"),
    ],
)
def test_cheapest_model_within_the_threshold_is_chosen(scores, threshold, model):
    is_last = model == NAMES[len(scores) - 1]
    assert decide(numbers(scores), rule(threshold)) == (model, ABOVE if is_last else BELOW)


def test_choice_never_gets_dearer_as_the_threshold_grows():
    three = numbers((0.4, 0.45, 0.1))
    models = [decide(three, rule(t / 100)).model for t in range(-100, 101)]
    assert models == sorted(models, reverse=True)


@pytest.mark.parametrize(
    ("gate", "model", "reason"),
    [
        (Gate(0.8, None), "a", Reason.GATE_PASSED),
        (Gate(0.81, None), "b", Reason.GATE_CONFIDENCE),
        (Gate(None, 0.15), "a", Reason.GATE_PASSED),
        (Gate(None, 0.14), "b", Reason.GATE_UNCERTAINTY),
        (Gate(0.81, 0.14), "b", Reason.GATE_CONFIDENCE),
        (Gate(0.8, 0.15), "a", Reason.GATE_PASSED),
    ],
)
def test_gate_needs_both_bounds_and_an_unset_one_does_not_bind(gate, model, reason):
    assert decide(numbers((0.9, 0.1)), rule(-2.0, gate=gate)) == (model, reason)


def test_gate_takes_a_missing_uncertainty_for_doubt():
    unsure = numbers((0.1, 0.2), uncertainty=None)
    assert decide(unsure, rule(gate=Gate(0.5, 0.5))) == ("b", Reason.GATE_UNCERTAINTY)


@pytest.mark.parametrize(
    ("others", "changed", "reason"),
    [
        ({"n_seen": 0, "surprisal": 999}, {"doubt": Reason.POLICY_MISMATCH}, Reason.EMPTY_PROMPT),
        ({"surprisal": 657}, {"doubt": Reason.POLICY_MISMATCH}, Reason.UNFAMILIAR_INPUT),
        ({"surprisal": 656}, {"doubt": Reason.POLICY_MISMATCH}, Reason.POLICY_MISMATCH),
        ({"surprisal": 656}, {"doubt": Reason.DRIFT_ALARM}, Reason.DRIFT_ALARM),
        ({"surprisal": 656}, {}, BELOW),
        ({"n_seen": 0}, {"gate": Gate(0.0, 1.0)}, Reason.EMPTY_PROMPT),
    ],
)
def test_doubt_comes_before_the_threshold(others, changed, reason):
    choice = decide(numbers((0.1, 0.2), **others), rule(**changed))
    assert choice == ("a" if reason is BELOW else "b", reason)


def test_without_a_bundle_the_powerful_model_takes_everything():
    assert decide(numbers((), models=("powerful",)), None) == ("powerful", Reason.NO_MODEL)


@pytest.mark.parametrize(
    ("confidence", "changed", "choice"),
    [
        (0.5, {}, ("a", BELOW)),
        (0.49, {}, ("b", ABOVE)),
        (0.9, {"candidate": None}, ("b", Reason.NO_MODEL)),
        (None, {}, ("b", Reason.NOTHING_TO_SCORE)),
        (0.4, {"gate": Gate(0.4, None)}, ("a", Reason.GATE_PASSED)),
        (0.4, {"gate": Gate(None, 1.0)}, ("b", Reason.GATE_CONFIDENCE)),
        (0.6, {"gate": Gate(None, 0.1)}, ("b", Reason.GATE_UNCERTAINTY)),
    ],
)
def test_without_text_the_best_candidate_decides(confidence, changed, choice):
    best = numbers((), models="ab", confidence=confidence)
    assert decide(best, rule(**changed)) == choice
    if confidence is not None and changed.get("candidate", 1) is not None:
        assert (reject_candidate(confidence, 0.15, rule(**changed)) is None) == (choice[0] == "a")


@pytest.mark.parametrize(
    ("chosen", "healthy", "want"),
    [
        (0, (True, True), (0, None)),
        (1, (False, True), (1, None)),
        (0, (False, True), (1, Reason.BREAKER_LIGHT_OPEN)),
        (1, (True, False), (0, Reason.BREAKER_POWERFUL_OPEN)),
        (0, (False, False), (0, Reason.BOTH_BREAKERS_OPEN)),
        (1, (False, False), (1, Reason.BOTH_BREAKERS_OPEN)),
        (1, (True, False, False, True), (3, Reason.BREAKER_LIGHT_OPEN)),
        (1, (True, False, True, True), (2, Reason.BREAKER_LIGHT_OPEN)),
        (2, (True, True, False, False), (1, Reason.BREAKER_LIGHT_OPEN)),
        (3, (True, False, True, False), (2, Reason.BREAKER_POWERFUL_OPEN)),
    ],
)
def test_the_next_best_healthy_model_takes_the_place_of_one_that_is_not(chosen, healthy, want):
    scores = [0.9] * len(healthy)
    scores[chosen] = 0.1
    alone = decide(numbers(scores), rule())
    assert alone.model == NAMES[chosen]
    model, reason = want
    assert decide(numbers(scores), rule(), healthy) == Choice(NAMES[model], reason or alone.reason)
