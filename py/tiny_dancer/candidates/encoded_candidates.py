"""Candidates as a scorer holds them, made beside it: handing them over then takes no time."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ..errors import InvalidInputError
from ..text import cut
from .candidate import Candidate
from .layout import INT8_ROWS, Packed, columns
from .registration import PairBits, frequency, int8_row, seconds

if TYPE_CHECKING:
    from ..scoring.protocol import Scorer

Encoded = TypeVar("Encoded", "array[float]", bytes)


class EncodedCandidate(NamedTuple):
    """A candidate and its vector as int8, a byte a number."""

    candidate: Candidate
    row: bytes


@dataclass(frozen=True, slots=True)
class EncodedCandidates:
    """Candidates, in order, and what a scorer takes of them.

    Attributes:
        each: the candidates with their rows.
        bits: of each one's key=value pairs.
        pairs: gives those bits.
        packed: all in one piece; None where there are no candidates.
    """

    each: Sequence[EncodedCandidate]
    bits: Sequence[int]
    pairs: PairBits
    packed: Packed | None

    @classmethod
    def of(
        cls,
        scorer: "Scorer",
        candidates: Sequence[Candidate],
        count_cap: int,
        known: Mapping[str, EncodedCandidate],
    ) -> "EncodedCandidates":
        """These candidates.

        Args:
            scorer: embeds their texts.
            candidates: in their order.
            count_cap: access count at which frequency reaches one.
            known: of the same bundle, by id; whose text or vector is the same is not encoded again.

        Raises:
            InvalidInputError: one is malformed or occurs twice; names it and its index.
            KernelError: the scorer failed.
        """
        rows = encode_each(candidates, lambda candidate: _row_of(scorer, candidate, known))
        each = list(map(EncodedCandidate, candidates, rows))
        pairs = PairBits()
        bits = [pairs.add(candidate.metadata) for candidate in candidates]
        return cls(each, bits, pairs, pack(each, bits, count_cap) if each else None)


def pack(each: Sequence[EncodedCandidate], bits: Sequence[int], count_cap: int) -> Packed:
    """At least one candidate, as a scorer takes them."""
    candidates = [one.candidate for one in each]
    return Packed(
        len(each),
        len(each[0].row),
        INT8_ROWS,
        b"".join([one.row for one in each]),
        columns(
            [seconds(candidate.created_at) for candidate in candidates],
            bits,
            [frequency(candidate.access_count, count_cap) for candidate in candidates],
            [candidate.success_rate for candidate in candidates],
        ),
    )


def vectors_of(scorer: "Scorer", candidates: Sequence[Candidate]) -> list["array[float]"]:
    """The vector of each: its embedding, or its text embedded; all of one length.

    Raises:
        InvalidInputError: one is no candidate, occurs twice or has another length; names it.
    """
    return encode_each(candidates, lambda candidate: _vector_of(scorer, candidate))


def encode_each(
    candidates: Sequence[Candidate], encode: Callable[[Candidate], Encoded]
) -> list[Encoded]:
    """What `encode` makes of each, as many items as its vector has numbers.

    Raises:
        InvalidInputError: one is no candidate, occurs twice or has another length; names it.
    """
    found: list[Encoded] = []
    seen: set[str] = set()
    for at, candidate in enumerate(candidates):
        if not isinstance(candidate, Candidate):
            raise InvalidInputError(
                f"candidate {at}: a Candidate is needed, got {type(candidate).__name__}"
            )
        if candidate.id in seen:
            raise InvalidInputError(f'candidate {at} ("{candidate.id}"): its id occurs twice')
        seen.add(candidate.id)
        encoded = encode(candidate)
        if found and len(encoded) != len(found[0]):
            raise InvalidInputError(
                f'candidate {at} ("{candidate.id}"): embedding has {len(encoded)} numbers, '
                f"candidate 0 has {len(found[0])}"
            )
        found.append(encoded)
    return found


def _vector_of(scorer: "Scorer", candidate: Candidate) -> "array[float]":
    if candidate.text is not None:
        return scorer.embed(cut(candidate.text)[0])
    return candidate.embedding  # type: ignore[return-value]


def _row_of(scorer: "Scorer", candidate: Candidate, known: Mapping[str, EncodedCandidate]) -> bytes:
    before = known.get(candidate.id)
    if before is not None and _is_alike(before.candidate, candidate):
        return before.row
    return int8_row(_vector_of(scorer, candidate)).tobytes()


def _is_alike(one: Candidate, other: Candidate) -> bool:
    """True where two candidates have the same vector."""
    if one.text is not None or other.text is not None:
        return one.text == other.text
    return one.embedding is other.embedding or one.embedding == other.embedding
