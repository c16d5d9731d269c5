"""The report in words: the verdict, and what nobody knows."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ..history.records.outcome import PEOPLE
from ..policy import Policy
from .comparison import Comparison
from .evidence import Evidence
from .promise import Promise


def give_verdict(
    evidence: Evidence, promises: Sequence[Promise], policy: Policy, drift: str
) -> str:
    """One plain sentence: is it safe to switch on, and what does it save?"""
    if drift == "alarm":
        return (
            "Not safe now: the light model has got worse than what was certified, so every "
            "request goes to the powerful model until the alarm is acknowledged or the router is "
            "calibrated again."
        )
    if drift == "unreadable":
        return (
            "Not safe now: the evidence of drift cannot be read, so every request goes to the "
            "powerful model until that is acknowledged or the router is calibrated again."
        )
    n = len(evidence.pairs)
    looks_on = evidence.traffic.requests and evidence.traffic.observed == evidence.traffic.requests
    if drift != "unknown" and policy.certificate is not None and not looks_on:
        return _say_in_force(evidence, policy, drift)
    if not n and evidence.skipped:
        return (
            "Not known yet: no prompt has been answered and graded for both models, for the shadow "
            f"is over budget: its money a day stopped {evidence.skipped:,} pairs; raise it."
        )
    if not n:
        return (
            "Not known yet: no prompt has been answered and graded for both models; "
            "switch the shadow on and come back."
        )
    held = [promise for promise in promises if promise.policy is not None]
    worth = [promise for promise in held if promise.light_share]
    if not held:
        return f"Not yet: {_say_missing(promises)}."
    if not worth:
        return (
            "Not worth it yet: what could be certified sends none of the traffic to the light "
            f"model; {_say_missing(promises)}."
        )
    best = _choose(worth)
    sure = f"{1 - best.delta * len(promises):.0%}"
    text = (
        f"Safe to switch on at {best.target:.0%}: {best.light_share:.0%} of the requests would go "
        f"to the light model and at least {best.target:.0%} of the powerful model's quality would "
        f"stay, with {sure} confidence, by {n:,} pairs of answers"
    )
    if best.saving is None:
        return f"{text}; what it saves is not known, for prices are missing."
    spent = (evidence.money.shadow + evidence.money.judge) / max(1, evidence.traffic.requests)
    net = best.saving - 1_000 * spent
    if net <= 0:
        return (
            f"{text}; but it would cost {-net:,.2f} per 1,000 requests more than it saves, as long "
            "as shadow and judge go on as now."
        )
    return f"{text}; that saves {net:,.2f} per 1,000 requests, shadow and judge paid."


def _say_in_force(evidence: Evidence, policy: Policy, drift: str) -> str:
    """What there is to say of a certified policy in force whose monitors raise no alarm."""
    certificate = policy.certificate
    assert certificate is not None
    share = evidence.traffic.light_share_at(policy.threshold)
    part = "" if share is None else f", and {share:.0%} of the requests are for the light model"
    promise = (
        f"{certificate.rate.replace('_', ' ')} {certificate.alpha:g}, with "
        f"{certificate.confidence} confidence, by {certificate.n:,} pairs of answers{part}"
    )
    if drift == "warning":
        return (
            f"On, and nothing graded speaks against the certificate ({promise}); but the prompts "
            "are other than those it was made from: grade some of them, or calibrate again."
        )
    return f"On, and the certificate holds: {promise}."


def _choose(worth: Sequence[Promise]) -> Promise:
    """95 % where it holds, else the strictest that does."""
    usual = [promise for promise in worth if promise.target == 0.95]
    return usual[0] if usual else max(worth, key=lambda promise: promise.target)


def _say_missing(promises: Sequence[Promise]) -> str:
    """How many pairs are missing for the easiest target that can be had."""
    for promise in promises:
        if promise.policy is None and promise.at_this_rate is not None:
            return (
                f"for {promise.target:.0%} some {promise.at_this_rate:,} further graded pairs are "
                f"missing at today's rate of losses, {promise.fewest:,} at least"
            )
    for promise in promises:
        if promise.policy is None and promise.fewest is not None:
            return (
                f"for {promise.target:.0%} at least {promise.fewest:,} further graded pairs "
                "without a loss are missing, and at today's rate of losses no number would do"
            )
    return "no number of further pairs would change that"


def list_unknowns(evidence: Evidence, comparison: Comparison | None) -> list[str]:
    """What the evidence does not say, one sentence each."""
    found: list[str] = []
    traffic, sources = evidence.traffic, evidence.sources
    if traffic.first_at is not None and traffic.last_at is not None:
        first, last = (
            datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
            for at in (traffic.first_at, traffic.last_at)
        )
        found.append(f"Other traffic than that of {first} to {last} UTC may be different.")
    if traffic.named:
        found.append(
            f"{traffic.named:,} requests named a model or came with the router off: nothing is "
            "said of them."
        )
    if evidence.skipped:
        found.append(
            f"The shadow is over budget: on its last day its money stopped {evidence.skipped:,} "
            "pairs."
        )
    if evidence.ungraded:
        found.append(
            f"{evidence.ungraded:,} of {len(evidence.pairs):,} pairs could not be graded; a "
            "certificate takes each for the worst case, the estimates leave them out."
        )
    judges = sorted(name.removeprefix("judge:") for name in sources if name.startswith("judge:"))
    if judges:
        people = sources[PEOPLE]
        found.append(
            f"Quality is as marked by {', '.join(judges)}"
            + (
                f" and, for {people:,} pairs, by people."
                if people
                else "; no person marked a pair."
            )
        )
    if evidence.foreign:
        found.append(
            f"{evidence.foreign:,} outcomes were scored by another bundle and count for nothing."
        )
    if evidence.money.unpriced:
        found.append(f"Answers whose cost is not known: {evidence.money.unpriced:,}.")
    if comparison is not None and comparison.router.cost is None:
        found.append(
            "No pair has a cost of both models: the static mix has the router's light share, not "
            "its cost."
        )
    if evidence.repeated:
        found.append(f"{evidence.repeated:,} pairs repeat a prompt and count once.")
    return found
