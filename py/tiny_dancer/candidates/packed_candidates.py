"""Candidates of one request in one piece: ids, one buffer of vectors, columns of numbers."""

from collections.abc import Mapping, Sequence
from functools import partial
from numbers import Real
from typing import Any, Final

from ..checks import HUGE, MAX_COUNT, check_name, shown
from ..errors import InvalidInputError
from .candidate import CREATED_AT, MAX_CREATED_AT, MAX_DIMENSION, Candidate, check_pairs
from .layout import F32_ROWS, MAX_CANDIDATES, Packed, columns
from .pool import CandidatePool, Pools
from .registration import PairBits, frequency, seconds

DEFAULT_SUCCESS: Final = 0.5


class PackedCandidates:
    """Candidates whose vectors come as one buffer, read anew at each request.

    Args:
        ids: a different name for each of the n candidates.
        embeddings: n · d numbers of float32, one candidate after the other: anything with the
            buffer protocol (numpy, array, memoryview), of one or two axes.
        created_at: seconds since 1970 of each; 0 where left out.
        access_count: how often each has served; 0 where left out.
        success_rate: share of those it served well, in [0, 1]; 0.5 where left out.
        metadata: key=value pairs of each; none where left out.

    Raises:
        InvalidInputError: lengths do not fit or a value is out of range; the message names it.
    """

    def __init__(
        self,
        ids: Sequence[str],
        embeddings: Any,
        *,
        created_at: Sequence[float] | None = None,
        access_count: Sequence[int] | None = None,
        success_rate: Sequence[float] | None = None,
        metadata: Sequence[Mapping[str, str]] | None = None,
    ) -> None:
        if isinstance(ids, str) or not hasattr(ids, "__len__"):
            raise InvalidInputError(f"ids: a list of texts is needed, got {shown(ids)}")
        n = len(ids)
        if not 0 < n <= MAX_CANDIDATES:
            raise InvalidInputError(f"ids: 1 to {MAX_CANDIDATES} are needed, got {n}")
        self.ids = tuple(ids)
        for at, name in enumerate(self.ids):
            check_name(f"ids[{at}]", name)
        if len(set(self.ids)) != n:
            raise InvalidInputError("ids: one occurs twice")
        self._rows = _float32(embeddings)
        self.dimension, rest = divmod(self._rows.nbytes // 4, n)
        if rest or not 0 < self.dimension <= MAX_DIMENSION:
            raise InvalidInputError(
                f"embeddings: {self._rows.nbytes // 4} numbers do not make {n} vectors of "
                f"1 to {MAX_DIMENSION}"
            )
        self._created = [
            seconds(at) for at in _column("created_at", created_at, n, 0, -HUGE, MAX_CREATED_AT)
        ]
        self._counts = _column("access_count", access_count, n, 0, 0, MAX_COUNT)
        self._success = _column("success_rate", success_rate, n, DEFAULT_SUCCESS, 0, 1)
        self._pairs = PairBits()
        if metadata is not None:
            if len(metadata) != n:
                raise InvalidInputError(f"metadata: {n} mappings are needed, got {len(metadata)}")
            for at, pairs in enumerate(metadata):
                check_pairs(f"metadata[{at}]", pairs)
        self._bits = [self._pairs.add(pairs) for pairs in metadata] if metadata else [0] * n
        self._pools: dict[int, Pools] = {}

    @classmethod
    def of(
        cls, candidates: Sequence[Candidate], vectors: Sequence[Sequence[float]]
    ) -> "PackedCandidates":
        """Candidates in one piece; `vectors` are their embeddings, all of one length."""
        return cls(
            [candidate.id for candidate in candidates],
            memoryview(b"".join(bytes(memoryview(vector)) for vector in vectors)).cast("f"),  # type: ignore[arg-type]
            created_at=[candidate.created_at for candidate in candidates],
            access_count=[candidate.access_count for candidate in candidates],
            success_rate=[candidate.success_rate for candidate in candidates],
            metadata=[candidate.metadata for candidate in candidates],
        )

    def __len__(self) -> int:
        return len(self.ids)

    def pools(self, count_cap: int) -> Pools:
        """As requests choose from them; the vectors are read from the caller's buffer.

        Args:
            count_cap: access count at which frequency reaches one.
        """
        pools = self._pools.get(count_cap)
        if pools is None:
            shares = [frequency(count, count_cap) for count in self._counts]
            kept = columns(self._created, self._bits, shares, self._success)
            packed = Packed(len(self.ids), self.dimension, F32_ROWS, self._rows, kept)
            pools = Pools(partial(self._make_pool, packed))
            self._pools = {count_cap: pools}
        return pools

    def _make_pool(self, packed: Packed, k: int, metadata: Mapping[str, str]) -> CandidatePool:
        return CandidatePool(self.ids, self.dimension, packed, k, *self._pairs.bits(metadata))


def _float32(values: Any) -> "memoryview[Any]":
    try:
        view = memoryview(values)
    except TypeError:
        raise InvalidInputError(
            f"embeddings: a buffer of float32 is needed, got {type(values).__name__}"
        ) from None
    if view.format != "f" or not view.c_contiguous or view.ndim not in (1, 2):
        raise InvalidInputError("embeddings: contiguous float32 of one or two axes is needed")
    return view.cast("B").cast("f")


def _column(
    name: str, values: Sequence[Any] | None, n: int, default: float, low: float, high: float
) -> Sequence[Any]:
    if values is None:
        return [default] * n
    if len(values) != n:
        raise InvalidInputError(f"{name}: {n} numbers are needed, got {len(values)}")
    for at, value in enumerate(values):
        if not isinstance(value, Real) or not low <= value <= high:  # type: ignore[operator]
            hint = f" ({CREATED_AT} are needed)" if name == "created_at" else ""
            raise InvalidInputError(
                f"{name}: index {at} is {shown(value, 40)}, "
                f"no number in [{low:.10g}, {high:.10g}]{hint}"
            )
    return values
