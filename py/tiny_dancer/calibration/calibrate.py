"""From paired outcomes to a policy with a certificate, or to the number of outcomes missing."""

from collections.abc import Sequence
from typing import Final

from ..errors import InvalidInputError, NotEnoughData, PolicyError
from ..policy import Certificate, Estimate, Policy, Target
from .bound import Bound, open_bound
from .defaults import BETTING, DELTA
from .margin import Margins, margins_of
from .paired_outcome import PairedOutcome, hash_outcomes, select_distinct
from .risk_control import control_risk
from .sequence import LOWEST, Accepted, accept_downwards, accept_upwards, choose_at
from .start import start_of
from .threshold import between

IN_EXPECTATION: Final = "conformal risk control"


def calibrate(
    outcomes: Sequence[PairedOutcome],
    target: Target,
    *,
    bundle_hash: str,
    date: str,
    delta: float = DELTA,
    bound: str = BETTING,
    outside: Sequence[float] = (),
    largest_cost: float | None = None,
) -> Policy:
    """The policy that sends most away from the powerful model while the target provably holds.

    For a cost: that sends most to the powerful model within the budget. What is promised under
    which assumptions: docs/guarantee.md.

    Args:
        outcomes: of prompts drawn like those to come; equal prompts count once.
        target: what is to hold: quality kept, money per 1,000 prompts, or one of the four rates.
        bundle_hash: the bundle that gave the scores.
        date: day of today, ISO 8601.
        delta: probability that the target does not hold although it is certified.
        bound: `betting` allows to look again with more outcomes; `clopper-pearson` and
            `hoeffding-bentkus` hold for one look, at rates alone; `conformal risk control` bounds
            a rate in expectation, over calibrations, whatever delta.
        outside: routing scores of the cheapest model for prompts outside the outcomes, such as
            the bundle's calibration rows; `selective` starts by them.
        largest_cost: money that one answer costs at most; needed for a cost.

    Raises:
        NotEnoughData: no threshold is certified; it says how many outcomes are missing.
        InvalidInputError: an argument or an outcome is malformed.
        PolicyError: the target or bound is not defined for these outcomes.
    """
    if not 0.0 < delta < 1.0:
        raise InvalidInputError(f"delta: a number between 0 and 1 is needed, got {delta!r}")
    distinct = select_distinct(outcomes)
    margins = margins_of(target, distinct, largest_cost)
    if bound == IN_EXPECTATION:
        threshold = _control(target, distinct, margins)
    else:
        threshold = _test(target, distinct, margins, delta, bound, outside)
    certificate = Certificate(
        rate=target.measure,
        alpha=target.value,
        delta=delta,
        n=len(distinct),
        bound=bound,
        method=_method(bound, target.measure) + _tell_markers(distinct),
        data_hash=hash_outcomes(distinct),
        bundle_hash=bundle_hash,
        date=date,
    )
    return Policy(threshold, target, _estimate(distinct, threshold), certificate, bundle_hash)


def check_certificate(
    policy: Policy, outcomes: Sequence[PairedOutcome], bundle_hash: str
) -> Certificate:
    """The certificate of a policy, where it is about this bundle and these outcomes.

    Raises:
        PolicyError: there is none, or it is about others; the message names which.
    """
    certificate = policy.certificate
    if certificate is None:
        raise PolicyError("certificate: this policy has none")
    data_hash = hash_outcomes(select_distinct(outcomes))
    for name, actual in (("bundle_hash", bundle_hash), ("data_hash", data_hash)):
        said = getattr(certificate, name)
        if said != actual:
            raise PolicyError(
                f"certificate: {name} is {said[:12]}…, these have {actual[:12]}…: calibrate again"
            )
    return certificate


def _test(
    target: Target,
    outcomes: Sequence[PairedOutcome],
    margins: Margins,
    delta: float,
    name: str,
    outside: Sequence[float],
) -> float:
    scores = [o.scores for o in outcomes]

    def open_at(choice: Sequence[int]) -> Bound:
        return open_bound(name, margins, target.value, delta, choice)

    if target.measure == "cost":
        found = accept_downwards(scores, open_at)
        if found.reached is None:
            raise _shortage(target, found, outcomes)
        return found.reached
    start = LOWEST
    if target.measure == "selective":
        start = start_of(outside, len(outcomes), open_at(()), target)
    found = accept_upwards(scores, start, open_at)
    if found.reached is None:
        raise _shortage(target, found, outcomes)
    return found.reached if found.refused is None else between(found.reached, found.refused)


def _control(target: Target, outcomes: Sequence[PairedOutcome], margins: Margins) -> float:
    if target.measure not in ("regret", "joint", "missed_failures"):
        raise PolicyError(f"bound: {IN_EXPECTATION} needs a rate that rises with the threshold")
    if outcomes and len(outcomes[0].scores) > 1:
        raise PolicyError(f"bound: {IN_EXPECTATION} is for two models; test with another bound")
    reached, refused, missing = control_risk([o.scores for o in outcomes], margins, target.value)
    if reached is None:
        raise NotEnoughData(_wish(target), missing, None)
    return reached if refused is None else between(reached, refused)


def _shortage(target: Target, found: Accepted, outcomes: Sequence[PairedOutcome]) -> NotEnoughData:
    return NotEnoughData(_wish(target), *found.bound.missing(), has_none=not outcomes)


def _wish(target: Target) -> str:
    return f"{target.measure} {target.value:g}"


def _method(bound: str, measure: str) -> str:
    if bound == IN_EXPECTATION:
        return "in expectation"
    again = "any number of looks" if bound == BETTING and measure != "selective" else "one look"
    return f"learn then test, fixed sequence, {again}"


def _tell_markers(outcomes: Sequence[PairedOutcome]) -> str:
    graded = (o.marked_by for o in outcomes if o.quality is not None)
    names = sorted({name for name in graded if name is not None})
    return f"; as marked by {', '.join(names)}" if names else ""


def _estimate(outcomes: Sequence[PairedOutcome], threshold: float) -> Estimate:
    choice = choose_at([o.scores for o in outcomes], threshold)
    rows = [(o.quality, m) for o, m in zip(outcomes, choice, strict=True) if o.quality is not None]
    powerful = sum(quality[-1] for quality, _ in rows)
    kept = sum(quality[m] for quality, m in rows) / powerful if powerful else 1.0
    light = sum(m < len(quality) - 1 for quality, m in rows)
    return Estimate(round(kept, 6), round(light / max(1, len(rows)), 6), len(rows))
