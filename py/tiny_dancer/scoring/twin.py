"""The kernel's exact twin: the same bits from the standard library alone, a hundred times slower.

It is the specification in readable form, and the scorer where no WebAssembly host runs.
"""

import struct
from dataclasses import dataclass
from typing import Final

from ..model import Bundle
from .cues import count_text, cues
from .fastgrnn import FastGrnn
from .float32 import (
    Vector,
    add_rows,
    minus,
    plus,
    scalar,
    scaled,
    sigmoid,
    vector,
)
from .protocol import MALFORMED, TRUNCATED, TextScore
from .wordpiece import WordPiece

HEAD_INPUTS: Final = 8
TOKEN_IDS: Final = 16
"""Flags of the request block that ask for more."""

_HEADS: Final = 16
_HEAD_INPUTS: Final = 192
_TOKENS: Final = 512


@dataclass(frozen=True, slots=True)
class Heads:
    """One logistic head a model, cheapest first.

    Attributes:
        weights: row k multiplies head input k, one number a model.
        bias: one number a model.
        lam: λ of the routing score, a binary32 value.
    """

    weights: tuple[tuple[float, ...], ...]
    bias: Vector
    lam: float

    def logits(self, inputs: Vector) -> Vector:
        """One logit a model."""
        return add_rows(self.bias, inputs, self.weights)

    def scores(self, probabilities: Vector) -> Vector:
        """The routing score of each model: the expected loss of choosing it."""
        best = vector(
            [
                max(p for j, p in enumerate(probabilities) if j != m)
                for m in range(len(probabilities))
            ]
        )
        regret = scaled(self.lam, minus(best, probabilities))
        failure = vector([1.0 - p for p in probabilities])
        return plus(regret, scaled(scalar(1.0 - self.lam), failure))


class TwinScorer:
    """Scores text without a kernel; any number of threads may share one.

    Args:
        bundle: the model.
        max_tokens: tokens kept of a prompt, 4 to 512; a quarter of them from its end.
    """

    kind = "twin"

    def __init__(self, bundle: Bundle, max_tokens: int) -> None:
        tensors, sizes, config = bundle.tensors, bundle.sizes, bundle.config
        width, models = sizes["H"], sizes["M"]
        back = max_tokens // 4
        self._wordpiece = WordPiece(
            bundle.vocabulary(),
            tensors["vocab.surprisal"].tolist(),
            config.unknown,
            max_tokens - back,
            back,
        )
        self._network = FastGrnn(
            rows=tensors["token.rows"],
            scales=tensors["token.scales"],
            u=_rows(tensors["cell.u"], width),
            bias_z=vector(tensors["cell.bias_z"]),
            bias_h=vector(tensors["cell.bias_h"]),
            zeta=scalar(config.zeta),
            nu=scalar(config.nu),
        )
        self._heads = Heads(
            weights=_rows(tensors["head.weights"], models),
            bias=vector(tensors["head.bias"]),
            lam=scalar(config.lam),
        )

    def score_text(
        self, text: bytes, *, head_inputs: bool = False, token_ids: bool = False
    ) -> TextScore:
        """Score UTF-8 of at most 65,536 bytes, as the protocol says; raises nothing."""
        decoded = text.decode("utf-8", "ignore")
        tokens = self._wordpiece.tokens(decoded)
        last, mean = self._network.run(tokens.kept)
        inputs = last + mean + cues(count_text(decoded), tokens)
        logits = self._heads.logits(inputs)
        probabilities = sigmoid(logits)
        malformed = len(decoded.encode()) != len(text)
        return TextScore(
            n_tokens=len(tokens.kept),
            n_seen=tokens.seen,
            n_unknown=tokens.unknown,
            flags=TRUNCATED * tokens.truncated | MALFORMED * malformed,
            surprisal=tokens.surprisal,
            logits=tuple(logits),
            probabilities=tuple(probabilities),
            scores=tuple(self._heads.scores(probabilities)),
            head_inputs=tuple(inputs) if head_inputs else (),
            token_ids=tokens.kept if token_ids else (),
        )

    def result_block(self, text: bytes, flags: int = 0) -> bytes:
        """The 3,072 bytes that the kernel leaves in its result block, zeros where not asked for."""
        score = self.score_text(
            text, head_inputs=bool(flags & HEAD_INPUTS), token_ids=bool(flags & TOKEN_IDS)
        )
        models = len(score.logits)
        head = struct.pack(
            "<i7I32x",
            0,
            score.n_tokens,
            score.n_seen,
            score.n_unknown,
            score.flags,
            score.surprisal,
            models,
            len(score.head_inputs),
        )
        values: list[float] = []
        for group in (score.logits, score.probabilities, score.scores):
            values += (*group, *[0.0] * (_HEADS - models))
        values += (*score.head_inputs, *[0.0] * (_HEAD_INPUTS - len(score.head_inputs)))
        ids = (*score.token_ids, *[0] * (_TOKENS - len(score.token_ids)))
        return head + struct.pack(f"<{len(values)}f{_TOKENS}I", *values, *ids)


def _rows(values: memoryview, width: int) -> tuple[tuple[float, ...], ...]:
    flat = values.tolist()
    return tuple(tuple(flat[at : at + width]) for at in range(0, len(flat), width))
