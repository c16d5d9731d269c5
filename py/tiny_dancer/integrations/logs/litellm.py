"""Rows of LiteLLM's table of spend logs, or of its API's /spend/logs."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...decisions import read_state
from .entry import (
    Entry,
    NoPromptError,
    OtherRecordError,
    read_count,
    read_mark,
    read_number,
    read_text,
    read_time,
    unpack,
)

OTHER: Final = ("embedding", "image", "moderation", "transcription", "speech", "rerank", "ocr")
"""In the types of calls whose input is no prompt."""

REDACTED: Final = "redacted-by-litellm"
"""Stands for every prompt where LiteLLM's `turn_off_message_logging` is on."""


class LiteLLMLog:
    """Reads spend logs; prompts are there where `store_prompts_in_spend_logs` is on.

    Args:
        score: key in a row's `metadata` whose value marks the answer, in [0, 1].
    """

    def __init__(self, score: str) -> None:
        self._score = score

    def read(self, row: Mapping[str, Any]) -> Iterator[Entry]:
        """The call of a row.

        Raises:
            NoPromptError: the row holds no prompt.
            OtherRecordError: the call failed, or no model answered in words.
        """
        model, type_ = read_text(row.get("model")), row.get("call_type")
        if model is None or row.get("status") == "failure" or _is_other(type_):
            raise OtherRecordError
        metadata = unpack(row.get("metadata"))
        started, ended = read_time(row.get("startTime")), read_time(row.get("endTime"))
        latency_ms = read_number(row.get("request_duration_ms"))
        if latency_ms is None and started is not None and ended is not None:
            latency_ms = max(0.0, (ended - started) * 1e3)
        yield Entry(
            id=read_text(row.get("request_id")),
            prompt=_find_prompt(row),
            model=model,
            score=read_mark(metadata.get(self._score)) if isinstance(metadata, dict) else None,
            cost=read_number(row.get("spend")),
            latency_ms=latency_ms,
            tokens_in=read_count(row.get("prompt_tokens")),
            tokens_out=read_count(row.get("completion_tokens")),
            created_at=started,
            session=read_text(row.get("session_id")),
        )

    def finish(self) -> Iterator[Entry]:
        """What waited for other rows: nothing."""
        return iter(())


def _find_prompt(row: Mapping[str, Any]) -> str:
    """The last user turn; `{}` stands where no prompt was kept."""
    request = unpack(row.get("proxy_server_request"))
    asked = request if isinstance(request, dict) else {}
    for found in (unpack(row.get("messages")), asked.get("messages"), asked.get("input")):
        if found and (text := read_state(found).text) not in ("", REDACTED):
            return text
    raise NoPromptError


def _is_other(call_type: Any) -> bool:
    return isinstance(call_type, str) and any(word in call_type for word in OTHER)
