"""Calls of `router.route`, timed one by one, by the public names alone; in CPython and in Pyodide.

So the same file times another revision of the package (`./build.sh bench --against`).
"""

from array import array
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from tiny_dancer import Candidate, PackedCandidates, Router, RoutingResponse

DIMENSION = 384
SIZES = (1, 10, 100, 1_000)
TOP_K = 5
TEAMS = ("search", "billing", "support", "legal")
ASKED = {"team": "search"}
NOW = 1_760_000_000
"""The clock stands here, so that no candidate grows old while figures are compared."""

PROMPT = (
    "Write a Python function that parses dates in several formats, handles time zones and leap "
    "years, and raises a clear error for input that is not a date."
)
TOKENS = 36

WAYS = ("resident", "resident_read", "packed", "packed_read", "objects", "lists")
"""The ways to hand over candidates; where they end in `read`, all that is decided is read."""
TEXT_WAYS = ("text", "text_read")
AGED = "resident_aged"
"""Residents whom the clock leaves behind by `YEAR`: their recency is next to nothing."""
YEAR = 365 * 86_400

Call = Callable[[], RoutingResponse]


def clock() -> float:
    """The time that every router of a bench sees."""
    return NOW


class Calls:
    """One call for each way and number of candidates; for a text the number is that of its tokens.

    Args:
        model: bundle that scores candidates, a path.
        numbers: float32 of the query and of 1,000 candidates, one after the other.
    """

    def __init__(self, model: str, numbers: bytes) -> None:
        vectors = memoryview(numbers).cast("f")
        self._query = array("f", vectors[:DIMENSION])
        self._rows = vectors[DIMENSION:]
        self._fields: list[dict[str, Any]] = [
            {
                "id": f"candidate-{i}",
                "metadata": {"team": TEAMS[i % len(TEAMS)]},
                "created_at": NOW - 1_000 * i,
                "access_count": i % 50,
                "success_rate": 0.5 + i / 2_500,
            }
            for i in range(max(SIZES))
        ]
        self._lists = [
            self._rows[i * DIMENSION : (i + 1) * DIMENSION].tolist() for i in range(max(SIZES))
        ]
        objects = self._candidates(max(SIZES))
        router = Router(model=model, clock=clock)
        assert router.scorer == "kernel"
        self._calls: dict[tuple[str, int], Call] = {
            ("text", TOKENS): partial(router.route, PROMPT),
            ("text_read", TOKENS): lambda: _read(router.route(PROMPT)),
        }
        for n in SIZES:
            resident = Router(model=model, clock=clock)
            resident.set_candidates(objects[:n])
            self._add("resident", n, self._ranked(resident))
            aged = Router(model=model, clock=lambda: NOW + YEAR)
            aged.set_candidates(objects[:n])
            self._calls[AGED, n] = self._ranked(aged)
            self._add("packed", n, self._ranked(router, candidates=self._in_one_piece(n)))
            self._add("objects", n, self._ranked(router, candidates=objects[:n]))
            self._add("lists", n, self._from_lists(router, n))

    def _add(self, way: str, n: int, call: Call) -> None:
        self._calls[way, n] = call
        self._calls[f"{way}_read", n] = lambda: _read(call())

    def batch(self, way: str, n: int, calls: int) -> list[float]:
        """Microseconds of each of so many calls; every response is looked at after the clock."""
        call, times = self._calls[way, n], array("d", bytes(8 * calls))
        for i in range(calls):
            start = perf_counter()
            response = call()
            times[i] = (perf_counter() - start) * 1e6
            assert response.model
        assert way in TEXT_WAYS or len(response.decisions) == min(n, TOP_K)
        return times.tolist()

    def best(self, way: str, n: int) -> str:
        """Name of the candidate that comes first: the same in every way."""
        return self._calls[way, n]().decisions[0].candidate_id

    def _ranked(self, router: Router, **given: Any) -> Call:
        return partial(router.route, self._query, top_k=TOP_K, metadata=ASKED, **given)

    def _from_lists(self, router: Router, n: int) -> Call:
        return lambda: self._ranked(router, candidates=self._candidates(n))()

    def _candidates(self, n: int) -> list[Candidate]:
        rows = zip(self._lists[:n], self._fields, strict=False)
        return [Candidate(embedding=row, **fields) for row, fields in rows]

    def _in_one_piece(self, n: int) -> PackedCandidates:
        columns = {name: [f[name] for f in self._fields[:n]] for name in self._fields[0]}
        return PackedCandidates(columns.pop("id"), self._rows[: n * DIMENSION], **columns)


def _read(response: RoutingResponse) -> RoutingResponse:
    """The response, looked at as a caller does: model, confidence, reason, decisions."""
    assert response.model and response.reason and response.confidence is not None
    assert response.n_tokens or response.decisions
    return response
