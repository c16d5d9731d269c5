"""What becomes of the events of a streamed answer before the client gets them."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..http.api_error import ApiError
from ..http.json_text import dump_compact
from .call import parse_answer
from .fault import FaultKind, UpstreamFault
from .sse import DONE, encode_event
from .usage import Usage, read_usage


class EventReader(Protocol):
    """From the events of an upstream to those of a client.

    Attributes:
        usage: the tokens that were said up to now.
        is_over: True once the upstream's last event has come.
    """

    usage: Usage | None
    is_over: bool

    def read(self, data: bytes) -> list[bytes]:
        """What the client gets for one event.

        Raises:
            UpstreamFault: it is none, or it names an error.
        """

    def finish(self) -> list[bytes]:
        """What the client gets where the body ends without a last event.

        Raises:
            UpstreamFault: the answer is not whole.
        """

    def fail(self, error: ApiError) -> list[bytes]:
        """What the client gets where the upstream fails."""


class FinishedChoices:
    """Which choices of a streamed answer have said why they end."""

    def __init__(self) -> None:
        self._finished: dict[int, bool] = {}

    def read(self, chunk: Mapping[str, Any]) -> None:
        """Take note of a chunk."""
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                index = choice.get("index", 0)
                at = index if isinstance(index, int) else 0
                self._finished[at] = self._finished.get(at, False) or bool(
                    choice.get("finish_reason")
                )

    @property
    def is_whole(self) -> bool:
        """True where each choice that began has ended."""
        return bool(self._finished) and all(self._finished.values())


class ChatEvents:
    """The events of a chat as they come.

    A stream that ends after the last `finish_reason` is whole, also without `[DONE]`, which some
    servers do not send; the client gets one.

    Args:
        hides_usage: True where the gateway, not the client, asked for the event with the usage.
        mark: puts the upstream's mark on what a client echoes of an event; False for nothing.
    """

    def __init__(
        self, *, hides_usage: bool, mark: Callable[[dict[str, Any]], bool] = lambda _: False
    ) -> None:
        self.usage: Usage | None = None
        self.is_over = False
        self._hides_usage, self._mark = hides_usage, mark
        self._finished = FinishedChoices()

    def read(self, data: bytes) -> list[bytes]:
        """The event itself; nothing for a usage that the client did not ask for."""
        if data.strip() == DONE:
            self.is_over = True
            return [encode_event(DONE)]
        value = parse_answer(data, {})
        self._finished.read(value)
        said = read_usage(value)
        self.usage = said or self.usage
        if said and self._hides_usage and not value.get("choices"):
            return []
        return [encode_event(dump_compact(value) if self._mark(value) else data)]

    def finish(self) -> list[bytes]:
        """The end that the upstream left out."""
        if not self._finished.is_whole:
            raise UpstreamFault(FaultKind.CUT)
        return [encode_event(DONE)]

    def fail(self, error: ApiError) -> list[bytes]:
        """An event that names the error."""
        return [encode_event(dump_compact(error.body))]
