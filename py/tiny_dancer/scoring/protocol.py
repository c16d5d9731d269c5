"""What a scorer takes and gives back, whoever does the arithmetic."""

from array import array
from collections.abc import Iterator
from operator import itemgetter
from struct import Struct
from typing import Any, Final, NamedTuple, Protocol

from ..candidates.layout import Buffer, Packed
from ..candidates.pool import CandidatePool

MAX_ROWS: Final = 64
"""Most rows of a ranking."""
TRUNCATED = 1
MALFORMED = 2
"""Bits of `TextScore.flags`."""


NOTHING: Final = b""
"""What stands where nothing was asked for."""


class TextScore(tuple[Any, ...]):
    """Numbers of one prompt as the kernel gives them; every float is a binary32 value.

    The items are those that the properties name, in their order, one after the other: five whole
    numbers, three floats a model, the bytes of the head inputs, token ids.
    """

    __slots__ = ()
    n_tokens = property(itemgetter(0), doc="Tokens kept.")
    n_seen = property(itemgetter(1), doc="Tokens of the whole text.")
    n_unknown = property(itemgetter(2), doc="Unknown ones among them.")
    flags = property(itemgetter(3), doc="`TRUNCATED`, `MALFORMED`.")
    surprisal = property(itemgetter(4), doc="Summed over the tokens seen, in 1/8 bit.")

    @property
    def logits(self) -> tuple[float, ...]:
        """One a model, cheapest first, as the next two."""
        return self[5 : 5 + (len(self) - 7) // 3]

    @property
    def probabilities(self) -> tuple[float, ...]:
        """That the model answers well."""
        n = (len(self) - 7) // 3
        return self[5 + n : 5 + 2 * n]

    @property
    def scores(self) -> tuple[float, ...]:
        """Expected loss of choosing the model."""
        return self[5 + 2 * ((len(self) - 7) // 3) : -2]

    @property
    def head_inputs(self) -> "array[float]":
        """Last state, mean state, cues; empty unless asked for."""
        return array("f", self[-2])

    token_ids = property(itemgetter(-1), doc="Ids of the tokens kept; empty unless asked for.")


class CandidateScore(NamedTuple):
    """Numbers of one candidate; every float is a binary32 value.

    Attributes:
        position: where it stands among the candidates scored, from 0.
        logit: what candidates are ranked by.
        probability: that it is the one of those scored that fits.
        similarity, recency, frequency, success, overlap: its five features, each in [0, 1].
    """

    position: int
    logit: float
    probability: float
    similarity: float
    recency: float
    frequency: float
    success: float
    overlap: float


_new: Final = tuple.__new__
"""Makes a named tuple in half the time."""


class Ranking:
    """The best candidates, best first; read on demand from the bytes that the kernel writes.

    Args:
        data: rows of `ROW_BYTES` bytes: u32 position, then seven f32, as in `CandidateScore`.
    """

    __slots__ = ("data",)
    ROW_BYTES: Final = 32
    _row: Final = Struct("<I7f")
    _best: Final = Struct("<8xf").unpack_from

    def __init__(self, data: bytes = b"") -> None:
        self.data = data

    def __len__(self) -> int:
        return len(self.data) // self.ROW_BYTES

    @property
    def best_probability(self) -> float | None:
        """That of the first candidate; None where there is none."""
        return self._best(self.data)[0] if self.data else None

    def __getitem__(self, rank: int) -> CandidateScore:
        """The candidate of this rank, 0 the best."""
        at = rank * self.ROW_BYTES
        if not 0 <= at < len(self.data):
            raise IndexError(rank)
        return _new(CandidateScore, self._row.unpack_from(self.data, at))

    def __iter__(self) -> Iterator[CandidateScore]:
        return map(CandidateScore._make, self.rows())

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The same as plain tuples."""
        return self._row.iter_unpack(self.data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranking) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def __repr__(self) -> str:
        return f"Ranking({list(self)!r})"


class RequestScore(NamedTuple):
    """Numbers of one request with candidates.

    Attributes:
        text: what `score_text` gives; None where the request had no text.
        ranking: the best candidates.
    """

    text: TextScore | None
    ranking: Ranking


class Scorer(Protocol):
    """Does the number work of one model; candidates where the bundle has `config.candidate`.

    Resident candidates stay in the scorer between requests. Calls exclude one another, but who
    changes residents while others score must say itself which request sees which.
    """

    kind: str
    """`kernel` or `twin`."""

    def score_text(
        self, text: bytes, *, head_inputs: bool = False, token_ids: bool = False
    ) -> TextScore:
        """Score UTF-8 of at most `text.TEXT_LIMIT` bytes (surrogates passed through).

        Raises:
            KernelError: the kernel failed; the scorer must not be used again.
        """

    def reserve(self, capacity: int, dimension: int, format: int) -> None:
        """Make room for resident candidates; those before are forgotten.

        Raises:
            InvalidInputError: there is no room for so many; those before are still there.
        """

    def write(self, first: int, packed: Packed) -> None:
        """Put resident candidates first … first + packed.n − 1 into the room reserved.

        Raises:
            InvalidInputError: the sum of squares of a vector is not below 3e38, or a frequency or
                success outside [0, 1]; those positions must be written again before they count.
        """

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
        """Score candidates, and the text where there is one.

        Args:
            pool: the candidates, and what is asked of them.
            query: f32 numbers, as many as a candidate's vector has; None where the text's
                embedding is the query.
            now: seconds since 1970, i32.
            text: UTF-8 as `score_text` takes it, or None.
            head_inputs: as for `score_text`.
            token_ids: as for `score_text`.

        Raises:
            InvalidInputError: as for `reserve` and `write`; or the query is not finite, its sum of
                squares is not below 3e38, or all its numbers are below 1e-30 but not all zero.
            TypeError, ValueError: the query is no such buffer, or of another length.
            KernelError: the kernel failed; the scorer must not be used again.
        """

    def embed(self, text: bytes) -> "array[float]":
        """The unit mean of the text's tokens, H numbers; all zero where there is no token."""
