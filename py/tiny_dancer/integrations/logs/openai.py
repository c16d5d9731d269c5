"""OpenAI's stored completions, and their messages, which come from a call of their own."""

from collections.abc import Iterator, Mapping
from typing import Any

from .entry import Entry, OtherRecordError, read_count, read_mark, read_text, read_time
from .spool import Spool


class OpenAILog:
    """Joins completions and messages by id, in whatever order and files they come.

    A message's id is that of its completion and a number: `chatcmpl-abc-0`. Completions wait on
    disk, and of the messages the user's turns alone.

    Args:
        score: key in a completion's `metadata` whose value marks the answer, in [0, 1].
    """

    def __init__(self, score: str) -> None:
        self._score = score
        self._spool = Spool()

    def read(self, row: Mapping[str, Any]) -> Iterator[Entry]:
        """Nothing yet.

        Raises:
            OtherRecordError: it is neither completion nor message, but a chunk of a stream, say.
        """
        if not isinstance(row.get("id"), str) or row.get("object") == "chat.completion.chunk":
            raise OtherRecordError
        if isinstance(row.get("choices"), list):
            self._take_completion(row)
        elif isinstance(row.get("role"), str):
            self._take_message(row)
        else:
            raise OtherRecordError
        return iter(())

    def finish(self) -> Iterator[Entry | None]:
        """Every completion with its prompt; None for one whose messages are not there."""
        return self._spool.finish()

    def _take_completion(self, item: Mapping[str, Any]) -> None:
        model = read_text(item.get("model"))
        if model is None:
            raise OtherRecordError
        usage, metadata = item.get("usage"), item.get("metadata")
        usage = usage if isinstance(usage, Mapping) else {}
        metadata = metadata if isinstance(metadata, Mapping) else {}
        entry = Entry(
            id=item["id"],
            prompt="",
            model=model,
            score=read_mark(metadata.get(self._score)),
            tokens_in=read_count(usage.get("prompt_tokens")),
            tokens_out=read_count(usage.get("completion_tokens")),
            created_at=read_time(item.get("created")),
            session=read_text(metadata.get("session")),
        )
        self._spool.add_call(item["id"], entry)

    def _take_message(self, item: Mapping[str, Any]) -> None:
        id_, _, number = item["id"].rpartition("-")
        if not number.isdecimal() or len(number) > 9:
            raise OtherRecordError
        content = item.get("content_parts") or item.get("content")
        if item["role"] == "user":
            self._spool.add_turn(id_, int(number), {"role": "user", "content": content})
