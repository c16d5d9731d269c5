"""Server-sent events, cut out of a stream of bytes."""

from typing import Final

from .fault import FaultKind, UpstreamFault

DONE: Final = b"[DONE]"

MAX_EVENT_BYTES: Final = 1 << 20


class EventSplitter:
    """Collects bytes until an event is complete."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that are complete now; comments and other fields are left out.

        Raises:
            UpstreamFault: an event is larger than `MAX_EVENT_BYTES`.
        """
        text = self._rest + piece
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        *events, self._rest = text.split(b"\n\n")
        if len(self._rest) > MAX_EVENT_BYTES:
            raise UpstreamFault(FaultKind.HUGE)
        return [data for event in events if (data := _data(event)) is not None]


def _data(event: bytes) -> bytes | None:
    if event.startswith(b"data: ") and b"\n" not in event:  # nearly always
        return event[6:]
    lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line[:5] == b"data:"]
    return b"\n".join(lines) if lines else None


def event(data: bytes) -> bytes:
    """An event with this data."""
    return b"data: " + data.replace(b"\n", b"\ndata: ") + b"\n\n"
