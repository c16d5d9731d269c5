"""Eight threads route while one changes the residents: no score stands beside a wrong name."""

from array import array
from collections import Counter
from threading import Event, Thread
from time import monotonic

from random_bundle import random_bundle

from tiny_dancer import Candidate, Router

DIMENSION = 16
MOST = 24
BUNDLE = random_bundle(5, h=16, v=400, candidates=True)
QUERY = array("f", [1.0, *[0.0] * (DIMENSION - 1)])


def vector(n: int) -> "array[float]":
    """At an angle to the query that only this candidate has."""
    return array("f", [n + 1.0, MOST - n, *[0.0] * (DIMENSION - 2)])


def candidate(n: int) -> Candidate:
    """Its success rate too is its own, in 256ths."""
    return Candidate(f"c{n}", embedding=vector(n), created_at=0, success_rate=n / 256)


def change_while_routing(seconds: float, n_threads: int = 8) -> dict[str, int]:
    """Counts of what was seen: changes, decisions, wrong ones, faults."""
    router, stop = Router(model=BUNDLE, clock=lambda: 1e6), Event()
    orders = [[(start + i * step) % MOST for i in range(n)] for start, step, n in ORDERS]
    router.set_candidates([candidate(n) for n in orders[0]])
    counts = [Counter[str]() for _ in range(n_threads)]

    def route(seen: Counter[str]) -> None:
        try:
            while not stop.is_set():
                for decision in router.route(QUERY, top_k=8).decisions:
                    name = f"c{round(decision.features.success_rate * 256)}"
                    seen["wrong"] += name != decision.candidate_id
                    seen["decisions"] += 1
        except Exception as error:
            seen[f"fault: {error!r}"] += 1

    threads = [Thread(target=route, args=(seen,)) for seen in counts]
    for thread in threads:
        thread.start()
    end, changes = monotonic() + seconds, 0

    def is_little() -> bool:
        """True where a busy machine has got no further, and no thread has ended."""
        decisions = sum(seen["decisions"] for seen in counts)
        return (changes < 3 or decisions <= 100) and all(one.is_alive() for one in threads)

    while monotonic() < end or is_little():
        changes += 1
        router.set_candidates([candidate(n) for n in orders[changes % len(orders)]])
    stop.set()
    for thread in threads:
        thread.join()
    return {"changes": changes, "wrong": 0} | dict(sum(counts, Counter()))


ORDERS = ((0, 1, MOST), (5, 7, MOST), (3, 5, 9), (11, 11, MOST), (2, 1, 3))
"""First one, step and number of the candidates of each set."""
