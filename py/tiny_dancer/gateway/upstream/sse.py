"""Server-sent events, cut out of a stream of bytes as real servers write them."""

from typing import Final

from .fault import FaultKind, UpstreamFault

DONE: Final = b"[DONE]"
_BOM: Final = b"\xef\xbb\xbf"


class Comment(bytes):
    """A comment, without its colon: some servers keep a connection alive with it."""


class EventSplitter:
    """Collects bytes until an event is complete.

    Lines may end in LF, CR LF or CR alone, whatever piece they come in.

    Args:
        most_bytes: of one event.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._has_begun = False
        self._skips_lf = False

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that are complete now, and `Comment`s between them.

        Raises:
            UpstreamFault: an event is too large.
        """
        if self._skips_lf and piece:
            piece = piece.removeprefix(b"\n")
            self._skips_lf = False
        if b"\r" in piece:
            self._skips_lf = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if not self._has_begun:
            piece = self._strip_mark(piece)
        last = self._parts[-1][-1:] if self._parts else b""
        if b"\n\n" not in last + piece:
            if piece:
                self._keep(piece)
            return []
        *blocks, rest = b"".join((*self._parts, piece)).split(b"\n\n")
        self._parts, self._size = [], 0
        if rest:
            self._keep(rest)
        return [data for block in blocks if (data := self._read_block(block)) is not None]

    def finish(self) -> list[bytes]:
        """The last event, where its blank line never came."""
        block = b"".join(self._parts).rstrip(b"\n")
        self._parts, self._size = [], 0
        data = self._read_block(block)
        return [] if data is None else [data]

    def _keep(self, piece: bytes) -> None:
        self._parts.append(piece)
        self._size += len(piece)
        if self._size > self._most:
            raise UpstreamFault(FaultKind.TOO_LARGE)

    def _strip_mark(self, piece: bytes) -> bytes:
        text = b"".join((*self._parts, piece))
        if len(text) < len(_BOM) and _BOM.startswith(text):
            return piece  # the mark may still be on its way
        self._has_begun = True
        if text.startswith(_BOM):
            self._parts, self._size = [], 0
            return text.removeprefix(_BOM)
        return piece

    def _read_block(self, block: bytes) -> bytes | None:
        if len(block) > self._most:
            raise UpstreamFault(FaultKind.TOO_LARGE)
        if block.startswith(b"data: ") and b"\n" not in block:  # nearly always
            return block[6:] if block[6:].strip() else None
        lines = block.split(b"\n")
        data = [line[5:].removeprefix(b" ") for line in lines if line[:5] == b"data:"]
        if any(line.strip() for line in data):
            return b"\n".join(data)
        for line in lines:
            if line.startswith(b":"):
                return Comment(line[1:])
        return None


def encode_event(data: bytes, name: str | None = None) -> bytes:
    """An event with this data, and its name where it has one; or the comment."""
    if isinstance(data, Comment):
        return b":" + data + b"\n\n"
    named = b"event: " + name.encode() + b"\n" if name else b""
    return named + b"data: " + data.replace(b"\n", b"\ndata: ") + b"\n\n"
