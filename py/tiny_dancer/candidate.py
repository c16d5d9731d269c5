"""Something that could serve a query: an agent, a tool, a model, a remembered answer."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

from .errors import InvalidInputError

MAX_DIMENSION: Final = 2_048
MAX_COUNT: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One candidate, with either an embedding or a text.

    Args:
        id: its name, unique among the candidates of a call; 1 to 200 characters.
        embedding: 1 to 2,048 finite numbers: anything with the buffer protocol in float32 or
            float64 (numpy, array, memoryview), or a sequence of floats. Kept as float32.
        text: what it is for, in words; embedded by the router's own `embed`.
        metadata: key=value pairs, compared with those of a request.
        created_at: seconds since 1970; None stands for "now" wherever it is scored.
        access_count: how often it has served.
        success_rate: share of those it served well, in [0, 1].

    Raises:
        InvalidInputError: a field is malformed; the message names candidate and field.
    """

    id: str
    embedding: Any = None
    text: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    created_at: float | None = None
    access_count: int = 0
    success_rate: float = 0.5

    def __post_init__(self) -> None:
        """Check every field and turn the embedding into an array of float32."""
        if not isinstance(self.id, str) or not 0 < len(self.id) <= 200:
            raise InvalidInputError(
                f"candidate {self.id!r:.40}: id must be a text of 1 to 200 characters"
            )
        if (self.embedding is None) == (self.text is None):
            raise self._error("exactly one of embedding and text is needed")
        if self.text is not None and not isinstance(self.text, str):
            raise self._error(f"text must be a str, got {type(self.text).__name__}")
        if self.embedding is not None:
            try:
                object.__setattr__(self, "embedding", vector(self.embedding))
            except InvalidInputError as error:
                raise self._error(f"embedding {error}") from None
        if not isinstance(self.metadata, Mapping) or not all(
            isinstance(key, str) and isinstance(value, str) for key, value in self.metadata.items()
        ):
            raise self._error("metadata must map names to texts")
        if self.created_at is not None and not _is_number(self.created_at, -4e11, 4e11):
            raise self._error(f"created_at must be seconds since 1970, got {self.created_at!r:.40}")
        if type(self.access_count) is not int or not 0 <= self.access_count <= MAX_COUNT:
            raise self._error(
                f"access_count must be an int from 0 to {MAX_COUNT}, got {self.access_count!r:.40}"
            )
        if not _is_number(self.success_rate, 0, 1):
            raise self._error(
                f"success_rate must be a number in [0, 1], got {self.success_rate!r:.40}"
            )

    def _error(self, fault: str) -> InvalidInputError:
        return InvalidInputError(f'candidate "{self.id}": {fault}')


def vector(values: Any) -> "array[float]":
    """Finite numbers as an array of float32.

    Raises:
        InvalidInputError: not 1 to 2,048 finite numbers; the message starts after the name.
    """
    numbers = _float32(values)
    if not 0 < len(numbers) <= MAX_DIMENSION:
        raise InvalidInputError(f"has {len(numbers)} numbers, 1 to {MAX_DIMENSION} are needed")
    if not all(map(isfinite, numbers)):
        at = next(i for i, x in enumerate(numbers) if not isfinite(x))
        raise InvalidInputError(f"is not finite as float32 at index {at}")
    return numbers


def _float32(values: Any) -> "array[float]":
    if isinstance(values, Sequence) and not isinstance(values, str | bytes | memoryview | array):
        try:
            return array("f", values)
        except (TypeError, OverflowError) as error:
            raise InvalidInputError(f"must hold numbers: {error}") from None
    try:
        view = memoryview(values)
    except TypeError:
        raise InvalidInputError(
            f"must be a buffer or a sequence of floats, got {type(values).__name__}"
        ) from None
    if view.ndim != 1 or view.format not in ("f", "d"):
        raise InvalidInputError(
            f"must be one row of float32 or float64, got {view.ndim} axes of {view.format!r}"
        )
    numbers = array("f")
    if view.format == "f" and view.c_contiguous:
        numbers.frombytes(view.cast("B"))
    else:
        numbers.extend(view.tolist())
    return numbers


def _is_number(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
