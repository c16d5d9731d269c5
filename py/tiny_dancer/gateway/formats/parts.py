"""The parts of a streamed answer, one after the other.

In a chat, pieces of parallel calls may come in any order. The other formats end one part before
the next begins, so a piece of a later call waits until the call before it is whole.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ..upstream.fault import FaultKind, UpstreamFault
from .chat_chunk import CallPiece, Chunk


class Kind(StrEnum):
    """What a part is."""

    REASONING = "reasoning"
    TEXT = "text"
    REFUSAL = "refusal"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Begin:
    """A part begins; id and name are a call's."""

    kind: Kind
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of the part that has begun."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class End:
    """The part is over; `text` is all of it."""

    kind: Kind
    text: str


Step: TypeAlias = Begin | Piece | End


class Parts:
    """Puts the parts in a row.

    Attributes:
        has_calls: True once a call began.
    """

    def __init__(self) -> None:
        self.has_calls = False
        self._kind: Kind | None = None
        self._index = -1
        self._texts: list[str] = []
        self._ended: set[int] = set()
        self._waiting: dict[int, list[CallPiece]] = {}

    def feed(self, chunk: Chunk) -> list[Step]:
        """The steps that a chunk makes.

        Raises:
            UpstreamFault: a call without a name, or one that goes on after its end.
        """
        steps: list[Step] = []
        for kind, text in (
            (Kind.REASONING, chunk.reasoning),
            (Kind.TEXT, chunk.text),
            (Kind.REFUSAL, chunk.refusal),
        ):
            if text:
                steps += self._write(kind, text)
        for piece in chunk.calls:
            steps += self._take_call(piece)
        return steps

    def finish(self) -> list[Step]:
        """The steps that end what has begun, and all that waits."""
        steps = self._end()
        for pieces in self._waiting.values():
            steps += self._begin_call(pieces[0])
            for piece in pieces[1:]:
                steps += self._add(piece.arguments)
            steps += self._end()
        self._waiting.clear()
        return steps

    def _write(self, kind: Kind, text: str) -> list[Step]:
        if self._kind is kind:
            return self._add(text)
        steps: list[Step] = [*self.finish(), Begin(kind)]
        self._kind = kind
        return steps + self._add(text)

    def _take_call(self, piece: CallPiece) -> list[Step]:
        if self._kind is Kind.CALL and piece.index == self._index:
            return self._add(piece.arguments)
        if piece.index in self._ended:
            raise UpstreamFault(FaultKind.GARBAGE)
        if self._waiting or (self._kind is Kind.CALL and not self._is_whole()):
            self._waiting.setdefault(piece.index, []).append(piece)
            return []
        return self._end() + self._begin_call(piece)

    def _begin_call(self, piece: CallPiece) -> list[Step]:
        if not piece.name:
            raise UpstreamFault(FaultKind.GARBAGE)
        self.has_calls = True
        self._kind, self._index = Kind.CALL, piece.index
        begin = Begin(Kind.CALL, piece.id or f"call_{piece.index}", piece.name)
        return [begin, *self._add(piece.arguments)]

    def _add(self, text: str) -> list[Step]:
        if not text or self._kind is None:
            return []
        self._texts.append(text)
        return [Piece(self._kind, text)]

    def _end(self) -> list[Step]:
        if self._kind is None:
            return []
        kind, text = self._kind, "".join(self._texts)
        if kind is Kind.CALL:
            self._ended.add(self._index)
        self._kind, self._texts = None, []
        return [End(kind, text)]

    def _is_whole(self) -> bool:
        """True where the arguments of the call that has begun are complete JSON."""
        try:
            json.loads("".join(self._texts))
        except ValueError:
            return False
        return True
