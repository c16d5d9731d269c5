"""A candidate: anything that could serve a request."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from math import isnan
from typing import Any, Final

from ..checks import MAX_COUNT, check_name, check_text, is_number
from ..errors import InvalidInputError

MAX_DIMENSION: Final = 2_048
MAX_MAGNITUDE: Final = 3e17
"""The sum of 2,048 squares of it is still finite in float32."""
_PLAIN: Final = frozenset((int, float))
"""Types of numbers that need no second look. No bool."""
MAX_TEXT_CHARS: Final = 65_536
MAX_PAIRS: Final = 64
MAX_VALUE_CHARS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent, a tool, a specialised model, a remembered answer.

    Args:
        id: names it; 1 to 200 characters.
        embedding: 1 to 2,048 numbers, as a sequence or through the buffer protocol (float32,
            float64); kept as `array('f')`. Either this or `text`.
        text: what it is about; its embedding is then made by the bundle.
        metadata: up to 64 pairs of texts.
        created_at: seconds since 1970.
        access_count: how often it was used.
        success_rate: share of uses that went well, in [0, 1].

    Raises:
        InvalidInputError: a value has the wrong type or range; the message names the field.
    """

    id: str
    _: KW_ONLY
    embedding: Sequence[float] | None = None
    text: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    created_at: float
    access_count: int = 0
    success_rate: float

    def __post_init__(self) -> None:
        """Check every field and take a copy of the embedding."""
        check_name("id", self.id)
        if (self.embedding is None) == (self.text is None):
            raise InvalidInputError(f"candidate {self.id!r}: either embedding or text is needed")
        if self.embedding is not None:
            object.__setattr__(
                self, "embedding", _vector(f"candidate {self.id!r}: embedding", self.embedding)
            )
        if self.text is not None:
            check_text(f"candidate {self.id!r}: text", self.text, MAX_TEXT_CHARS)
        object.__setattr__(self, "metadata", _metadata(self.id, self.metadata))
        if not is_number(self.created_at):
            raise _fault(self.id, "created_at", "seconds", self.created_at)
        if type(self.access_count) is not int or not 0 <= self.access_count <= MAX_COUNT:
            raise _fault(self.id, "access_count", "a whole number", self.access_count)
        if not is_number(self.success_rate) or not 0 <= self.success_rate <= 1:
            raise _fault(self.id, "success_rate", "a number in [0, 1]", self.success_rate)


def _vector(where: str, value: Any) -> Sequence[float]:
    try:
        view = memoryview(value)
    except TypeError:
        numbers = list(value) if isinstance(value, Sequence) else []
    else:
        numbers = view.tolist() if view.format in ("f", "d") and view.ndim == 1 else []
    if not numbers or not (_PLAIN.issuperset(map(type, numbers)) or all(map(_real, numbers))):
        raise _needed(where, "a sequence of numbers", value)
    if len(numbers) > MAX_DIMENSION:
        raise InvalidInputError(
            f"{where}: at most {MAX_DIMENSION} numbers are needed, got {len(numbers)}"
        )
    try:
        vector = array("f", numbers)
    except OverflowError:
        raise _needed(where, "a sequence of finite float32", value) from None
    if max(vector) > MAX_MAGNITUDE or min(vector) < -MAX_MAGNITUDE or isnan(sum(vector)):
        at = next(i for i, number in enumerate(vector) if not abs(number) <= MAX_MAGNITUDE)
        raise InvalidInputError(
            f"{where}[{at}]: a finite number within ±{MAX_MAGNITUDE:g} "
            f"is needed, got {numbers[at]!r}"
        )
    return vector


def query_vector(value: Any) -> Sequence[float]:
    """A query as float32: the caller's own buffer where it is one, else a copy.

    Raises:
        InvalidInputError: not 1 to 2,048 numbers, or not finite.
    """
    try:
        view = memoryview(value)
    except TypeError:
        return _vector("query_embedding", value)
    if view.format == "f" and view.c_contiguous and 0 < len(view) <= MAX_DIMENSION:
        return view
    return _vector("query_embedding", value)


def _metadata(name: str, value: Mapping[str, str]) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > MAX_PAIRS:
        raise _fault(name, "metadata", f"a mapping of at most {MAX_PAIRS} pairs", value)
    for key, entry in value.items():
        check_name(f"candidate {name!r}: metadata key", key)
        check_text(f"candidate {name!r}: metadata[{key!r}]", entry, MAX_VALUE_CHARS)
    return dict(value)


def _real(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fault(name: str, where: str, needed: str, got: object) -> InvalidInputError:
    return _needed(f"candidate {name!r}: {where}", needed, got)


def _needed(where: str, needed: str, got: object) -> InvalidInputError:
    return InvalidInputError(f"{where}: {needed} is needed, got {got!r:.60}")
