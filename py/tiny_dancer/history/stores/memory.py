"""A history that lives as long as the process."""

import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import wraps
from itertools import islice
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar

from ...candidates.candidate import Candidate
from ...checks import MAX_MODELS
from ...errors import StoreError
from ..records import (
    COPIED,
    REPORTED,
    DecisionRecord,
    EventRecord,
    Outcome,
    OutcomeRecord,
    StateRecord,
)
from ..records.codec import TYPES, Kind, Row, from_row, to_row
from ..records.outcome import PEOPLE
from ..records.prompt_hash import KEY_BYTES
from ..records.state import CLAIMS, TEXTS
from ..records.statistics import Statistics
from .memory_totals import MemoryTotals
from .spent import SPENT, add_to_spent
from .store import CLOSED, HistoryStore, Versioned, check_page

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _alone(
    method: Callable[Concatenate["MemoryStore", _P], Coroutine[Any, Any, _T]],
) -> Callable[Concatenate["MemoryStore", _P], Coroutine[Any, Any, _T]]:
    """The method as one step to all others, also to those that another thread calls."""

    @wraps(method)
    async def locked(self: "MemoryStore", /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        with self._lock:  # nothing is awaited inside
            return await method(self, *args, **kwargs)

    return locked


class MemoryStore(HistoryStore):
    """The contract with dictionaries. A router's writer calls it from a thread of its own."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = Lock()
        self._empty()
        self._closed = False

    def _empty(self) -> None:
        self._number = 0
        self._key = b""  # drawn when asked for: a Worker's start has no entropy
        self._tables: dict[Kind, dict[Any, Any]] = {kind: {} for kind in TYPES}
        self._totals = MemoryTotals(self._tables["candidate"])

    @_alone
    async def insert_candidates(self, candidates: Sequence[Candidate]) -> None:
        table = self._table("candidate")
        for candidate in candidates:
            number, _ = table.get(candidate.id, (self._next(), None))
            table[candidate.id] = (number, candidate)

    @_alone
    async def get_candidate(self, candidate_id: str) -> Candidate | None:
        found = self._table("candidate").get(candidate_id)
        return found[1] if found else None

    @_alone
    async def query_candidates(
        self, limit: int = 50, offset: int = 0, where: Mapping[str, str] | None = None
    ) -> list[Candidate]:
        check_page(limit, offset)
        pairs = (where or {}).items()
        found = (c for _, c in self._table("candidate").values() if pairs <= c.metadata.items())
        return list(islice(found, offset, offset + limit))

    @_alone
    async def delete_candidate(self, candidate_id: str) -> bool:
        return self._table("candidate").pop(candidate_id, None) is not None

    @_alone
    async def record_routings(self, records: Sequence[DecisionRecord]) -> None:
        for record in records:
            self._add("decision", record)

    @_alone
    async def query_routings(self, limit: int = 50, offset: int = 0) -> list[DecisionRecord]:
        check_page(limit, offset)
        newest = reversed(self._table("decision").values())
        return [record for _, record in islice(newest, offset, offset + limit)]

    @_alone
    async def record_outcomes(self, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
        decisions, table = self._table("decision"), self._table("outcome")
        unknown = []
        for outcome in outcomes:
            _, old = table.get(outcome.decision_id, (0, None))
            _, decision = decisions.get(outcome.decision_id, (0, None))
            if decision is None or _is_foreign(outcome, decision):
                unknown.append(outcome.decision_id)
                continue
            new = _merge(old, outcome, decision)
            if old is not None:
                self._totals.count_outcome(old, -1)
            self._totals.count_outcome(new, 1)
            table.pop(outcome.decision_id, None)  # as the newest, so that it is scanned again
            table[outcome.decision_id] = (self._next(), new)
        return tuple(unknown)

    @_alone
    async def statistics(self, owner: str | None = None) -> Statistics:
        self._table("decision")
        return self._totals.read(owner)

    @_alone
    async def load_states(self, kind: str) -> dict[str, Versioned]:
        states = (state for _, state in self._table("state").values() if state.kind == kind)
        return {state.name: Versioned(state.version, state.text) for state in states}

    @_alone
    async def swap_state(
        self, kind: str, name: str, text: str, version: int, events: Sequence[EventRecord] = ()
    ) -> bool:
        table = self._table("state")
        number, old = table.get((kind, name), (0, None))
        if version != (old.version if old else 0):
            return False
        new = StateRecord(kind=kind, name=name, version=version + 1, text=text)
        table[kind, name] = (number or self._next(), new)
        for event in events:
            self._add("event", event)
        return True

    @_alone
    async def spend(self, name: str, period: str, amount: float, most: float) -> float | None:
        table, key = self._table("state"), (SPENT, name)
        number, old = table.get(key, (0, None))
        added = add_to_spent(old.text if old else None, period, amount, most)
        if added is None:
            return None
        version = old.version + 1 if old else 1
        new = StateRecord(kind=SPENT, name=name, version=version, text=added[0])
        table[key] = (number or self._next(), new)
        return added[1]

    @_alone
    async def scan(self, kind: Kind, after: int = 0, limit: int = 1000) -> list[tuple[int, Row]]:
        held = list(self._table(kind).values())  # one step, though a thread writes meanwhile
        rows = ((n, to_row(kind, record)) for n, record in held if n > after)
        return list(islice(rows, limit))

    @_alone
    async def put(self, kind: Kind, rows: Sequence[Row]) -> int:
        return sum(self._add(kind, record) for record in [from_row(kind, row) for row in rows])

    @_alone
    async def retain(self, before: float, keep: int, limit: int = 1000) -> int:
        deleted = 0
        for kind in ("decision", "outcome", "event"):
            table = self._table(kind)
            beyond = len(table) - keep
            old = [
                key
                for n, (key, (_, record)) in enumerate(islice(table.items(), limit))
                if n < beyond or record.at < before
            ]
            for key in old:
                del table[key]
            deleted += len(old)
        return deleted + self._retain_states(limit)

    @_alone
    async def prompt_key(self) -> bytes:
        self._key = self._key or os.urandom(KEY_BYTES)
        return self._key

    @_alone
    async def probe(self) -> None:
        self._table("state")

    @_alone
    async def clear(self) -> None:
        self._table("decision")
        self._empty()

    @_alone
    async def close(self) -> None:
        self._closed = True

    def _retain_states(self, limit: int) -> int:
        """Delete what is kept of pairs whose decisions are gone; how many."""
        states, decisions = self._table("state"), self._table("decision")
        ids = (
            (key, state.text if state.kind == CLAIMS else state.name)
            for key, (_, state) in states.items()
            if state.kind in (CLAIMS, TEXTS)
        )
        old = [key for key, decision_id in islice(ids, limit) if decision_id not in decisions]
        for key in old:
            del states[key]
        return len(old)

    def _table(self, kind: Kind) -> dict[Any, Any]:
        if self._closed:
            raise StoreError(CLOSED)
        return self._tables[kind]

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _add(self, kind: Kind, record: Any) -> bool:
        table, key = self._table(kind), _key(kind, record)
        if key in table:
            return False
        table[key] = (self._next(), record)
        if kind == "decision":
            self._totals.count_decision(record)
        elif kind == "outcome":
            self._totals.count_outcome(record, 1)
        return True


def _key(kind: Kind, record: Any) -> Any:
    if kind == "candidate":
        return record.id
    if kind == "state":
        return record.kind, record.name
    if kind == "event":
        return record.kind, record.name, record.version, record.n
    return record.decision_id


def _is_foreign(outcome: Outcome, decision: DecisionRecord) -> bool:
    """True where the decision is somebody else's."""
    return None not in (outcome.owner, decision.owner) and outcome.owner != decision.owner


def _numbers(outcome: Outcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in REPORTED}


def _merge(old: OutcomeRecord | None, outcome: Outcome, decision: DecisionRecord) -> OutcomeRecord:
    """What was known and what is reported now; that wins, but for a judge's mark over people's.

    Of an owner's numbers only those count that were not known: a measured cost stays.
    """
    numbers = _numbers(outcome)
    scores: dict[str, float] = dict(outcome.scores)
    if old is not None:
        first, then = numbers, _numbers(old)
        if outcome.owner is not None:
            first, then = then, first
        numbers = {n: then[n] if value is None else value for n, value in first.items()}
        merged = {**old.scores, **scores}
        if old.graded_by == PEOPLE and outcome.graded_by not in (None, PEOPLE):
            merged, numbers["graded_by"] = {**scores, **old.scores}, PEOPLE
        elif outcome.graded_by is not None:
            numbers["graded_by"] = outcome.graded_by
        scores = merged if len(merged) <= MAX_MODELS else dict(old.scores)
    return OutcomeRecord(
        decision_id=outcome.decision_id,
        at=outcome.at,
        scores=scores,
        **numbers,
        **{name: getattr(decision, name) for name in COPIED},
    )
