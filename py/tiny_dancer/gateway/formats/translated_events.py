"""A streamed chat as the events of another format."""

from typing import Protocol

from ..http.api_error import ApiError
from ..upstream.call import parse_answer
from ..upstream.event_reader import FinishedChoices
from ..upstream.fault import FaultKind, UpstreamFault
from ..upstream.sse import DONE
from ..upstream.usage import Usage, read_usage
from .chat_chunk import Chunk, read_chunk
from .chat_ownership import mark_translated


class Translator(Protocol):
    """Makes a client's events of the chunks of a chat."""

    def feed(self, chunk: Chunk) -> list[bytes]:
        """The events that a chunk makes."""

    def finish(self) -> list[bytes]:
        """The events that end a whole answer."""

    def fail(self, error: ApiError) -> list[bytes]:
        """The events that say what went wrong."""


class TranslatedEvents:
    """Reads a chat's events for a client that speaks another format.

    Args:
        translator: makes its events.
        mark: of the upstream.
        place: of the answer in its conversation.
    """

    def __init__(self, translator: Translator, mark: str, place: int) -> None:
        self.usage: Usage | None = None
        self.is_over = False
        self._translator, self._mark, self._place = translator, mark, place
        self._finished = FinishedChoices()

    def read(self, data: bytes) -> list[bytes]:
        """The client's events; none for some."""
        if data.strip() == DONE:
            self.is_over = True
            return self._translator.finish()
        value = parse_answer(data, {})
        self._finished.read(value)
        self.usage = read_usage(value) or self.usage
        mark_translated(value, self._mark, self._place)
        return self._translator.feed(read_chunk(value))

    def finish(self) -> list[bytes]:
        """The events that end an answer whose last event the upstream left out."""
        if not self._finished.is_whole:
            raise UpstreamFault(FaultKind.CUT)
        return self._translator.finish()

    def fail(self, error: ApiError) -> list[bytes]:
        """The events that say what went wrong."""
        return self._translator.fail(error)
