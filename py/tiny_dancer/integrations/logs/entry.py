"""One call of a model, as a log tells it."""

import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ...errors import InvalidInputError
from ...strict_json import JsonFault, check_depth, is_closed, parse_json

MAX_DEPTH: Final = 128
"""Arrays and objects inside one another: schemas of tools in a request, values of OTLP."""

NUMBER: Final = re.compile(r"([0-9]{1,20}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][-+]?[0-9]{1,3})?")

BAD: Final = (InvalidInputError, UnicodeEncodeError)
"""What a malformed record raises; half a surrogate pair in an id cannot be kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A call; None where the log has nothing of it.

    Attributes:
        id: the log's own.
        prompt: what is routed: the last user turn.
        model: who answered, as the log names it.
        score: quality of the answer in [0, 1].
        cost: money.
        latency_ms: milliseconds from request to answer.
        tokens_in: of the prompt.
        tokens_out: of the answer.
        created_at: seconds since 1970.
        session: of the conversation.
    """

    id: str | None
    prompt: str
    model: str
    score: float | None = None
    cost: float | None = None
    latency_ms: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    created_at: float | None = None
    session: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """By column."""
        return asdict(self)


COLUMNS: Final = tuple(Entry.__dataclass_fields__)


class NoPromptError(Exception):
    """A record of a call without the prompt."""


class OtherRecordError(Exception):
    """A record of something else than a call that was answered."""


def read_number(value: Any) -> float | None:
    """A finite number of at least 0, also as a text, as CSV has it; None for anything else."""
    value = _to_number(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e15 else None


def read_count(value: Any) -> int | None:
    """A whole number of at least 0, also as a text or as 12.0; None for anything else."""
    number = read_number(value)
    return int(number) if number is not None and number.is_integer() else None


def _to_number(value: Any) -> Any:
    """The number that a text is, spaces around it or not; the value itself where it is none."""
    is_number = isinstance(value, str) and NUMBER.fullmatch(value.strip())
    return float(value) if is_number else value


def read_text(value: Any) -> str | None:
    """A text that is not empty; None for anything else."""
    return value if isinstance(value, str) and value else None


def read_mark(value: Any) -> float | None:
    """A quality in [0, 1], also as a text or a boolean; None for anything else."""
    if isinstance(value, bool):
        return float(value)
    number = read_number(value)
    return number if number is not None and number <= 1 else None


def read_time(value: Any) -> float | None:
    """Seconds since 1970 of an ISO 8601 time or of seconds, also as a text; None for anything else.

    A time without a zone is UTC, as dumps of LiteLLM's table have it.
    """
    if isinstance(value, str):
        with suppress(ValueError, OverflowError):
            time = datetime.fromisoformat(value.strip())
            value = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return read_number(value)


def unpack(value: Any) -> Any:
    """What a text of JSON says; the value itself where it is no such text.

    Raises:
        InvalidInputError: it is nested deeper than `MAX_DEPTH`.
    """
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in ("[", "{"):
        try:
            check_depth(value, MAX_DEPTH)
        except JsonFault as error:
            if not is_closed(value):
                return value
            raise InvalidInputError(f"a text of JSON: {error}") from None
    try:
        return parse_json(value)
    except ValueError:
        return value
