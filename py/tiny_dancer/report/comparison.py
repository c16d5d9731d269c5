"""What a threshold costs and keeps, beside what needs no router: each model alone, and a mix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..calibration.paired_outcome import PairedOutcome
from .interval import Interval, bound_mean, bound_ratio


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer all prompts.

    Attributes:
        name: `router`, `static mix`, or a model's.
        light_share: share of the prompts that the light model answers.
        quality: mean quality.
        kept: quality over the powerful model's.
        cost: money per 1,000 prompts; None where the cost of a graded pair is not known.
    """

    name: str
    light_share: float
    quality: Interval | None
    kept: Interval | None
    cost: float | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "name": self.name,
            "light_share": round(self.light_share, 4),
            "quality": self.quality.to_dict() if self.quality else None,
            "kept": self.kept.to_dict() if self.kept else None,
            "cost_per_1000": self.cost,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """A router beside its controls, over pairs that were graded.

    Attributes:
        n: how many those are.
        router: at the threshold.
        mix: every prompt to the light model with one and the same probability, so that the cost is
            the router's; where costs are not known, the share is.
        singles: the light model alone, the powerful model alone.
        gain: mean quality of the router less that of the mix.
    """

    n: int
    router: Choice
    mix: Choice
    singles: tuple[Choice, Choice]
    gain: Interval | None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All of them."""
        return (self.router, self.mix, *self.singles)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "n": self.n,
            "router": self.router.to_dict(),
            "static_mix": self.mix.to_dict(),
            "single_models": [one.to_dict() for one in self.singles],
            "gain_over_mix": self.gain.to_dict() if self.gain else None,
        }


def compare(
    pairs: Sequence[PairedOutcome], threshold: float, models: Sequence[str]
) -> Comparison | None:
    """The comparison at a threshold; None where no pair was graded."""
    return compare_choices(pairs, [pair.scores[0] <= threshold for pair in pairs], models)


def compare_choices(
    pairs: Sequence[PairedOutcome], is_light: Sequence[bool], models: Sequence[str]
) -> Comparison | None:
    """The comparison where it is known which pairs go light; None where no pair was graded."""
    graded = [(p.quality, p.cost, at) for p, at in zip(pairs, is_light, strict=True) if p.quality]
    if not graded:
        return None
    light = [quality[0] for quality, _, _ in graded]
    powerful = [quality[-1] for quality, _, _ in graded]
    goes = [at for _, _, at in graded]
    routed = [w if at else q for w, q, at in zip(light, powerful, goes, strict=True)]
    share = sum(goes) / len(goes)
    costs = _mean_costs([cost for _, cost, _ in graded], goes)
    part, mix_cost = share, None
    if costs is not None:
        cost_light, cost_powerful, cost_routed = costs
        gap = cost_powerful - cost_light
        part = min(1.0, max(0.0, (cost_powerful - cost_routed) / gap)) if gap > 0 else share
        mix_cost = part * cost_light + (1 - part) * cost_powerful
    mixed = [part * w + (1 - part) * q for w, q in zip(light, powerful, strict=True)]
    gains = [r - m for r, m in zip(routed, mixed, strict=True)]

    def choose(name: str, at: float, quality: Sequence[float], cost: float | None) -> Choice:
        return Choice(name, at, bound_mean(quality), bound_ratio(quality, powerful), cost)

    return Comparison(
        len(graded),
        choose("router", share, routed, costs and costs[2]),
        choose("static mix", part, mixed, mix_cost),
        (
            choose(models[0], 1.0, light, costs and costs[0]),
            replace(
                choose(models[-1], 0.0, powerful, costs and costs[1]),
                kept=Interval(1.0, 1.0, 1.0),
            ),
        ),
        bound_mean(gains, -1.0, 1.0),
    )


def trace_curve(pairs: Sequence[PairedOutcome], most: int = 101) -> list[tuple[float, float]]:
    """Cost per 1,000 prompts, else share of powerful answers, and quality kept, by threshold.

    From the powerful model alone to the light one alone, at most so many points; of pairs that
    were graded.
    """
    rows = sorted((p.scores[0], p.quality, p.cost) for p in pairs if p.quality is not None)
    total = sum(quality[-1] for _, quality, _ in rows)
    if not total:
        return []
    has_cost = all(cost for _, _, cost in rows)
    each = 1_000 / len(rows) if has_cost else 1 / len(rows)
    spent = sum(cost[-1] for _, _, cost in rows) * each if has_cost else 1.0
    kept = 1.0
    points = [(spent, kept)]
    for at, (score, quality, cost) in enumerate(rows):
        spent -= (cost[-1] - cost[0]) * each if has_cost else each
        kept += (quality[0] - quality[-1]) / total
        if at + 1 == len(rows) or rows[at + 1][0] > score:
            points.append((spent, kept))
    if len(points) <= most:
        return points
    return [points[round(k * (len(points) - 1) / (most - 1))] for k in range(most)]


def _mean_costs(
    costs: Sequence[tuple[float, ...]], is_light: Sequence[bool]
) -> tuple[float, float, float] | None:
    """Money per 1,000 prompts: light alone, powerful alone, as they go; None if one is unknown."""
    if not all(costs):
        return None
    light = sum(cost[0] for cost in costs)
    powerful = sum(cost[-1] for cost in costs)
    routed = sum(cost[0] if at else cost[-1] for cost, at in zip(costs, is_light, strict=True))
    each = 1_000 / len(costs)
    return light * each, powerful * each, routed * each
