"""The history file for people who want it without an event loop."""

from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Sequence
from os import PathLike
from time import time
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

from ..candidates.candidate import Candidate
from ..errors import InvalidInputError
from .readings.export import export_lines, import_lines
from .records import DecisionRecord, Outcome
from .records.binary import pack_float32
from .records.codec import Kind
from .records.prompt_hash import prompt_hash
from .records.statistics import Statistics
from .stores.sql_store import SqlStore, Statement, Value
from .stores.sqlite import Database
from .stores.store import record_outcome

_T = TypeVar("_T")


class Storage:
    """Candidates, decisions and outcomes in one SQLite file; every call is one transaction.

    Args:
        path: file to open or make; ":memory:" keeps all in memory.
        busy_s: how long to wait for another process, in seconds.

    Raises:
        SchemaError: a newer version of this package made the file.
        StoreCorruptError: the file is damaged or no database.
        StoreLockedError: another process held it for too long.
        StoreError: it cannot be opened, or belongs to another program.
    """

    def __init__(self, path: str | PathLike[str], busy_s: float = 5.0) -> None:
        """Open the file."""
        self._database = Database(path, busy_s)
        self._store = _Direct(self._database)
        self._key = _run(self._store.prompt_key())

    def insert_candidate(self, candidate: Candidate) -> None:
        """Keep a candidate; one with the same id is replaced."""
        _run(self._store.insert_candidates([candidate]))

    def get_candidate(self, candidate_id: str) -> Candidate | None:
        """The candidate of this id."""
        return _run(self._store.get_candidate(candidate_id))

    def query_candidates(
        self, limit: int = 50, offset: int = 0, where: dict[str, str] | None = None
    ) -> list[Candidate]:
        """Candidates in the order they came, those whose metadata hold all pairs of `where`."""
        return _run(self._store.query_candidates(limit, offset, where))

    def delete_candidate(self, candidate_id: str) -> bool:
        """Forget a candidate; False where there was none."""
        return _run(self._store.delete_candidate(candidate_id))

    def record_routing(
        self,
        candidate_id: str | None,
        query_embedding: Sequence[float] | None,
        confidence: float | None,
        use_lightweight: bool,
        uncertainty: float | None = None,
        inference_time_us: float | None = None,
    ) -> str:
        """Keep a decision; its id, for `record_outcome`.

        Of the embedding only a keyed hash is kept, which tells equal queries.
        """
        record = DecisionRecord(
            decision_id=uuid4().hex,
            at=time(),
            model="light" if use_lightweight else "powerful",
            use_lightweight=use_lightweight,
            reason="recorded",
            prompt_hash=self._hash(query_embedding),
            candidate_id=candidate_id,
            confidence=confidence,
            uncertainty=uncertainty,
            inference_time_us=inference_time_us,
        )
        self.record_routings([record])
        return record.decision_id

    def record_routings(self, records: Iterable[DecisionRecord]) -> None:
        """Keep decisions in one transaction; an id that is there already is skipped."""
        _run(self._store.record_routings(list(records)))

    def query_routings(self, limit: int = 50, offset: int = 0) -> list[DecisionRecord]:
        """Decisions, the one written last first."""
        return _run(self._store.query_routings(limit, offset))

    def record_outcome(self, outcome: Outcome) -> None:
        """Keep what became of a decision.

        Raises:
            UnknownDecisionError: the store does not hold its decision.
        """
        _run(record_outcome(self._store, outcome))

    def get_statistics(self) -> Statistics:
        """Totals since the file was made."""
        return _run(self._store.statistics())

    def export(self) -> Iterator[str]:
        """All records as lines of JSON, each with its line break."""
        lines = export_lines(self._store)
        while line := _run(_next(lines)):
            yield line

    def import_(self, lines: Iterable[str]) -> dict[Kind, int]:
        """Add the records of an export; those already there stay. How many were new, by kind.

        Raises:
            InvalidInputError: a line is not one of an export; the lines before it are kept.
            SchemaError: a newer version of this package made the export.
        """
        return _run(import_lines(self._store, lines))

    def check(self) -> None:
        """Read the whole file; StoreCorruptError where something does not fit."""
        self._database.check()

    def close(self) -> None:
        """Let go of the file. Calling it again does nothing."""
        self._database.close()

    def _hash(self, query: Sequence[float] | None) -> str | None:
        if query is None:
            return None
        try:
            return prompt_hash(self._key, pack_float32(query))
        except (TypeError, OverflowError):
            raise InvalidInputError("query_embedding: a sequence of numbers is needed") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Direct(SqlStore):
    """The contract without waiting: its coroutines end at their first step."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _read(self, text: str, values: tuple[Value, ...]) -> list[Sequence[Any]]:
        return self._database.read(text, values)

    async def _write(
        self, statements: Sequence[Statement], *, durable: bool
    ) -> list[list[Sequence[Any]]]:
        return self._database.write(statements, durable=durable)

    async def close(self) -> None:
        self._database.close()


async def _next(lines: AsyncIterator[str]) -> str | None:
    return await anext(lines, None)


def _run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: _T = end.value
        return result
    raise RuntimeError("a coroutine that should not wait did")
