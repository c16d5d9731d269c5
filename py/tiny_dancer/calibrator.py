"""From the outcomes that a router's store holds to a certified policy in it: `Router.calibrate`."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from .calibration.defaults import BETTING, DELTA
from .errors import InvalidInputError
from .history.recorder import Recorder
from .model import Bundle
from .policy import Policy, Target


class _Router(Protocol):
    _history: Recorder

    @property
    def bundle(self) -> Bundle | None: ...


async def calibrate_router(
    router: _Router,
    target: Target,
    *,
    delta: float = DELTA,
    bound: str = BETTING,
    largest_cost: float | None = None,
    by_people: bool = False,
    apply: bool = True,
) -> Policy:
    """A policy that keeps the target but for a chance of delta, by the stored outcomes.

    Only outcomes with a score of both models count, each prompt once, and only those that the
    loaded bundle scored. What is promised under which assumptions: docs/guarantee.md.

    Args:
        router: with a store.
        target: such as `Target("quality_kept", 0.95)`.
        delta: probability that the target does not hold although it is certified.
        bound: as for `tiny_dancer.calibration.calibrate`.
        largest_cost: money that one answer costs at most; for a cost alone.
        by_people: True counts only pairs that people marked, so that no judge has to be believed.
        apply: True stores the policy, and every router of the store decides by it from then on.

    Raises:
        NotEnoughData: the outcomes do not suffice; it says how many are missing, and nothing
            changes.
        InvalidInputError: there is no store or no bundle, or an argument is malformed.
        StoreError: the store failed; the policy before stays.
    """
    find = await read_outcomes(
        router,
        target,
        delta=delta,
        bound=bound,
        largest_cost=largest_cost,
        by_people=by_people,
    )
    policy = find()
    if apply:
        await apply_policy(router, policy)
    return policy


async def read_outcomes(
    router: _Router,
    target: Target,
    *,
    delta: float = DELTA,
    bound: str = BETTING,
    largest_cost: float | None = None,
    by_people: bool = False,
) -> Callable[[], Policy]:
    """What finds the policy, once the store is read: it awaits nothing, and may take seconds.

    Takes and raises, then or when it is called, what `calibrate_router` does.
    """
    from datetime import UTC, datetime  # a third of what the package imports, for this alone

    from .calibration.calibrate import calibrate
    from .history.readings.paired_outcomes import read_paired_outcomes

    bundle, store = router.bundle, router._history.store
    if bundle is None or store is None:
        what = "bundle" if bundle is None else "history store"
        raise InvalidInputError(f"calibrate: a router with a {what} is needed")
    await router._history.flush()
    models = bundle.config.models
    outcomes = await read_paired_outcomes(store, bundle.bundle_hash, models, by_people)
    return partial(
        calibrate,
        outcomes,
        target,
        bundle_hash=bundle.bundle_hash,
        date=datetime.fromtimestamp(router._history.clock(), UTC).date().isoformat(),
        delta=delta,
        bound=bound,
        outside=bundle.tensors["calibration.score"],
        largest_cost=largest_cost,
    )


async def apply_policy(router: _Router, policy: Policy) -> None:
    """Store the policy of a bundle; every router of the store decides by it from then on.

    Raises:
        StoreError: the store failed; the policy before stays.
    """
    from .history.states.replacement import replace_state

    store = router._history.store
    if store is None or policy.bundle_hash is None:
        raise InvalidInputError("calibrate: a history store and a policy of a bundle are needed")
    await replace_state(store, "policy", policy.bundle_hash, policy.to_json())
    await router._history.refresh()
    await _restart_drift(router._history, policy)


async def _restart_drift(history: Recorder, policy: Policy) -> None:
    """Forget evidence of drift, where this policy decides from now on."""
    drift = history.views.drift
    if drift is not None and drift.policy_id == policy.id:
        await history.views.restart_drift(history.clock())
