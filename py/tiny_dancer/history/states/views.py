"""What a decision may know of breakers and policies without waiting for a store.

A decision reads these views; they are refreshed after an answer, and are then at most
`HistoryConfig.view_age_s` old.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from ...breaker.lease import Lease
from ...breaker.views import BreakerViews
from ...config import BreakerConfig, HistoryConfig
from ...errors import PolicyError, StoreError
from ...policy import Policy

if TYPE_CHECKING:
    from ...drift import Drift
    from ..stores.store import HistoryStore, Versioned
    from .breaker_states import BreakerStates
    from .drift_states import DriftStates
    from .watched import Watched

_UNREADABLE: Final = "the stored policy of bundle %s cannot be read, so all of it is powerful: %s"

TRIES: Final = 4

CLAIM_S: Final = 1.0
"""So long one refresh keeps others from beginning."""


LOOK_S: Final = 10.0
"""So long nobody in this process reads on for the monitors of drift."""


class Views:
    """Breakers by model, policies by bundle, drift of the policy in service.

    Args:
        store: where they are shared; None keeps them in this process.
        config: how old they may be.
        breaker: settings of every breaker.

    Attributes:
        breakers: see BreakerViews.
        fault: why the store, or a state in it, could not be read at the last look; None where all
            could.
        unreadable: bundles whose stored policy could not be read: they send everything to the
            powerful model.
        policies: text and policy by bundle.
        drift: what the monitors say of the certified policy in service; None where there is none.
        reading: another object whenever policies or drift were read.
        find_watched: a weak reference to what gives the certified policy in service.
    """

    _states: "BreakerStates | None" = None
    _drifts: "DriftStates | None" = None

    def __init__(
        self, store: "HistoryStore | None", config: HistoryConfig, breaker: BreakerConfig
    ) -> None:
        """Start with closed breakers and nothing else."""
        if store is not None:
            from .breaker_states import BreakerStates
            from .drift_states import DriftStates

            self._states, self._drifts = BreakerStates(store), DriftStates(store)
        self.breakers = BreakerViews(breaker, config.view_age_s, self._states)
        self.fault: Exception | None = None
        self.unreadable: frozenset[str] = frozenset()
        self.policies: Mapping[str, tuple[str, Policy]] = {}
        self.drift: Drift | None = None
        self.reading = object()
        self.find_watched: Callable[[], Callable[[], Watched | None] | None] = lambda: None
        self._looked_at: float | None = None
        self._readings = 0
        self._store = store
        self._age_s = config.view_age_s
        self._loaded_at: float | None = None
        self._claimed_at: float | None = None

    def is_stale(self, now: float) -> bool:
        """True where the views are older than they may be, or the clock went back."""
        return self._store is not None and not _is_within(self._loaded_at, now, self._age_s)

    def expire(self) -> None:
        """Somebody else changed the shared states: look again at the next chance."""
        self._loaded_at = self._claimed_at = self._looked_at = None

    def claim(self, now: float) -> bool:
        """True where a refresh is due and nobody else began one within the last second."""
        if not self.is_stale(now) or _is_within(self._claimed_at, now, CLAIM_S):
            return False
        self._claimed_at = now
        return True

    async def refresh(self, now: float) -> None:
        """Load all shared states.

        Raises:
            StoreError: it failed; the views stay as they were.
        """
        if self._store is None or self._states is None:
            return
        for _ in range(TRIES):
            swaps, readings = self.breakers.swaps, self._readings
            states = await self._states.load()
            policies = await self._store.load_states("policy")
            if readings == self._readings:
                break  # else another look ended meanwhile, and may have seen what is newer
        else:
            return  # the views are as new as those looks
        self._readings += 1
        self.fault = None
        if swaps == self.breakers.swaps:  # else what was loaded may be older than what is here
            try:
                self.breakers.adopt(states)
            except StoreError as error:
                self.fault = error
        self.policies = self._parse(policies)
        self.reading = object()
        await self._look(now)
        self._loaded_at = now

    async def restart_drift(self, now: float) -> None:
        """Forget the evidence of drift.

        Raises:
            StoreError: it failed; the evidence stays.
        """
        watched = self._find_watched()
        if watched is not None and self._drifts is not None:
            self.drift = await self._drifts.restart(watched, now)
            self.reading = object()

    def _find_watched(self) -> "Watched | None":
        find = self.find_watched()
        return find() if find is not None else None

    async def _look(self, now: float) -> None:
        """Read on for the monitors of the policy in service."""
        watched = self._find_watched()
        if watched is None or self._drifts is None:
            self.drift = None
            return
        known = self.drift
        is_known = known is not None and known.policy_id == watched.policy.id
        if is_known and _is_within(self._looked_at, now, LOOK_S):
            return
        self._looked_at = now
        self.drift = await self._drifts.look(watched, now)
        self.reading = object()

    async def lease(self, model: str, now: float) -> Lease | None:
        """A lease for one probe of a half-open model; None where none is to be had or needed.

        This is the one call that looks at the store before an answer, and only where the views are
        too old; where the store fails, this process leases for itself.
        """
        if self.is_stale(now):
            try:
                await self.refresh(now)
            except StoreError as error:
                self.fault = error
        return await self.breakers.lease(model, now)

    def _parse(self, states: Mapping[str, "Versioned"]) -> dict[str, tuple[str, Policy]]:
        policies, unreadable = {}, set()
        for bundle_hash, state in states.items():
            known = self.policies.get(bundle_hash)
            if known is None or known[0] != state.text:
                try:
                    known = (state.text, Policy.from_json(state.text))
                except PolicyError as error:
                    self.fault = error
                    unreadable.add(bundle_hash)
                    if bundle_hash not in self.unreadable:
                        _log(bundle_hash, error)
                    continue
            policies[bundle_hash] = known
        self.unreadable = frozenset(unreadable)
        return policies


def _is_within(since: float | None, now: float, seconds: float) -> bool:
    return since is not None and 0 <= now - since < seconds


def _log(bundle_hash: str, error: PolicyError) -> None:
    import logging  # a start needs none

    logging.getLogger("tiny_dancer.history").error(_UNREADABLE, bundle_hash[:12], error)
