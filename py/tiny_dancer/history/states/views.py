"""What a decision may know of breakers and policies without waiting for a store.

A decision reads these views; they are refreshed after an answer, and are then at most
`HistoryConfig.view_age_s` old.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ...breaker.lease import Lease
from ...breaker.views import BreakerViews
from ...config import BreakerConfig, HistoryConfig
from ...errors import PolicyError, StoreError
from ...policy import Policy
from .reading import Reading

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
    """Breakers by model, and what was read of policies and drift.

    Args:
        store: where they are shared; None keeps them in this process.
        config: how old they may be.
        breaker: settings of every breaker.

    Attributes:
        breakers: see BreakerViews.
        fault: why the store, or a state in it, could not be read at the last look; None where all
            could.
        reading: policies and drift; another object whenever they were read.
        find_watched: a weak reference to what gives the certified policy that decides by a reading.
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
        self.reading = Reading()
        self.find_watched: Callable[[], Callable[[Reading], Watched | None] | None] = lambda: None
        self._looked_at: float | None = None
        self._readings = self._published = 0
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

    @property
    def drift(self) -> "Drift | None":
        """What the monitors say of the certified policy in service; None where there is none."""
        return self.reading.drift

    async def refresh(self, now: float) -> None:
        """Load all shared states, and read on for the monitors.

        A policy goes into service together with what its monitors say. Where they say nothing,
        since the store failed, what they said of it last holds; it is an alarm where that is
        nothing.

        Raises:
            StoreError: the states could not be loaded; breakers and policies stay as they were.
        """
        if self._store is None or self._states is None:
            return
        try:
            await self._load(self._store, self._states, now)
        except StoreError:
            self._publish(replace(self.reading, drift=self._doubt(self.reading)))
            raise

    async def _load(self, store: "HistoryStore", states: "BreakerStates", now: float) -> None:
        for _ in range(TRIES):
            swaps, readings = self.breakers.swaps, self._readings
            breakers = await states.load()
            policies = await store.load_states("policy")
            if readings == self._readings:
                break  # else another look ended meanwhile, and may have seen what is newer
        else:
            return  # the views are as new as those looks
        self._readings = number = self._readings + 1
        self.fault = None
        if swaps == self.breakers.swaps:  # else what was loaded may be older than what is here
            try:
                self.breakers.adopt(breakers)
            except StoreError as error:
                self.fault = error
        reading = self._parse(policies)
        has_looked, drift = await self._look(reading, now)
        if number < self._published:
            return  # somebody read later, and was faster
        self._publish(replace(reading, drift=drift), number)
        self._loaded_at = now
        if has_looked:
            self._looked_at = now

    async def restart_drift(self, now: float) -> None:
        """Forget the evidence of drift.

        Raises:
            StoreError: it failed; the evidence stays.
        """
        watched = self._find_watched(self.reading)
        if watched is not None and self._drifts is not None:
            drift = await self._drifts.restart(watched, now)
            self._readings += 1  # what a look that goes on has loaded may be the evidence before
            self._publish(replace(self.reading, drift=drift), self._readings)

    def _publish(self, reading: Reading, number: int = 0) -> None:
        self.reading = reading
        self._published = max(self._published, number)

    def _find_watched(self, reading: Reading) -> "Watched | None":
        find = self.find_watched()
        return find(reading) if find is not None else None

    async def _look(self, reading: Reading, now: float) -> "tuple[bool, Drift | None]":
        """Drift of the policy that decides by a reading; True where the store was asked."""
        watched = self._find_watched(reading)
        if watched is None or self._drifts is None:
            return False, None
        known = self.drift
        is_known = known is not None and known.policy_id == watched.policy.id
        if is_known and _is_within(self._looked_at, now, LOOK_S):
            return False, known
        try:
            return True, await self._drifts.look(watched, now)
        except StoreError as error:
            self.fault, self._looked_at = error, None
            return False, self._doubt(reading)

    def _doubt(self, reading: Reading) -> "Drift | None":
        """What is known of drift where the store fails."""
        watched = self._find_watched(reading)
        if watched is None or self._drifts is None:
            return None
        known = self.drift
        if known is not None and known.policy_id == watched.policy.id:
            return known
        return self._drifts.doubt(watched)

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

    def _parse(self, states: Mapping[str, "Versioned"]) -> Reading:
        policies, unreadable = {}, set()
        for bundle_hash, state in states.items():
            known = self.reading.policies.get(bundle_hash)
            if known is None or known[0] != state.text:
                try:
                    known = (state.text, Policy.from_json(state.text))
                except PolicyError as error:
                    self.fault = error
                    unreadable.add(bundle_hash)
                    if bundle_hash not in self.reading.unreadable:
                        _log(bundle_hash, error)
                    continue
            policies[bundle_hash] = known
        return Reading(policies, frozenset(unreadable))


def _is_within(since: float | None, now: float, seconds: float) -> bool:
    return since is not None and 0 <= now - since < seconds


def _log(bundle_hash: str, error: PolicyError) -> None:
    import logging  # a start needs none

    logging.getLogger("tiny_dancer.history").error(_UNREADABLE, bundle_hash[:12], error)
