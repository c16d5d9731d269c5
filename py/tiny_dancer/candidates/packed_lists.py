"""Lists of `Candidate` objects, packed once: the same list again costs one look at each."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .candidate import Candidate
from .encoded_candidates import vectors_of
from .packed_candidates import PackedCandidates

if TYPE_CHECKING:
    from ..scoring.protocol import Scorer

_MOST_LISTS = 4
"""Lists that are kept."""


class PackedLists:
    """The lists that requests brought lately, most recent first. Safe in several threads.

    A list is known by its candidates, in order; `Candidate` is frozen, so they are as they were.

    Args:
        scorer: embeds the texts of candidates.
    """

    def __init__(self, scorer: "Scorer") -> None:
        self._scorer = scorer
        self._lists: tuple[tuple[tuple[Candidate, ...], PackedCandidates], ...] = ()

    def pack(self, candidates: Sequence[Candidate]) -> PackedCandidates:
        """These candidates in one piece.

        Raises:
            InvalidInputError: one is malformed; names it and its index.
        """
        together, lists = tuple(candidates), self._lists
        for known, packed in lists:
            if known[0] is together[0] and known == together:
                return packed
        packed = PackedCandidates.of(together, vectors_of(self._scorer, together))
        self._lists = ((together, packed), *lists[: _MOST_LISTS - 1])
        return packed
