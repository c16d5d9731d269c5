"""The monitors of certified policies in a history store: one state a bundle, for all processes.

Whoever refreshes reads on where the last one stopped, and keeps the state by compare-and-swap. So
every outcome counts once, whichever process took it, and a process that starts knows of an alarm.
"""

import json
from dataclasses import replace
from typing import Final

from ...drift import Drift, Monitors
from ...errors import StoreCorruptError
from ...policy import Policy
from ..readings.paired_outcomes import pair_of
from ..records import DecisionRecord, EventRecord, OutcomeRecord
from ..records.codec import Kind, from_row
from ..stores.store import HistoryStore
from .replacement import replace_state
from .watched import Watched

KIND: Final = "drift"
PAGE: Final = 500
PAGES: Final = 4
"""Of outcomes read at one look, and of decisions; those that are more wait, or are left out."""


class DriftStates:
    """Reads on, and keeps what was found.

    Args:
        store: where outcomes, decisions and states are.
    """

    def __init__(self, store: HistoryStore) -> None:
        """Ask the store nothing."""
        self._store = store

    async def look(self, watched: Watched, now: float) -> Drift:
        """What the monitors say after the outcomes and decisions that came since the last look.

        What cannot be read, a state or a row, is an alarm: it may have held one. The state stays.

        Raises:
            StoreError: the store failed otherwise.
        """
        try:
            return await self._look(watched, now)
        except StoreCorruptError:
            return self.doubt(watched)

    def doubt(self, watched: Watched) -> Drift:
        """What is said where nothing could be read: an alarm."""
        return replace(Monitors(watched.policy).read(), is_unreadable=True)

    async def _look(self, watched: Watched, now: float) -> Drift:
        version, monitors = await self._load(watched)
        if monitors is None:
            monitors = await self._start(watched.policy, now)
        elif not await self._read_on(monitors, watched, now):
            return monitors.read()
        if not await self._swap(watched, monitors, version, now):
            _, kept = await self._load(watched)  # somebody else read on
            return (kept or monitors).read()
        return monitors.read()

    async def peek(self, watched: Watched, now: float) -> Drift:
        """What `look` would say; nothing is kept.

        Raises:
            StoreError: a state or a row cannot be read.
        """
        _, monitors = await self._load(watched)
        if monitors is None:
            return Monitors(watched.policy).read()
        await self._read_on(monitors, watched, now)
        return monitors.read()

    async def restart(self, watched: Watched, now: float) -> Drift:
        """Forget the evidence: an alarm was acknowledged, or the policy is new.

        Raises:
            StoreError: it could not be stored.
        """
        monitors = await self._start(watched.policy, now)
        await replace_state(
            self._store,
            KIND,
            watched.bundle_hash,
            monitors.to_json(),
            lambda version: [_describe("restarted", watched, version, now)],
        )
        return monitors.read()

    async def _load(self, watched: Watched) -> tuple[int, Monitors | None]:
        state = (await self._store.load_states(KIND)).get(watched.bundle_hash)
        if state is None:
            return 0, None
        return state.version, Monitors.from_json(state.text, watched.policy)

    async def _start(self, policy: Policy, now: float) -> Monitors:
        monitors = Monitors(policy)
        monitors.since = now
        monitors.outcomes_to = await _find_last(self._store, "outcome")
        monitors.decisions_to = await _find_last(self._store, "decision")
        return monitors

    async def _swap(self, watched: Watched, monitors: Monitors, version: int, now: float) -> bool:
        is_new = monitors.read().loss.since == now
        events = [_describe("alarm", watched, version + 1, now)] if is_new else []
        return await self._store.swap_state(
            KIND, watched.bundle_hash, monitors.to_json(), version, events
        )

    async def _read_on(self, monitors: Monitors, watched: Watched, now: float) -> bool:
        """True where there was something new."""
        before = monitors.outcomes_to, monitors.decisions_to
        monitors.outcomes_to = await self._find_start("outcome", monitors.outcomes_to)
        monitors.decisions_to = await self._find_start("decision", monitors.decisions_to)
        for _ in range(PAGES):
            rows = await self._store.scan("outcome", monitors.outcomes_to, PAGE)
            for number, row in rows:
                outcome: OutcomeRecord = from_row("outcome", row)
                pair = pair_of(outcome, watched.bundle_hash, watched.models)
                if pair is not None and outcome.at >= monitors.since:
                    monitors.take_outcome(pair, now, outcome.decision_id)
                monitors.outcomes_to = number
            if len(rows) < PAGE:
                break
        for _ in range(PAGES):
            rows = await self._store.scan("decision", monitors.decisions_to, PAGE)
            for number, row in rows:
                decision: DecisionRecord = from_row("decision", row)
                if decision.policy_id == monitors.policy_id and decision.score is not None:
                    monitors.take_score(decision.score, decision.decision_id, now)
                monitors.decisions_to = number
            if len(rows) < PAGE:
                break
        else:  # more than anybody reads along with: go on with the newest
            monitors.decisions_to = await _find_last(self._store, "decision")
        return before != (monitors.outcomes_to, monitors.decisions_to)

    async def _find_start(self, kind: Kind, after: int) -> int:
        """The number to read on from: 0 once its row is gone, as numbers then start anew."""
        return after if after and await _has_row(self._store, kind, after - 1) else 0


def _describe(what: str, watched: Watched, version: int, now: float) -> EventRecord:
    text = json.dumps({"event": what, "policy_id": watched.policy.id})
    return EventRecord(kind=KIND, name=watched.bundle_hash, version=version, n=0, at=now, text=text)


async def _find_last(store: HistoryStore, kind: Kind) -> int:
    """Number of the last row, 0 where there is none; by halving, as stores only scan forwards."""
    low, step = 0, 1
    while await _has_row(store, kind, low + step - 1):
        low, step = low + step, step * 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if await _has_row(store, kind, middle - 1) else (low, middle)
    return low


async def _has_row(store: HistoryStore, kind: Kind, after: int) -> bool:
    """True where there is a row beyond a number; a damaged one is there too."""
    try:
        return bool(await store.scan(kind, after, 1))
    except StoreCorruptError:
        return True
