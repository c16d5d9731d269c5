"""From a decision to a distribution over models whose maximum is the choice. Pure.

Scores are no probabilities, and a decision by threshold has none either. What a caller who wants a
distribution gets is a monotone rescaling of the scores that puts the threshold at one half.
"""

from collections.abc import Collection, Sequence
from typing import Final

from ..response import Numbers, Reason
from .decide import Choice, decide
from .preference import prefer
from .rule import Gate, Rule

HALF: Final = 0.5
BELOW_HALF: Final = 0.5 - 2.0**-54
"""The largest float below one half."""

SCORES: Final = -1.0, 1.0
"""Where routing scores lie (docs/bundle.md)."""

BY_NUMBERS: Final = frozenset(
    {
        Reason.BELOW_THRESHOLD,
        Reason.ABOVE_THRESHOLD,
        Reason.GATE_PASSED,
        Reason.GATE_CONFIDENCE,
        Reason.GATE_UNCERTAINTY,
    }
)
"""Reasons of a choice that the numbers of a request made; others are doubt, breakers, callers."""


def measure_support(numbers: Numbers, rule: Rule | None) -> tuple[float, ...]:
    """By model, cheapest first, in [0, 1]: at least one half where the rule finds it good enough.

    The dearest model, which takes what no other does, has 1. Where there is doubt (an empty prompt,
    an unfamiliar one, no bundle, another bundle's policy) the others have 0. Breakers do not count.
    """
    last = len(numbers.models) - 1
    text = numbers.text_score
    choice = decide(numbers, rule)
    if rule is None or text is None or choice.reason not in BY_NUMBERS:
        return (*[0.0] * last, 1.0)
    if rule.gate is not None:  # it decides between the two ends
        return (_measure_gate(numbers, rule.gate), *[0.0] * (last - 1), 1.0)
    bound = rule.policy.threshold
    return (*(_rescale(score, bound, *SCORES) for score in text.scores[:last]), 1.0)


def distribute(
    models: Sequence[str], support: Sequence[float], choice: Choice, offered: Collection[int]
) -> tuple[int, dict[int, float]]:
    """The model that takes the request among those offered, and the probability of each.

    It is the choice itself where that is offered. The probabilities sum to one, and none is larger
    than that of the model returned. A cheaper model counts as far as it is good enough and no model
    before it is; the dearest one as far as none is. With two models these are p and 1 - p.

    Args:
        models: names, cheapest first.
        support: of each, from `measure_support`.
        choice: the decision.
        offered: indices of at least one model.
    """
    if choice.reason not in BY_NUMBERS:
        order = prefer(models.index(choice.model), len(models))
        taken = next(model for model in order if model in offered)
        return taken, {model: float(model == taken) for model in sorted(offered)}
    *cheaper, dearest = sorted(offered)
    weights, most = {}, 0.0
    for model in cheaper:
        weights[model] = min(support[model], 1.0 - most)
        most = max(most, support[model])
    weights[dearest] = 1.0 - most
    taken = next((model for model in cheaper if support[model] >= HALF), dearest)
    total = sum(weights.values())
    return taken, {model: weight / total for model, weight in weights.items()}


def _measure_gate(numbers: Numbers, gate: Gate) -> float:
    """Of the bound of a gate that is nearest to being missed, or is missed by most."""
    confidence, uncertainty = numbers.confidence, numbers.uncertainty
    support = 1.0
    if gate.confidence is not None:
        found = 0.0 if confidence is None else _rescale(-confidence, -gate.confidence, -1.0, 0.0)
        support = min(support, found)
    if gate.uncertainty is not None:
        found = 0.0 if uncertainty is None else _rescale(uncertainty, gate.uncertainty, 0.0, 1.0)
        support = min(support, found)
    return support


def _rescale(value: float, bound: float, low: float, high: float) -> float:
    """One half at the bound, 1 at `low`, 0 at `high`, straight between; below half above it."""
    end = low if value <= bound else high
    share = min(1.0, (value - bound) / (end - bound)) if end != bound else 1.0
    return HALF + HALF * share if value <= bound else min(HALF - HALF * share, BELOW_HALF)
