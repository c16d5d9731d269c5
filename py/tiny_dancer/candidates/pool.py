"""The candidates that a request chooses from, got ready once and used by many requests."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from .layout import Packed

MAX_K: Final = 64
"""Candidates that a response holds at most."""

_MOST_POOLS: Final = 64
"""Pools that are kept of the same candidates, by number of rows and key=value pairs."""

_Key: TypeAlias = tuple[object, ...]


class CandidatePool:
    """Candidates and what is asked of them.

    Args:
        ids: their names, in order.
        dimension: numbers in a vector.
        packed: the candidates; None for those that reside in the scorer.
        k: rows of the ranking at most, 0 to `MAX_K`.
        pairs: bits of the request's key=value pairs that some candidate has.
        n_pairs: number of the request's pairs, at least the bits set.
        start_from_text: start the candidate step from the text's last state; without a text it
            starts from the learned state.

    Attributes:
        n: how many candidates.
        head: where a scorer keeps the head of its requests with this pool.
    """

    __slots__ = (
        "dimension", "head", "ids", "k", "n", "n_pairs", "packed", "pairs", "start_from_text",
    )  # fmt: skip

    def __init__(
        self,
        ids: Sequence[str],
        dimension: int,
        packed: Packed | None,
        k: int,
        pairs: int = 0,
        n_pairs: int = 0,
        *,
        start_from_text: bool = True,
    ) -> None:
        self.ids, self.n = ids, len(ids)
        self.dimension, self.packed = dimension, packed
        self.k, self.pairs, self.n_pairs = k, pairs, n_pairs
        self.start_from_text = start_from_text
        self.head: bytes | None = None


class Pools:
    """The pools of the same candidates; none is older than their last change.

    Args:
        make: the pool of so many rows and a request's key=value pairs.
    """

    def __init__(self, make: Callable[[int, Mapping[str, str]], CandidatePool]) -> None:
        self._make = make
        self._pools: dict[_Key, CandidatePool] = {}

    def get(
        self,
        top_k: int | None,
        metadata: Mapping[str, str] | None,
        check: Callable[[object, object], None],
    ) -> CandidatePool:
        """The pool of a request, whose options are checked when they are new.

        Raises:
            InvalidInputError: as `check` does.
        """
        try:  # the type too: True is no 1
            key: _Key = (type(top_k), top_k, *(() if metadata is None else metadata.items()))
            pool = self._pools.get(key)
        except (AttributeError, TypeError):  # no mapping, or not of texts
            pool = None
        if pool is None:
            check(top_k, metadata)
            pool = self._make(top_k or MAX_K, metadata or {})
            if len(self._pools) >= _MOST_POOLS:
                self._pools = {}
            self._pools[key] = pool
        return pool

    def clear(self) -> None:
        """Forget them: the candidates have changed."""
        self._pools = {}
