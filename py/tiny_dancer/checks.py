"""Checks of single values; each error names the field, what is needed and what came."""

from collections.abc import Mapping
from sys import float_info
from typing import Final, TypeGuard

from .errors import InvalidInputError

MAX_NAME_CHARS: Final = 200
MAX_COUNT: Final = (1 << 53) - 1
"""The largest whole number that every store and JavaScript keep exactly."""
MAX_MODELS: Final = 16
MAX_BLOB_BYTES: Final = 4_096
HUGE: Final = 1e15


def is_number(value: object) -> bool:
    """True for a finite int or float that is no bool."""
    return _is_real(value) and abs(value) <= float_info.max


def is_clean(text: str) -> bool:
    """True where every store can keep it: no NUL, no lone surrogate."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def check_name(field: str, value: object) -> None:
    """A text of 1 to 200 characters that every store keeps."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME_CHARS or not is_clean(value):
        raise _fault(field, f"a text of 1 to {MAX_NAME_CHARS} characters", value)


def check_text(field: str, value: object, limit: int) -> None:
    """A text of at most `limit` characters that every store keeps."""
    if not isinstance(value, str) or len(value) > limit or not is_clean(value):
        raise _fault(field, f"a text of at most {limit} characters", value)


def check_number(field: str, value: object, low: float = -HUGE, high: float = HUGE) -> None:
    """A finite number in [low, high]."""
    if type(value) is not float and type(value) is not int:
        raise _fault(field, "a number", value)
    if not low <= value <= high:
        raise _fault(field, f"a number in [{low:g}, {high:g}]", value)


def check_count(field: str, value: object, high: int = MAX_COUNT) -> None:
    """A whole number from 0 to `high`, at most 2⁵³ - 1, which JavaScript keeps exactly."""
    if type(value) is not int or not 0 <= value <= high:
        needed = (
            "a whole number below 2^53" if high == MAX_COUNT else f"a whole number up to {high:,}"
        )
        raise _fault(field, needed, value)


def check_flag(field: str, value: object) -> None:
    """True or False."""
    if type(value) is not bool:
        raise _fault(field, "a bool", value)


def check_blob(field: str, value: object) -> None:
    """An even number of bytes (float16), at most `MAX_BLOB_BYTES`."""
    if type(value) is not bytes or len(value) > MAX_BLOB_BYTES or len(value) % 2:
        raise _fault(field, f"at most {MAX_BLOB_BYTES} bytes of float16", value)


def check_scores(field: str, value: object, most: int = MAX_MODELS) -> None:
    """Quality in [0, 1] by model name, for at most so many models."""
    if not isinstance(value, Mapping) or len(value) > most:
        raise _fault(field, f"a mapping of at most {most} models to qualities", value)
    for model, quality in value.items():
        check_name(f"{field}: model", model)
        check_number(f"{field}[{model!r}]", quality, 0.0, 1.0)


def shown(value: object, most: int = 60) -> str:
    """The beginning of a value's repr, at most so many characters."""
    try:
        return f"{value!r:.{most}}"
    except ValueError:  # Python writes no whole number of some thousand digits
        return "a number of thousands of digits"


def _is_real(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fault(field: str, needed: str, got: object) -> InvalidInputError:
    return InvalidInputError(f"{field}: {needed} is needed, got {shown(got)}")
