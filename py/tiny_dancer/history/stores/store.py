"""The one contract of all stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ...candidates.candidate import Candidate
from ...errors import InvalidInputError
from ..records import DecisionRecord, EventRecord, Outcome
from ..records.codec import Kind, Row
from ..records.statistics import Statistics

CLOSED: Final = "the store is closed (a router closes its own: give each router another one)"
"""What a store says of itself that was closed."""


class UnknownDecisionError(InvalidInputError):
    """An outcome names a decision that the store does not hold (any more)."""


@dataclass(frozen=True, slots=True)
class Versioned:
    """A shared state's text and its version, which every swap raises by one."""

    version: int
    text: str


class HistoryStore(Protocol):
    """Where candidates, decisions, outcomes and shared states are kept.

    Every method is one transaction: when it returns, all of it is stored, and when it raises,
    nothing is. Writing the same record again changes nothing, so a caller who does not know
    whether a call went through repeats it.

    Every method may raise StoreLockedError, StoreFullError, StoreCorruptError, or StoreError where
    none of those fits; opening a store may raise SchemaError. What was stored stays untouched.
    """

    async def insert_candidates(self, candidates: Sequence[Candidate]) -> None:
        """Keep candidates; one with the same id is replaced in its place."""

    async def get_candidate(self, candidate_id: str) -> Candidate | None:
        """The candidate of this id."""

    async def query_candidates(
        self, limit: int = 50, offset: int = 0, where: Mapping[str, str] | None = None
    ) -> list[Candidate]:
        """Candidates in the order they came, those whose metadata hold all pairs of `where`."""

    async def delete_candidate(self, candidate_id: str) -> bool:
        """Forget a candidate; False where there was none."""

    async def record_routings(self, records: Sequence[DecisionRecord]) -> None:
        """Keep decisions; a decision id that is there already is skipped."""

    async def query_routings(self, limit: int = 50, offset: int = 0) -> list[DecisionRecord]:
        """Decisions, the one written last first."""

    async def record_outcomes(self, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
        """Keep outcomes with what they copy from their decisions; the ids not known here."""

    async def statistics(self, owner: str | None = None) -> Statistics:
        """Totals since the store was made; of an owner's decisions alone, without candidates.

        In a tab an owner's are those of the records that are kept.
        """

    async def load_states(self, kind: str) -> dict[str, Versioned]:
        """All shared states of a kind by name."""

    async def swap_state(
        self, kind: str, name: str, text: str, version: int, events: Sequence[EventRecord] = ()
    ) -> bool:
        """Replace a state if its version still is this one (0: not there yet).

        The events are kept in the same transaction. False: somebody else was faster; load again.
        """

    async def spend(self, name: str, period: str, amount: float, most: float) -> float | None:
        """Add to what was spent under a name in a period; the sum then.

        None where the sum would exceed `most`, or where a later period has begun; nothing is added
        then. Many may spend at once: no sum passes its bound.

        Args:
            name: whose money, or requests.
            period: such as a date; a later one, by the order of texts, begins at 0.
            amount: to add; less than 0 gives back.
            most: bound of the sum.
        """

    async def scan(self, kind: Kind, after: int = 0, limit: int = 1000) -> list[tuple[int, Row]]:
        """Rows in the order they were written, each with its number, from beyond number `after`.

        An outcome that is added to becomes the newest, under a new number.
        """

    async def put(self, kind: Kind, rows: Sequence[Row]) -> int:
        """Keep rows of an export as they are; those already there are skipped. How many were new.

        Totals count them; running ones of another store are not taken over.
        """

    async def retain(self, before: float, keep: int, limit: int = 1000) -> int:
        """Delete old decisions, outcomes and events; how many, at most `limit` of each.

        What is kept of a pair beside them (`CLAIMS`, `TEXTS`) goes with its decision.

        Args:
            before: those older than this, in seconds since 1970.
            keep: those beyond the newest this many.
            limit: bound of the work done in one call; call again until it returns 0.
        """

    async def prompt_key(self) -> bytes:
        """The store's random key for `prompt_hash`, drawn when it was made."""

    async def probe(self) -> None:
        """Write something of no meaning: raises what the next write would."""

    async def clear(self) -> None:
        """Delete everything, and draw a new key."""

    async def close(self) -> None:
        """Let go of file or connection. Calling it again does nothing."""


async def record_outcome(store: HistoryStore, outcome: Outcome) -> None:
    """Keep one outcome.

    Raises:
        UnknownDecisionError: the store does not hold its decision.
    """
    if await store.record_outcomes([outcome]):
        raise UnknownDecisionError(
            f"decision_id: {outcome.decision_id!r} is not a decision of this store"
        )


def check_page(limit: Any, offset: Any) -> None:
    """Refuse a page that is none.

    Raises:
        InvalidInputError: limit or offset is not a whole number.
    """
    for name, value in (("limit", limit), ("offset", offset)):
        if type(value) is not int or not 0 <= value <= 1_000_000_000:
            raise InvalidInputError(f"{name}: a whole number is needed, got {value!r:.40}")
