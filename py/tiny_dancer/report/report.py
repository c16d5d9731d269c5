"""The report: one reading of a history, as an object, as JSON, and as a sentence."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from ..errors import PolicyError, StoreCorruptError
from ..history import HistoryStore
from ..history.states.drift_states import DriftStates
from ..history.states.watched import Watched
from ..model import Bundle
from ..policy import Policy
from .comparison import Comparison, compare
from .evidence import Evidence, read_evidence
from .promise import TARGETS, Promise, find_promise
from .verdict import give_verdict, list_unknowns

UNWATCHED: Final = "unknown"
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class Report:
    """What a history says about switching on.

    Attributes:
        evidence: what was read.
        policy: in force: the store's for this bundle, else the bundle's own.
        comparison: quality and cost at that policy; None where no pair was graded.
        promises: one a target.
        drift: what the policy's monitors say: `steady`, `warning`, `alarm`; `unreadable` where the
            evidence is, which counts as an alarm; `unknown` where it has no certificate.
        made_at: seconds since 1970.
    """

    evidence: Evidence
    policy: Policy
    comparison: Comparison | None
    promises: tuple[Promise, ...]
    drift: str
    made_at: float

    @property
    def verdict(self) -> str:
        """One plain sentence: is it safe to switch on?"""
        return give_verdict(self.evidence, self.promises, self.policy, self.drift)

    @property
    def unknowns(self) -> list[str]:
        """What the evidence does not say, one sentence each."""
        return list_unknowns(self.evidence, self.comparison)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        evidence, traffic, money = self.evidence, self.evidence.traffic, self.evidence.money
        latency = {
            model: {"p50": _quantile(times, 0.5), "p95": _quantile(times, 0.95)}
            for model, times in evidence.latency_ms.items()
        }
        return {
            "traffic": {
                "requests": traffic.requests,
                "observed": traffic.observed,
                "named": traffic.named,
                "would_light_share": traffic.light_share,
                "from": traffic.first_at,
                "to": traffic.last_at,
            },
            "pairs": {
                "n": len(evidence.pairs),
                "ungraded": evidence.ungraded,
                "graded_by": dict(sorted(evidence.sources.items())),
            },
            "policy": {"id": self.policy.id, "threshold": self.policy.threshold},
            "quality": self.comparison.to_dict() if self.comparison else None,
            "money": {
                name: getattr(money, name) if money.priced else None
                for name in ("cost", "shadow", "judge", "gross", "net")
            },
            "latency": {"decision_us_p50": traffic.quantile_us(0.5), "answer_ms": latency},
            "certificates": [promise.to_dict() for promise in self.promises],
            "drift": self.drift,
            "unknown": self.unknowns,
            "verdict": self.verdict,
        }


async def make_report(
    store: HistoryStore, bundle: Bundle, now: float, *, since: float = 0.0
) -> Report:
    """The report on a store.

    Args:
        store: the history.
        bundle: whose scores count, of two models.
        now: seconds since 1970.
        since: likewise; what is older does not count.

    Raises:
        PolicyError: the bundle has more than two models.
        StoreError: the store, or its policy of the bundle, cannot be read.
    """
    return (await read_history(store, bundle, now, since=since))()


async def read_history(
    store: HistoryStore,
    bundle: Bundle,
    now: float,
    *,
    since: float = 0.0,
    given: Policy | None = None,
) -> Callable[[], Report]:
    """What makes the report, once the store is read: it awaits nothing, and may take seconds.

    Takes and raises what `make_report` does; `given` is a policy that goes before the stored one.
    """
    evidence = await read_evidence(store, bundle.bundle_hash, bundle.config.models, since)
    stored = (await store.load_states("policy")).get(bundle.bundle_hash)
    try:
        policy = Policy.from_json(stored.text) if stored is not None else bundle.policy
    except PolicyError as error:
        raise StoreCorruptError(
            f"the stored policy of this bundle cannot be read, so every decision is powerful; "
            f"calibrate anew ({error})"
        ) from None
    policy = given or policy
    drift = await _read_drift(store, bundle, policy, now)
    return partial(report_on, evidence, bundle.bundle_hash, policy, now, drift)


def report_on(
    evidence: Evidence, bundle_hash: str, policy: Policy, now: float, drift: str = UNWATCHED
) -> Report:
    """The report on evidence that was read.

    Args:
        evidence: what was read.
        bundle_hash: the bundle that gave the scores.
        policy: in force.
        now: seconds since 1970.
        drift: what the policy's monitors say.
    """
    date = datetime.fromtimestamp(now, UTC).date().isoformat()
    promises = []
    for target in TARGETS:
        promise = find_promise(evidence.pairs, target, bundle_hash, date)
        if promise.policy is not None:
            share = evidence.traffic.light_share_at(promise.policy.threshold)
            if share is None and promise.policy.estimate is not None:
                share = promise.policy.estimate.light_share
            promise = replace(promise, light_share=share)
        promises.append(promise)
    comparison = compare(evidence.pairs, policy.threshold, evidence.models)
    return Report(evidence, policy, comparison, tuple(promises), drift, now)


async def _read_drift(store: HistoryStore, bundle: Bundle, policy: Policy, now: float) -> str:
    """What the monitors of a policy say now; `unknown` where it has none."""
    if policy.certificate is None or policy.target is None:
        return UNWATCHED
    watched = Watched(policy, bundle.bundle_hash, tuple(bundle.config.models))
    try:
        return (await DriftStates(store).peek(watched, now)).state
    except StoreCorruptError:
        return UNREADABLE


def _quantile(ordered: list[float], q: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else None
