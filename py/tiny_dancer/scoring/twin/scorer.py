"""The kernel's exact twin: the same bits from the standard library alone, a hundred times slower.

It is the specification in readable form, and the scorer where no WebAssembly host runs.
"""

from array import array
from dataclasses import dataclass
from threading import Lock

from ...candidates.layout import Buffer, Packed
from ...candidates.pool import CandidatePool
from ...errors import KernelError
from ...model import Bundle
from ..protocol import (
    MALFORMED,
    MAX_ROWS,
    NOTHING,
    TRUNCATED,
    RequestScore,
    TextScore,
)
from .candidate_set import CandidateSet, as_query
from .candidate_step import CandidateStep
from .cues import count_text, cues
from .fastgrnn import FastGrnn
from .float32 import Vector, scalar, sigmoid, vector
from .heads import Heads
from .ranking import CandidateQuery, rank
from .wordpiece import Tokens, WordPiece


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text on its way to its numbers: what was decoded, and the network's two states."""

    tokens: Tokens
    last: Vector
    mean: Vector
    cues: Vector
    malformed: bool


class TwinScorer:
    """Scores without a kernel; any number of threads may share one.

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
        self._step = CandidateStep.of(bundle)
        self._residents: CandidateSet | None = None
        self._lock = Lock()

    def score_text(
        self, text: bytes, *, head_inputs: bool = False, token_ids: bool = False
    ) -> TextScore:
        """Score UTF-8 of at most 65,536 bytes, as the protocol says; raises nothing."""
        return self._text_score(self._read(text), head_inputs, token_ids)

    def embed(self, text: bytes) -> Vector:
        """The text's embedding, as the protocol says; raises nothing."""
        return self._network.embedding(self._wordpiece.tokens(_decoded(text)).kept)

    def reserve(self, capacity: int, dimension: int, format: int) -> None:
        """Make room for resident candidates, as the protocol says."""
        residents = CandidateSet(capacity, dimension, format)
        with self._lock:
            self._residents = residents

    def write(self, first: int, packed: Packed) -> None:
        """Put resident candidates into the room reserved, as the protocol says."""
        with self._lock:
            if self._residents is None:
                raise ValueError("no room is reserved for candidates")
            self._residents.write(first, packed)

    def score_request(
        self,
        pool: CandidatePool,
        query: "Buffer | None",
        now: int,
        text: bytes | None = None,
        *,
        head_inputs: bool = False,
        token_ids: bool = False,
    ) -> RequestScore:
        """Score candidates, and the text where there is one, as the protocol says."""
        step = self._step
        if step is None:
            raise KernelError("twin: the bundle scores no candidates")
        reading = None if text is None else self._read(text)
        state = step.start
        if reading is not None and pool.start_from_text:
            state = step.state_from(reading.last)
        if query is None:
            if reading is None:
                raise KernelError("twin: neither a query nor a text to make it from")
            query = self._network.embedding(reading.tokens.kept)
        own = CandidateSet.of(pool.packed) if pool.packed is not None else None
        with self._lock:
            chosen = self._residents if own is None else own
            if chosen is None or pool.n > chosen.capacity or not 0 <= pool.k <= MAX_ROWS:
                raise KernelError(
                    f"twin: no {pool.n} candidates are there, or k is above {MAX_ROWS}"
                )
            vector_ = as_query(query, chosen.dimension)
            wanted = CandidateQuery(vector_, state, now, pool.pairs, pool.n_pairs)
            ranking = rank(step, chosen, pool.n, wanted, pool.k)
        if reading is None:
            return RequestScore(None, ranking)
        return RequestScore(self._text_score(reading, head_inputs, token_ids), ranking)

    def _read(self, text: bytes) -> _Reading:
        decoded = _decoded(text)
        tokens = self._wordpiece.tokens(decoded)
        last, mean = self._network.run(tokens.kept)
        malformed = len(decoded.encode()) != len(text)
        return _Reading(tokens, last, mean, cues(count_text(decoded), tokens), malformed)

    def _text_score(self, reading: _Reading, head_inputs: bool, token_ids: bool) -> TextScore:
        tokens = reading.tokens
        inputs = reading.last + reading.mean + reading.cues
        logits = self._heads.logits(inputs)
        probabilities = sigmoid(logits)
        return TextScore(
            (
                len(tokens.kept),
                tokens.seen,
                tokens.unknown,
                TRUNCATED * tokens.truncated | MALFORMED * reading.malformed,
                tokens.surprisal,
                *logits,
                *probabilities,
                *self._heads.scores(probabilities),
                array("f", inputs).tobytes() if head_inputs else NOTHING,
                tokens.kept if token_ids else NOTHING,
            )
        )


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "ignore")


def _rows(values: memoryview, width: int) -> tuple[tuple[float, ...], ...]:
    flat = values.tolist()
    return tuple(tuple(flat[at : at + width]) for at in range(0, len(flat), width))
