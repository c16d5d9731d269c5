"""Calls of `router.route` with candidates, timed one by one. Runs in CPython and in Pyodide."""

from array import array
from collections.abc import Callable, Sequence
from time import perf_counter

from tiny_dancer import Candidate, PackedCandidates, Router, RoutingResponse

DIMENSION = 384
SIZES = (1, 10, 100, 1_000)
TOP_K = 5
TEAMS = ("search", "billing", "support", "legal")
ASKED = {"team": "search"}


class Calls:
    """The ways to hand over n candidates, each a call that reads the response.

    Args:
        model: bundle that scores candidates, a path.
        numbers: float32 of the query and of 1,000 candidates, one after the other.
        now: seconds since 1970 that the candidates' ages count from.
    """

    WAYS = ("resident", "resident_read", "packed", "packed_read", "objects", "lists")
    """Those that end in `read` read the decisions inside the clock."""

    def __init__(self, model: str | None, numbers: bytes, now: int) -> None:
        vectors = memoryview(numbers).cast("f")
        self._query = array("f", vectors[:DIMENSION])
        self._rows = vectors[DIMENSION:]
        self._fields = [
            {
                "id": f"candidate-{i}",
                "metadata": {"team": TEAMS[i % len(TEAMS)]},
                "created_at": now - 1_000 * i,
                "access_count": i % 50,
                "success_rate": 0.5 + i / 2_500,
            }
            for i in range(max(SIZES))
        ]
        self._lists = [
            self._rows[i * DIMENSION : (i + 1) * DIMENSION].tolist() for i in range(max(SIZES))
        ]
        self._objects = self._candidates(max(SIZES))
        self._given = {n: self._objects[:n] for n in SIZES}
        self._packed = {n: self._in_one_piece(n) for n in SIZES}
        self._router = Router(model=model)
        assert self._router.scorer == "kernel"
        self._resident = {n: Router(model=model) for n in SIZES}
        for n, router in self._resident.items():
            router.set_candidates(self._objects[:n])
        self._ways: dict[str, Callable[[int], RoutingResponse]] = {
            "resident": self._by_residents,
            "packed": lambda n: self._routed(self._packed[n]),
            "objects": lambda n: self._routed(self._given[n]),
            "resident_read": lambda n: _read(self._by_residents(n)),
            "packed_read": lambda n: _read(self._routed(self._packed[n])),
            "lists": lambda n: self._routed(self._candidates(n)),
        }

    def batch(self, way: str, n: int, calls: int) -> list[float]:
        """Microseconds of each of so many calls; every response is looked at after the clock."""
        call, times = self._ways[way], array("d", bytes(8 * calls))
        for i in range(calls):
            start = perf_counter()
            response = call(n)
            times[i] = (perf_counter() - start) * 1e6
            assert len(response.decisions) == min(n, TOP_K)
        return times.tolist()

    def best(self, way: str, n: int) -> str:
        """Name of the candidate that comes first: the same in every way."""
        return self._ways[way](n).decisions[0].candidate_id

    def _by_residents(self, n: int) -> RoutingResponse:
        return self._resident[n].route(self._query, top_k=TOP_K, metadata=ASKED)

    def _routed(self, candidates: "Sequence[Candidate] | PackedCandidates") -> RoutingResponse:
        return self._router.route(self._query, candidates=candidates, top_k=TOP_K, metadata=ASKED)

    def _candidates(self, n: int) -> list[Candidate]:
        rows = zip(self._lists[:n], self._fields, strict=False)
        return [Candidate(embedding=row, **fields) for row, fields in rows]  # type: ignore[arg-type]

    def _in_one_piece(self, n: int) -> PackedCandidates:
        columns = {name: [f[name] for f in self._fields[:n]] for name in self._fields[0]}
        return PackedCandidates(columns.pop("id"), self._rows[: n * DIMENSION], **columns)


def _read(response: RoutingResponse) -> RoutingResponse:
    """The response, its decisions built."""
    assert response.decisions
    return response
