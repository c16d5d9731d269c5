"""Two threads route while a third one swaps bundles: every answer must be wholly of one of them."""

from array import array
from collections import Counter
from threading import Event, Thread
from time import monotonic
from typing import Any

from random_bundle import random_bundle

from tiny_dancer import Candidate, Router, RoutingResponse

TEXTS = ("what is the capital of France", "proof of the theorem, in ten steps", "to and to " * 40)
DIMENSION = 24
BUNDLES = tuple(random_bundle(seed, h=32, v=400, candidates=True) for seed in (1, 2))


def vector(seed: int) -> "array[float]":
    return array("f", [((seed + 3) * (i + 7)) % 13 - 6.0 for i in range(DIMENSION)])


CANDIDATES = [
    Candidate(id=f"c{i}", embedding=vector(i), created_at=0, success_rate=i / 20) for i in range(20)
]
QUERY = vector(100)


def router(bundle: bytes) -> Router:
    made = Router(model=bundle, clock=lambda: 1e9)
    made.set_candidates(CANDIDATES)
    return made


def answers(of: Router) -> list[RoutingResponse]:
    """One response a text, and one about the residents."""
    return [*(of.route(text, candidates=()) for text in TEXTS), of.route(QUERY)]


def numbers(response: RoutingResponse) -> tuple[Any, ...]:
    """What a bundle makes of a request; no two bundles agree."""
    ranked = tuple((d.candidate_id, d.confidence, d.uncertainty) for d in response.decisions)
    return (response.score, tuple(response.probabilities), response.policy_id, ranked)


def right_answers() -> dict[tuple[str, int], tuple[Any, ...]]:
    """By bundle and request, each from a router that knows one bundle only."""
    return {
        (str(response.bundle_hash), i): numbers(response)
        for bundle in BUNDLES
        for i, response in enumerate(answers(router(bundle)))
    }


def reload_while_routing(seconds: float) -> dict[str, int]:
    """Counts of what was seen: reloads, answers by either bundle, wrong ones, faults."""
    right, shared, stop = right_answers(), router(BUNDLES[0]), Event()
    names = {str(Router(model=bundle).bundle.bundle_hash): i for i, bundle in enumerate(BUNDLES)}  # type: ignore[union-attr]
    counts = [Counter[str]() for _ in range(2)]

    def route(seen: Counter[str]) -> None:
        try:
            while not stop.is_set():
                for i, response in enumerate(answers(shared)):
                    of = str(response.bundle_hash)
                    seen["wrong"] += numbers(response) != right[of, i]
                    seen[f"by bundle {names[of]}"] += 1
        except Exception as error:
            seen[f"fault: {error!r}"] += 1

    threads = [Thread(target=route, args=(seen,)) for seen in counts]
    for thread in threads:
        thread.start()
    end, reloads = monotonic() + seconds, 0

    def is_little() -> bool:
        """True where a busy machine has got no further, and no thread has ended."""
        is_seen = all(any(seen[f"by bundle {n}"] for seen in counts) for n in range(2))
        return (reloads < 3 or not is_seen) and all(one.is_alive() for one in threads)

    while monotonic() < end or is_little():
        reloads += 1
        shared.reload_model(BUNDLES[reloads % 2])
    stop.set()
    for thread in threads:
        thread.join()
    return {"reloads": reloads, "wrong": 0} | dict(sum(counts, Counter()))
