"""A candidate: anything that could serve a request."""

import struct
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from math import hypot, isnan
from numbers import Real
from typing import Any, Final

from ..checks import HUGE, MAX_COUNT, check_name, check_text, is_number, shown
from ..errors import InvalidInputError

MAX_DIMENSION: Final = 2_048
MAX_MAGNITUDE: Final = 3e17
"""The sum of 2,048 squares of it is still finite in float32."""
_SHORT: Final = MAX_MAGNITUDE / 2
"""No number of a vector shorter than this is too large, and none is infinite or no number."""
_PLAIN: Final = frozenset((int, float))
"""Types of numbers that need no second look. No bool."""
MAX_TEXT_CHARS: Final = 65_536
MAX_PAIRS: Final = 64
MAX_VALUE_CHARS: Final = 2_000
MAX_CREATED_AT: Final = 4_102_444_800
"""The year 2100. What lies behind it is milliseconds, or a mistake."""
CREATED_AT: Final = "seconds since 1970 (no milliseconds), before the year 2100,"
_FORMATS: Final = frozenset("fdbhilqHILQ")
"""Of buffers. No bytes: those are no numbers."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent, a tool, a specialised model, a remembered answer.

    Args:
        id: names it; 1 to 200 characters.
        embedding: 1 to 2,048 numbers, as a sequence, through the buffer protocol (float16, 32, 64
            or whole numbers), or from what has `tolist`, such as a tensor; kept as `array('f')`.
            Either this or `text`.
        text: what it is about; its embedding is then made by the bundle.
        metadata: up to 64 pairs of texts.
        created_at: seconds since 1970, before the year 2100.
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
        check_pairs(f"candidate {self.id!r}: metadata", self.metadata)
        object.__setattr__(self, "metadata", dict(self.metadata))
        if not is_number(self.created_at) or not -HUGE <= self.created_at <= MAX_CREATED_AT:
            raise _fault(self.id, "created_at", CREATED_AT, self.created_at)
        if type(self.access_count) is not int or not 0 <= self.access_count <= MAX_COUNT:
            raise _fault(self.id, "access_count", "a whole number", self.access_count)
        if not is_number(self.success_rate) or not 0 <= self.success_rate <= 1:
            raise _fault(self.id, "success_rate", "a number in [0, 1]", self.success_rate)


def _vector(where: str, value: Any) -> Sequence[float]:
    numbers = _numbers(where, value)
    if not numbers:
        raise _needed(where, "a sequence of numbers", value)
    if len(numbers) > MAX_DIMENSION:
        raise InvalidInputError(
            f"{where}: at most {MAX_DIMENSION} numbers are needed, got {len(numbers)}"
        )
    try:
        if hypot(*numbers) < _SHORT:
            return array("f", struct.pack(f"{len(numbers)}f", *numbers))
        vector = array("f", numbers)
    except OverflowError:
        raise _needed(where, "a sequence of finite float32", value) from None
    if max(vector) > MAX_MAGNITUDE or min(vector) < -MAX_MAGNITUDE or isnan(sum(vector)):
        at = next(i for i, number in enumerate(vector) if not abs(number) <= MAX_MAGNITUDE)
        raise _needed(f"{where}[{at}]", f"a finite number within ±{MAX_MAGNITUDE:g}", numbers[at])
    return vector


def _numbers(where: str, value: Any) -> Sequence[Any]:
    """The numbers of a buffer, a sequence, or what gives a list, such as a tensor of torch."""
    try:
        view = memoryview(value)
    except (TypeError, ValueError, BufferError):  # none, or of numbers that only its owner knows
        return _listed_numbers(where, value)
    if view.ndim != 1:
        raise InvalidInputError(
            f"{where}: numbers along one axis are needed, got the shape {view.shape}"
        )
    if view.format == "e":  # float16, of which memoryview gives no numbers
        return struct.unpack(f"{len(view)}e", view.tobytes())
    if view.format not in _FORMATS:
        raise InvalidInputError(
            f"{where}: floats or signed whole numbers in native byte order are needed, "
            f"got the format {view.format!r}"
        )
    return view.tolist()


def _listed_numbers(where: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, Sequence) and callable(getattr(value, "tolist", None)):
        value = value.tolist()
    numbers = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    if not (_PLAIN.issuperset(map(type, numbers)) or all(map(_real, numbers))):
        at = next(i for i, number in enumerate(numbers) if not _real(number))
        raise _needed(f"{where}[{at}]", "a number", numbers[at])
    return numbers


def query_vector(value: Any) -> Sequence[float]:
    """A query as float32: the caller's own buffer where it is one, else a copy.

    Raises:
        InvalidInputError: not 1 to 2,048 numbers, or not finite.
    """
    try:
        view = memoryview(value)
    except (TypeError, ValueError, BufferError):
        return _vector("query_embedding", value)
    if (
        view.format == "f"
        and view.c_contiguous
        and view.ndim == 1
        and 0 < len(view) <= MAX_DIMENSION
    ):
        return view
    return _vector("query_embedding", value)


def check_pairs(where: str, value: object) -> None:
    """Up to 64 names of 1 to 200 characters, each with a text of at most 2,000.

    Raises:
        InvalidInputError: names the pair at fault.
    """
    if not isinstance(value, Mapping) or len(value) > MAX_PAIRS:
        raise _needed(where, f"a mapping of at most {MAX_PAIRS} pairs", value)
    for key, entry in value.items():
        check_name(f"{where} key", key)
        check_text(f"{where}[{key!r}]", entry, MAX_VALUE_CHARS)


def _real(value: object) -> bool:
    """True for a number of Python's or NumPy's; no bool."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _fault(name: str, where: str, needed: str, got: object) -> InvalidInputError:
    return _needed(f"candidate {name!r}: {where}", needed, got)


def _needed(where: str, needed: str, got: object) -> InvalidInputError:
    return InvalidInputError(f"{where}: {needed} is needed, got {shown(got)}")
