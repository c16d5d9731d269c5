"""One bundle in the kernel and in the twin: both answer the same, in finite numbers."""

import math
import random
import struct
from array import array

from pools import score_request

from tiny_dancer.candidates.layout import INT8_ROWS, Packed, columns
from tiny_dancer.config import RouterConfig
from tiny_dancer.hosts import open_kernel, open_twin
from tiny_dancer.loaded_bundle import LoadedBundle
from tiny_dancer.policy import decide
from tiny_dancer.response import RoutingResponse
from tiny_dancer.score import Scored
from tiny_dancer.scoring.protocol import Ranking

TEXTS = (b"", b"what [x] is a \xc3\xa9 \xff theorem?")
N, MAX_TOKENS, NOW = 3, 5, 1_700_000_000


def candidates(hidden):
    generator = random.Random(hidden)
    shares = [[generator.random() for _ in range(N)] for _ in range(2)]
    kept = columns([NOW - 1_000 * i for i in range(N)], [1, 3, 0], *shares)
    return Packed(N, hidden, INT8_ROWS, generator.randbytes(N * hidden), kept)


def bits(text, ranking, embedding):
    """Everything that a scorer said, byte by byte."""
    floats = (*text.logits, *text.probabilities, *text.scores, *text.head_inputs, *embedding)
    assert all(map(math.isfinite, floats))
    assert all(math.isfinite(number) for row in ranking for number in row)
    return (
        struct.pack(f"<{len(floats)}f", *floats),
        array("I", (*text[:5], *text.token_ids)).tobytes(),
        ranking.data if ranking else b"",
    )


def said(scorer, bundle, text):
    """The scores of a text, the ranking beside it, and all their bits."""
    wanted = {"head_inputs": True, "token_ids": True}
    if bundle.config.candidate is None:
        score, ranking = scorer.score_text(text, **wanted), Ranking()
    else:
        own = candidates(bundle.sizes["H"])
        score, ranking = score_request(
            scorer, text, None, own, k=N, now=NOW, pairs=1, n_pairs=2, **wanted
        )
    return score, ranking, bits(score, ranking, scorer.embed(text))


def check_routes(bundle):
    """Assert that the bundle routes with finite numbers, the same in kernel and twin."""
    kernel, twin = open_kernel(bundle, MAX_TOKENS), open_twin(bundle, MAX_TOKENS)
    loaded = LoadedBundle.of(bundle, kernel, RouterConfig(), None)
    for text in TEXTS:
        score, ranking, got = said(kernel, bundle, text)
        assert got == said(twin, bundle, text)[2]
        scored = Scored(loaded, loaded.rule, 0.0, text, False, score, ranking, "abc")
        response = RoutingResponse("d", *decide(scored, scored.rule), scored)
        assert response.model in bundle.config.models
        assert len(response.decisions) == len(ranking)
        assert (response.confidence is None) == (score.n_seen == 0)
        for decision in (*([response] if score.n_seen else []), *response.decisions):
            assert 0 <= decision.confidence <= 1 and 0 < decision.uncertainty <= 1
            low, high = decision.interval or (0, 1)
            assert 0 <= low <= high <= 1
            assert math.isfinite(decision.score)
