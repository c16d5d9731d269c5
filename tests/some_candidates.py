"""Twenty candidates by a fixed draw, with a query vector and a bundle that scores them."""

import random
from array import array

from random_bundle import random_bundle

from tiny_dancer import Candidate

NOW = 1_700_000_000
BUNDLE = random_bundle(3, candidates=True)
PLAIN = random_bundle(3)
PROMPT = "what is the theorem of the capital"
dice = random.Random(1)


def candidate(at, dimension=24, **changes):
    fields = {
        "embedding": [dice.gauss(0, 1) for _ in range(dimension)],
        "created_at": NOW - 86_400 * at,
        "access_count": 7 * at,
        "success_rate": (at % 10) / 10,
        "metadata": {"team": "ab"[at % 2]},
    }
    return Candidate(f"c{at}", **{**fields, **changes})


CANDIDATES = [candidate(i) for i in range(20)]
QUERY = array("f", [dice.gauss(0, 1) for _ in range(24)])


def plain(decisions):
    return [(d.candidate_id, d.confidence, d.features) for d in decisions]
