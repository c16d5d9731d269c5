"""A history in the tab's IndexedDB, through the functions of web/router/src/store/store.ts.

One JavaScript function is one transaction, since none can be held across an await from Python.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Self

from js import Object
from pyodide.ffi import JsException, create_proxy, to_js

from ...candidates.candidate import Candidate
from ...errors import InvalidInputError, SchemaError, StoreCorruptError, StoreError, StoreFullError
from ..records import COPIED, DecisionRecord, EventRecord, Outcome
from ..records.codec import COLUMNS, Kind, Record, Row, from_dict, from_row, to_row
from ..records.prompt_hash import KEY_BYTES
from ..records.statistics import CANDIDATE_TOTALS, MODEL_TOTALS, Statistics, from_totals
from . import sql
from .memory_totals import MemoryTotals
from .spent import SPENT, add_to_spent
from .store import HistoryStore, Versioned, check_page

_ERRORS: Final[dict[str, tuple[type[StoreError], str]]] = {
    "QuotaExceededError": (StoreFullError, "no space left for this site's data"),
    "VersionError": (SchemaError, "a newer version of tiny_dancer made the database"),
    "InvalidStateError": (StoreError, "the store is closed"),
}
_REFUSED: Final = ("ConstraintError", "DataCloneError", "DataError")
"""It is what was to be written that is at fault, and not the database."""


class IndexedDBStore(HistoryStore):
    """The contract on a Store of store.ts. Make one by `await IndexedDBStore.open(...)`."""

    def __init__(self, store: Any, proxies: Sequence[Any] = ()) -> None:
        """Take an open Store, and the callbacks to let go of with it."""
        self._store = store
        self._proxies = list(proxies)

    @classmethod
    async def open(
        cls,
        opener: Callable[..., Awaitable[Any]],
        name: str = "tiny-dancer",
        *,
        on_change: Callable[[], object] | None = None,
    ) -> Self:
        """Open the database, making it or bringing it to the newest version.

        Args:
            opener: `(name, events) => openStore(idb, name, events)`.
            name: the database's.
            on_change: called when another tab changed a shared state (`Views.expire`).

        Raises:
            SchemaError: a newer version of this package made the database.
            StoreError: it cannot be opened.
        """
        callbacks = {} if on_change is None else {"onChange": create_proxy(on_change)}
        events = to_js(callbacks, dict_converter=Object.fromEntries)
        return cls(await _call(opener(name, events)), list(callbacks.values()))

    async def insert_candidates(self, candidates: Sequence[Candidate]) -> None:
        await _call(self._store.replaceCandidates(_records("candidate", candidates)))

    async def get_candidate(self, candidate_id: str) -> Candidate | None:
        raw = json.loads(await _call(self._store.candidate(candidate_id)))
        return None if raw is None else _record("candidate", raw)

    async def query_candidates(
        self, limit: int = 50, offset: int = 0, where: Mapping[str, str] | None = None
    ) -> list[Candidate]:
        check_page(limit, offset)
        pairs = json.dumps(dict(where or {}))
        rows = json.loads(await _call(self._store.candidates(limit, offset, pairs)))
        return [_record("candidate", raw) for raw in rows]

    async def delete_candidate(self, candidate_id: str) -> bool:
        return bool(await _call(self._store.deleteCandidate(candidate_id)))

    async def record_routings(self, records: Sequence[DecisionRecord]) -> None:
        await _call(self._store.put("decision", _records("decision", records)))

    async def query_routings(self, limit: int = 50, offset: int = 0) -> list[DecisionRecord]:
        check_page(limit, offset)
        rows = json.loads(await _call(self._store.newest(limit, offset)))
        return [_record("decision", raw) for raw in rows]

    async def record_outcomes(self, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
        names = sql.OUTCOME_COLUMNS
        reported = _json([{name: getattr(one, name) for name in names} for one in outcomes])
        unknown = await _call(self._store.recordOutcomes(reported, _json(COPIED)))
        return tuple(json.loads(unknown))

    async def statistics(self, owner: str | None = None) -> Statistics:
        if owner is not None:
            return await self._recount(owner)
        totals = json.loads(await _call(self._store.totals()))
        return from_totals(
            [[row.get(name, 0) for name in MODEL_TOTALS] for row in totals["models"]],
            [[row.get(name, 0) for name in CANDIDATE_TOTALS] for row in totals["candidates"]],
        )

    async def _recount(self, owner: str) -> Statistics:
        """An owner's totals; a tab has no owners of its own, so that no running ones are kept."""
        totals = MemoryTotals(())
        kinds: tuple[Kind, Kind] = ("decision", "outcome")
        for kind in kinds:
            after, has_more = 0, True
            while has_more:
                raws = json.loads(await _call(self._store.scan(kind, after, 1000)))
                for raw in raws:
                    after, record = raw["seq"], _record(kind, raw)
                    if record.owner == owner and kind == "decision":
                        totals.count_decision(record)
                    elif record.owner == owner:
                        totals.count_outcome(record, 1)
                has_more = bool(raws)
        return totals.read(owner)

    async def load_states(self, kind: str) -> dict[str, Versioned]:
        states = json.loads(await _call(self._store.states(kind)))
        return {state["name"]: Versioned(state["version"], state["text"]) for state in states}

    async def swap_state(
        self, kind: str, name: str, text: str, version: int, events: Sequence[EventRecord] = ()
    ) -> bool:
        kept = _records("event", events)
        return bool(await _call(self._store.swap(kind, name, text, version, kept)))

    async def spend(self, name: str, period: str, amount: float, most: float) -> float | None:
        while True:  # until nobody was faster
            old = (await self.load_states(SPENT)).get(name, Versioned(0, ""))
            added = add_to_spent(old.text or None, period, amount, most)
            if added is None:
                return None
            if await self.swap_state(SPENT, name, added[0], old.version):
                return added[1]

    async def scan(self, kind: Kind, after: int = 0, limit: int = 1000) -> list[tuple[int, Row]]:
        rows = json.loads(await _call(self._store.scan(kind, after, limit)))
        # Through the record: what is damaged is refused here.
        return [(raw["seq"], to_row(kind, _record(kind, raw))) for raw in rows]

    async def put(self, kind: Kind, rows: Sequence[Row]) -> int:
        checked = [from_row(kind, row) for row in rows]
        return int(await _call(self._store.put(kind, _records(kind, checked))))

    async def retain(self, before: float, keep: int, limit: int = 1000) -> int:
        return int(await _call(self._store.retain(before, keep, limit)))

    async def prompt_key(self) -> bytes:
        key = await _call(self._store.promptKey())
        if len(key) != 2 * KEY_BYTES:
            raise StoreCorruptError("meta: the key for prompt hashes is missing")
        return bytes.fromhex(key)

    async def probe(self) -> None:
        await _call(self._store.probe())

    async def clear(self) -> None:
        await _call(self._store.clear())

    async def close(self) -> None:
        self._store.close()
        while self._proxies:
            self._proxies.pop().destroy()


def _records(kind: Kind, records: Sequence[Record]) -> str:
    columns = COLUMNS[kind]
    return _json([dict(zip(columns, to_row(kind, one), strict=True)) for one in records])


def _record(kind: Kind, raw: dict[str, Any]) -> Any:
    try:
        return from_dict(kind, {name: value for name, value in raw.items() if name != "seq"})
    except ValueError as error:
        raise StoreCorruptError(f"{sql.TABLES[kind]}: {error}") from None


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


async def _call(call: Awaitable[Any]) -> Any:
    """What a function of store.ts gives, its failure as one of ours."""
    try:
        return await call
    except JsException as error:
        name = str(getattr(error, "name", ""))
        if name in _REFUSED:
            raise InvalidInputError(f"the store does not keep it: {str(error)[:300]}") from error
        kind, what = _ERRORS.get(name, (StoreError, str(error)[:300]))
        raise kind(f"IndexedDB: {what}") from error
