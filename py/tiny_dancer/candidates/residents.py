"""The resident candidates of a router: held by the scorer, so that a request hands over none."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import InvalidInputError
from ..text import cut
from .candidate import Candidate
from .layout import INT8_ROWS, Packed, columns
from .pool import CandidatePool, Pools
from .registration import PairBits, frequency, int8_row, seconds

if TYPE_CHECKING:
    from ..scoring.protocol import Scorer

_ROOM = 64
"""Candidates that an empty set makes room for."""


class Residents:
    """An ordered set of candidates inside a scorer. Not for several threads at once.

    Every call either succeeds or leaves the set as it was.

    Args:
        scorer: where they are held.
        count_cap: access count at which frequency reaches one.

    Attributes:
        count_cap: as given.
        pools: as requests choose from them.
    """

    def __init__(self, scorer: "Scorer", count_cap: int) -> None:
        self._scorer = scorer
        self.count_cap = count_cap
        self.pools = Pools(self._make_pool)
        self._clear()

    def _clear(self) -> None:
        self.pools.clear()
        self.dimension = 0
        self.ids: tuple[str, ...] = ()
        self._candidates: list[Candidate] = []
        self._bits: list[int] = []
        self._pairs = PairBits()
        self._capacity = 0

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self._candidates)

    def _make_pool(self, k: int, metadata: Mapping[str, str]) -> CandidatePool:
        return CandidatePool(self.ids, self.dimension, None, k, *self._pairs.bits(metadata))

    def replace_all(self, candidates: Sequence[Candidate], room: int = 0) -> None:
        """Hold these candidates and no others, with room for so many at least.

        Raises:
            InvalidInputError: one is malformed or occurs twice; names it and its index.
            KernelError: there is no memory for so many.
        """
        vectors = vectors_of(self._scorer, candidates)
        self.pools.clear()
        if not candidates:
            self._clear()
            return
        pairs = PairBits()
        bits = [pairs.add(candidate.metadata) for candidate in candidates]
        dimension = len(vectors[0])
        capacity = max(room, len(candidates))
        self._scorer.reserve(capacity, dimension, INT8_ROWS)
        self._capacity, self.dimension = capacity, dimension
        self._scorer.write(0, self._packed(candidates, vectors, bits))
        self._candidates, self._bits, self._pairs = list(candidates), bits, pairs
        self.ids = tuple(candidate.id for candidate in candidates)

    def put(self, candidate: Candidate) -> None:
        """Add a candidate at the end, or put it in the place of the one with the same id."""
        self.pools.clear()
        (vector,) = vectors_of(self._scorer, [candidate])
        if self._candidates and len(vector) != self.dimension:
            raise InvalidInputError(
                f'candidate "{candidate.id}": embedding has {len(vector)} numbers, '
                f"the resident ones have {self.dimension}"
            )
        at = self._position(candidate.id)
        if at == len(self.ids) == self._capacity:
            self.replace_all([*self._candidates, candidate], max(_ROOM, 2 * at))
            return
        bits = self._pairs.add(candidate.metadata)
        self._scorer.write(at, self._packed([candidate], [vector], [bits]))
        if at == len(self.ids):
            self._candidates.append(candidate)
            self._bits.append(bits)
            self.ids = (*self.ids, candidate.id)
        else:
            self._pairs.remove(self._bits[at])
            self._candidates[at], self._bits[at] = candidate, bits

    def remove(self, candidate_id: str) -> None:
        """Let one go; the last one takes its place.

        Raises:
            InvalidInputError: there is none of this name.
        """
        at = self._known(candidate_id)
        self.pools.clear()
        last = self._candidates[-1]
        if last.id != candidate_id:
            vectors = vectors_of(self._scorer, [last])
            self._scorer.write(at, self._packed([last], vectors, [self._bits[-1]]))
        self._pairs.remove(self._bits[at])
        self._candidates[at], self._bits[at] = last, self._bits[-1]
        self._candidates.pop()
        self._bits.pop()
        self.ids = tuple(candidate.id for candidate in self._candidates)
        if not self.ids:
            self._clear()  # the next one may have another dimension

    def update(self, candidate: Candidate | str, changes: Mapping[str, Any]) -> None:
        """Put a candidate, or change some fields of the resident of this name.

        Raises:
            InvalidInputError: there is none of this name, or changes came with a `Candidate`.
        """
        if isinstance(candidate, str):
            current = self._candidates[self._known(candidate)]
            try:
                candidate = replace(current, **changes)
            except TypeError as error:
                raise InvalidInputError(f'candidate "{candidate}": {error}') from None
        elif changes:
            raise InvalidInputError("changes: they go with a name, not with a Candidate")
        self.put(candidate)

    def _packed(
        self,
        candidates: Sequence[Candidate],
        vectors: Sequence["array[float]"],
        bits: Sequence[int],
    ) -> Packed:
        dimension = len(vectors[0])
        return Packed(
            len(candidates),
            dimension,
            INT8_ROWS,
            b"".join(int8_row(vector).tobytes() for vector in vectors),
            columns(
                [seconds(candidate.created_at) for candidate in candidates],
                bits,
                [frequency(candidate.access_count, self.count_cap) for candidate in candidates],
                [candidate.success_rate for candidate in candidates],
            ),
        )

    def _position(self, candidate_id: str) -> int:
        """Where it stands; the number of candidates where there is none of this name."""
        return self.ids.index(candidate_id) if candidate_id in self.ids else len(self.ids)

    def _known(self, candidate_id: str) -> int:
        at = self._position(candidate_id)
        if at == len(self.ids):
            raise InvalidInputError(f"candidate {candidate_id!r:.60}: there is none of this name")
        return at


def vectors_of(scorer: "Scorer", candidates: Sequence[Candidate]) -> list["array[float]"]:
    """The vector of each: its embedding, or its text embedded; all of one length.

    Raises:
        InvalidInputError: one is no candidate, occurs twice or has another length; names it.
    """
    vectors: list[array[float]] = []
    seen: set[str] = set()
    for at, candidate in enumerate(candidates):
        if not isinstance(candidate, Candidate):
            raise InvalidInputError(
                f"candidate {at}: a Candidate is needed, got {type(candidate).__name__}"
            )
        if candidate.id in seen:
            raise InvalidInputError(f'candidate {at} ("{candidate.id}"): its id occurs twice')
        seen.add(candidate.id)
        if candidate.text is not None:
            vector = scorer.embed(cut(candidate.text)[0])
        else:
            vector = candidate.embedding  # type: ignore[assignment]
        if vectors and len(vector) != len(vectors[0]):
            raise InvalidInputError(
                f'candidate {at} ("{candidate.id}"): embedding has {len(vector)} numbers, '
                f"candidate 0 has {len(vectors[0])}"
            )
        vectors.append(vector)
    return vectors
