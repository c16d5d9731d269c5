"""The contract in SQL; SQLite and D1 add how statements are run."""

import json
import os
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final, TypeAlias

from ...candidates.candidate import Candidate
from ...errors import StoreCorruptError
from ..records import DecisionRecord, EventRecord, Outcome
from ..records.codec import Kind, Row, from_row, to_row
from ..records.prompt_hash import KEY_BYTES
from ..records.statistics import Statistics, from_totals
from . import sql
from .store import HistoryStore, Versioned, check_page

Value: TypeAlias = str | int | float | None
Statement: TypeAlias = tuple[str, tuple[Value, ...]]


PART_CHARS: Final = 400_000
"""So much JSON goes into one parameter, four bytes a character at worst."""


class SqlStore(HistoryStore):
    """Every method is one call of `_read` or `_write`."""

    @abstractmethod
    async def _read(self, text: str, values: tuple[Value, ...]) -> list[Sequence[Any]]:
        """The rows a query gives."""

    @abstractmethod
    async def _write(
        self, statements: Sequence[Statement], *, durable: bool
    ) -> list[list[Sequence[Any]]]:
        """Run statements in one transaction; the rows that each returns.

        Args:
            statements: texts with their parameters.
            durable: what is written must outlive a loss of power once this returns.
        """

    async def insert_candidates(self, candidates: Sequence[Candidate]) -> None:
        rows = [to_row("candidate", candidate) for candidate in candidates]
        await self._write(_batch(sql.UPSERT_CANDIDATES, rows), durable=True)

    async def get_candidate(self, candidate_id: str) -> Candidate | None:
        rows = await self._read(sql.GET_CANDIDATE, (candidate_id,))
        return _record("candidate", rows[0]) if rows else None

    async def query_candidates(
        self, limit: int = 50, offset: int = 0, where: Mapping[str, str] | None = None
    ) -> list[Candidate]:
        check_page(limit, offset)
        pairs = _json(dict(where or {}))
        rows = await self._read(sql.QUERY_CANDIDATES, (pairs, limit, offset))
        return [_record("candidate", row) for row in rows]

    async def delete_candidate(self, candidate_id: str) -> bool:
        (gone,) = await self._write([(sql.DELETE_CANDIDATE, (candidate_id,))], durable=True)
        return bool(gone)

    async def record_routings(self, records: Sequence[DecisionRecord]) -> None:
        rows = [to_row("decision", record) for record in records]
        await self._write(_batch(sql.PUT["decision"], rows), durable=False)

    async def query_routings(self, limit: int = 50, offset: int = 0) -> list[DecisionRecord]:
        check_page(limit, offset)
        rows = await self._read(sql.NEWEST_DECISIONS, (limit, offset))
        return [_record("decision", row) for row in rows]

    async def record_outcomes(self, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
        statements: list[Statement] = []
        for is_owned, part in groupby(outcomes, lambda outcome: outcome.owner is not None):
            text = sql.RECORD_OWNED_OUTCOMES if is_owned else sql.RECORD_OUTCOMES
            statements += _batch(text, [[getattr(o, n) for n in sql.OUTCOME_COLUMNS] for o in part])
        results = await self._write(statements, durable=True)
        ids = {row[0] for known in results for row in known}
        return tuple(o.decision_id for o in outcomes if o.decision_id not in ids)

    async def statistics(self, owner: str | None = None) -> Statistics:
        if owner is not None:
            ((models,),) = await self._read(sql.OWNER_STATISTICS, (owner,))
            return from_totals(json.loads(models), ())
        ((models, candidates),) = await self._read(sql.STATISTICS, ())
        return from_totals(json.loads(models), json.loads(candidates))

    async def load_states(self, kind: str) -> dict[str, Versioned]:
        rows = await self._read(sql.LOAD_STATES, (kind,))
        return {name: Versioned(version, text) for name, version, text in rows}

    async def swap_state(
        self, kind: str, name: str, text: str, version: int, events: Sequence[EventRecord] = ()
    ) -> bool:
        statements: list[Statement] = [
            (sql.SWAP_STATE, (text, kind, name, version))
            if version
            else (sql.SEED_STATE, (kind, name, text, version))
        ]
        if events:  # kept only where the swap was won
            rows = _json([to_row("event", event) for event in events])
            statements.append((sql.PUT_EVENTS, (rows, kind, name, version + 1, text)))
        won, *_ = await self._write(statements, durable=True)
        return bool(won)

    async def spend(self, name: str, period: str, amount: float, most: float) -> float | None:
        (rows,) = await self._write([(sql.SPEND, (name, period, amount, most))], durable=True)
        return float(rows[0][0]) if rows else None

    async def scan(self, kind: Kind, after: int = 0, limit: int = 1000) -> list[tuple[int, Row]]:
        rows = await self._read(sql.SCAN[kind], (after, limit))
        # Through the record: what is damaged is refused here, and flags are flags again.
        return [(seq, to_row(kind, _record(kind, row))) for seq, *row in rows]

    async def put(self, kind: Kind, rows: Sequence[Row]) -> int:
        checked = [to_row(kind, from_row(kind, row)) for row in rows]
        return sum(
            map(len, await self._write(_batch(sql.PUT_COUNTING[kind], checked), durable=True))
        )

    async def retain(self, before: float, keep: int, limit: int = 1000) -> int:
        statements: list[Statement] = [(text, (limit, before, keep)) for text in sql.RETAIN]
        statements.append((sql.RETAIN_STATES, (limit,)))
        return sum(map(len, await self._write(statements, durable=False)))

    async def prompt_key(self) -> bytes:
        rows = await self._read(sql.GET_META, ("key",))
        if not rows or len(rows[0][0]) != 2 * KEY_BYTES:
            raise StoreCorruptError("meta: the key for prompt hashes is missing")
        return bytes.fromhex(rows[0][0])

    async def probe(self) -> None:
        await self._write([(sql.PROBE, (draw_key(),))], durable=False)

    async def clear(self) -> None:
        *deletions, new_key = sql.CLEAR
        statements: list[Statement] = [(text, ()) for text in deletions]
        await self._write([*statements, (new_key, (draw_key(),))], durable=True)


def draw_key() -> str:
    """A new random key for prompt hashes, hexadecimal."""
    return os.urandom(KEY_BYTES).hex()


def _batch(text: str, rows: Sequence[Row]) -> list[Statement]:
    """One statement for many rows; more where their JSON is too long for one parameter."""
    statements: list[Statement] = []
    part: list[str] = []
    size = 0
    for row in rows:
        one = _json(row)
        if part and size + len(one) > PART_CHARS:
            statements.append((text, ("[" + ",".join(part) + "]",)))
            part, size = [], 0
        part.append(one)
        size += len(one)
    if part:
        statements.append((text, ("[" + ",".join(part) + "]",)))
    return statements


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def _record(kind: Kind, row: Sequence[Any]) -> Any:
    """The record of a row of the database.

    Raises:
        StoreCorruptError: the row is not one.
    """
    try:
        return from_row(kind, row)
    except ValueError as error:
        raise StoreCorruptError(f"{sql.TABLES[kind]}: {error}") from None
