"""What an answer looks like in the format that an upstream speaks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from .usage import Usage, read_usage

Object: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wire:
    """How one format is called and recognised.

    Attributes:
        path: of the endpoint behind the base URL.
        auth: how a key goes up where the configuration does not say.
        headers: sent with each call, unless the configuration has its own.
        is_answer: True for the object of a whole answer.
        is_beginning: True for the object of a stream's first event.
        read_usage: the tokens that an answer or an event says; None where it says none.
        has_stream_options: True where a stream has to be asked for its usage.
        effort: where the reasoning effort stands in a request; empty where there is none.
    """

    path: str
    auth: str
    headers: Mapping[str, str]
    is_answer: Callable[[Object], bool]
    is_beginning: Callable[[Object], bool]
    read_usage: Callable[[Object], Usage | None] = read_usage
    has_stream_options: bool = True
    effort: tuple[str, ...] = ()


def has_choices(value: Object) -> bool:
    """True for an answer with at least one choice."""
    return isinstance(value.get("choices"), list) and bool(value["choices"])


def is_chunk(value: Object) -> bool:
    """True for a piece of a streamed chat or completion."""
    return isinstance(value.get("choices"), list)


def has_vectors(value: Object) -> bool:
    """True for an answer with at least one embedding."""
    return isinstance(value.get("data"), list) and bool(value["data"])


CHAT: Final = Wire(
    "chat/completions", "bearer", {}, has_choices, is_chunk, effort=("reasoning_effort",)
)
COMPLETIONS: Final = Wire("completions", "bearer", {}, has_choices, is_chunk)
EMBEDDINGS: Final = Wire("embeddings", "bearer", {}, has_vectors, is_chunk)
