"""The resident candidates of a router: held by the scorer, so that a request hands over none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import InvalidInputError
from .candidate import Candidate
from .encoded_candidates import EncodedCandidate, EncodedCandidates, pack
from .layout import INT8_ROWS
from .pool import CandidatePool, Pools
from .registration import PairBits

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
        self._encoded: dict[str, EncodedCandidate] = {}
        self._bits: list[int] = []
        self._pairs = PairBits()
        self._capacity = 0

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Candidate]:
        return iter([self._encoded[name].candidate for name in self.ids])

    def _make_pool(self, k: int, metadata: Mapping[str, str]) -> CandidatePool:
        return CandidatePool(self.ids, self.dimension, None, k, *self._pairs.bits(metadata))

    def encode(
        self, candidates: Sequence[Candidate], like: "Residents | None" = None
    ) -> EncodedCandidates:
        """These candidates, got ready for `hold`; meanwhile requests and changes go on.

        Args:
            candidates: in their order.
            like: a set of the same bundle, in another scorer, that has most of them; this one
                where None.

        Raises:
            InvalidInputError: one is malformed or occurs twice; names it and its index.
            KernelError: the scorer failed.
        """
        known = (self if like is None else like)._encoded
        return EncodedCandidates.of(self._scorer, candidates, self.count_cap, known)

    def hold(self, encoded: EncodedCandidates, room: int = 0) -> None:
        """Hold these candidates and no others, with room for so many at least.

        Raises:
            InvalidInputError: there is no memory for so many.
            KernelError: the scorer failed.
        """
        self.pools.clear()
        if encoded.packed is None:
            self._clear()
            return
        dimension, capacity = encoded.packed.dimension, max(room, len(encoded.each))
        self._scorer.reserve(capacity, dimension, INT8_ROWS)
        self._capacity, self.dimension = capacity, dimension
        self._scorer.write(0, encoded.packed)
        self._bits, self._pairs = list(encoded.bits), encoded.pairs
        self._encoded = {one.candidate.id: one for one in encoded.each}
        self.ids = tuple(self._encoded)

    def put(self, candidate: Candidate) -> None:
        """Add a candidate at the end, or put it in the place of the one with the same id."""
        self.pools.clear()
        (one,) = self.encode([candidate]).each
        if self.ids and len(one.row) != self.dimension:
            raise InvalidInputError(
                f'candidate "{candidate.id}": embedding has {len(one.row)} numbers, '
                f"the resident ones have {self.dimension}"
            )
        at = self._position(candidate.id)
        if at == len(self.ids) == self._capacity:
            self.hold(self.encode([*self, candidate]), max(_ROOM, 2 * at))
            return
        bits = self._pairs.add(candidate.metadata)
        self._scorer.write(at, pack([one], [bits], self.count_cap))
        if at == len(self.ids):
            self._bits.append(bits)
            self.ids = (*self.ids, candidate.id)
        else:
            self._pairs.remove(self._bits[at])
            self._bits[at] = bits
        self._encoded[candidate.id] = one

    def remove(self, candidate_id: str) -> None:
        """Let one go; the last one takes its place.

        Raises:
            InvalidInputError: there is none of this name.
        """
        at = self._known(candidate_id)
        self.pools.clear()
        last = self.ids[-1]
        if last != candidate_id:
            packed = pack([self._encoded[last]], self._bits[-1:], self.count_cap)
            self._scorer.write(at, packed)
        self._pairs.remove(self._bits[at])
        self._bits[at] = self._bits[-1]
        self._bits.pop()
        del self._encoded[candidate_id]
        ids = list(self.ids)
        ids[at] = last
        self.ids = tuple(ids[:-1])
        if not self.ids:
            self._clear()  # the next one may have another dimension

    def update(self, candidate: Candidate | str, changes: Mapping[str, Any]) -> None:
        """Put a candidate, or change some fields of the resident of this name.

        Raises:
            InvalidInputError: there is none of this name, or changes came with a `Candidate`.
        """
        if isinstance(candidate, str):
            self._known(candidate)
            current = self._encoded[candidate].candidate
            try:
                candidate = replace(current, **changes)
            except TypeError as error:
                raise InvalidInputError(f'candidate "{candidate}": {error}') from None
        elif changes:
            raise InvalidInputError("changes: they go with a name, not with a Candidate")
        self.put(candidate)

    def _position(self, candidate_id: str) -> int:
        """Where it stands; the number of candidates where there is none of this name."""
        return self.ids.index(candidate_id) if candidate_id in self.ids else len(self.ids)

    def _known(self, candidate_id: str) -> int:
        at = self._position(candidate_id)
        if at == len(self.ids):
            raise InvalidInputError(f"candidate {candidate_id!r:.60}: there is none of this name")
        return at
