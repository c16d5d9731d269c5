"""What a decision may know of breakers, policies and drift without waiting for a store.

A decision reads these views; they are refreshed after an answer, and are then at most
`HistoryConfig.view_age_s` old.
"""

from typing import Final

from ..breaker.lease import Lease
from ..breaker.views import BreakerViews
from ..config import BreakerConfig, HistoryConfig
from ..errors import PolicyError, StoreError
from ..policy import Policy
from .store import HistoryStore, Versioned

CLAIM_S: Final = 1.0
"""So long one refresh keeps others from beginning."""


class Views:
    """Breakers by model, policies by bundle, drift by monitor.

    Args:
        config: how old they may be.
        breaker: settings of every breaker.
        stored: False where there is no store behind them.

    Attributes:
        breakers: see BreakerViews.
        fault: the last state that could not be read, or None.
        policies: text and policy by bundle; another object after every refresh.
    """

    def __init__(self, config: HistoryConfig, breaker: BreakerConfig, *, stored: bool) -> None:
        """Start with closed breakers and nothing else."""
        self.breakers = BreakerViews(breaker, config.view_age_s, stored=stored)
        self.fault: Exception | None = None
        self._age_s = config.view_age_s
        self._stored = stored
        self.policies: dict[str, tuple[str, Policy]] = {}
        self._drift: dict[str, str] = {}
        self._seen_at: float | None = None
        self._claimed_at: float | None = None

    def policy(self, bundle_hash: str) -> Policy | None:
        """The stored policy for a bundle."""
        found = self.policies.get(bundle_hash)
        return found[1] if found else None

    def drift(self, name: str) -> str | None:
        """The stored state of a drift monitor, as JSON."""
        return self._drift.get(name)

    def is_stale(self, now: float) -> bool:
        """True where the views are older than they may be, or the clock went back."""
        return self._stored and not _within(self._seen_at, now, self._age_s)

    def expire(self) -> None:
        """Somebody else changed the shared states: look again at the next chance."""
        self._seen_at = self._claimed_at = None

    def claim(self, now: float) -> bool:
        """True where a refresh is due and nobody else began one within the last second."""
        if not self.is_stale(now) or _within(self._claimed_at, now, CLAIM_S):
            return False
        self._claimed_at = now
        return True

    async def refresh(self, store: HistoryStore, now: float) -> None:
        """Load all shared states.

        Raises:
            StoreError: it failed; the views stay as they were.
        """
        swaps = self.breakers.swaps
        states = await store.load_states("breaker")
        policies = await store.load_states("policy")
        drift = await store.load_states("drift")
        if swaps == self.breakers.swaps:  # else what was loaded may be older than what is here
            try:
                self.breakers.see(states)
            except StoreError as error:
                self.fault = error
        self.policies = self._parsed(policies)
        self._drift = {name: state.text for name, state in drift.items()}
        self._seen_at = now

    async def lease(self, store: HistoryStore | None, model: str, now: float) -> Lease | None:
        """A lease for one probe of a half-open model; None where none is to be had or needed.

        This is the one call that looks at the store before an answer, and only where the views are
        too old; where the store fails, this process leases for itself.
        """
        if store is not None and self.is_stale(now):
            try:
                await self.refresh(store, now)
            except StoreError as error:
                self.fault = error
        return await self.breakers.lease(store, model, now)

    def _parsed(self, states: dict[str, Versioned]) -> dict[str, tuple[str, Policy]]:
        policies = {}
        for bundle_hash, state in states.items():
            known = self.policies.get(bundle_hash)
            if known is None or known[0] != state.text:
                try:
                    known = (state.text, Policy.from_json(state.text))
                except PolicyError as error:
                    self.fault = error
                    continue
            policies[bundle_hash] = known
        return policies


def _within(since: float | None, now: float, seconds: float) -> bool:
    return since is not None and 0 <= now - since < seconds
