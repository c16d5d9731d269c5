"""Memory before and after many requests of every kind. Runs in CPython and in Pyodide."""

import gc
import random
import sys
from array import array
from collections.abc import Callable
from typing import Any

from tiny_dancer import Candidate, PackedCandidates, Router

DIMENSION = 384
RESIDENT = 50
PACKED = 20
NOW = 1_760_000_000
WARM_UP = 2_500
"""Requests before the first look: caches of strings and places are full then."""


class Requests:
    """Requests of four kinds in turn: a short and a long text, residents, packed candidates.

    Args:
        model: bundle that scores candidates, a path.
    """

    def __init__(self, model: str) -> None:
        draw = random.Random(14)
        self.router = Router(model=model)
        assert self.router.scorer == "kernel"
        self._queries = [self._vector(draw) for _ in range(8)]
        self.router.set_candidates(
            [
                Candidate(
                    id=f"resident-{i}",
                    embedding=self._vector(draw),
                    created_at=NOW,
                    success_rate=draw.random(),
                )
                for i in range(RESIDENT)
            ]
        )
        rows = array("f", [draw.gauss(0, 1) for _ in range(PACKED * DIMENSION)])
        self._packed = PackedCandidates([f"packed-{i}" for i in range(PACKED)], rows)
        words = "what is the capital proof of theorem and how to prove it in Paris é 東京".split()
        self._texts = [" ".join(draw.choices(words, k=n)) for n in (8, 30, 12, 400, 20, 50, 9, 70)]

    def run(self, n: int, beat: Callable[[int], None] = lambda done: None) -> None:
        """Route n requests and read every response; `beat` is called each 10,000."""
        route = self.router.route
        for i in range(n):
            which, turn = i % 8, i % 4
            if turn < 2:
                response = route(self._texts[which], candidates=())
            elif turn == 2:
                response = route(self._queries[which], top_k=5)
            else:
                response = route(self._queries[which], candidates=self._packed, top_k=5)
            if len(response.decisions) != (0 if turn < 2 else 5) or response.confidence is None:
                raise AssertionError(f"request {i}: {response!r}")
            if i % 10_000 == 9_999:
                beat(i + 1)

    def memory(self) -> dict[str, int]:
        """What Python holds, when nothing waits to be counted or collected.

        Blocks of its allocator are counted on CPython alone: Pyodide's Python has none.
        """
        self.router.metrics()
        gc.collect()
        blocks = sys.getallocatedblocks()
        objects = len(gc.get_objects())
        return {"python_objects": objects} | ({"python_blocks": blocks} if blocks else {})

    @staticmethod
    def _vector(draw: random.Random) -> Any:
        return array("f", [draw.gauss(0, 1) for _ in range(DIMENSION)])
