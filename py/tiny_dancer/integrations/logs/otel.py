"""OpenTelemetry: OTLP as JSON, with the semantic conventions for generative models."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...decisions import read_state
from .entry import (
    BAD,
    Entry,
    OtherRecordError,
    read_count,
    read_mark,
    read_number,
    read_text,
    unpack,
)
from .spool import Spool

ANSWERING: Final = ("chat", "generate_content", "text_completion")
"""Operations that are calls of a model; others run agents and tools, or make vectors."""

EVALUATION: Final = "gen_ai.evaluation.result"
FAILED: Final = (2, "STATUS_CODE_ERROR")


class OtelLog:
    """Reads batches of spans and of log records, such as a collector's file exporter writes.

    Prompts are in `gen_ai.input.messages` (or the older `gen_ai.prompt`), of a span, of its events,
    or of a log record with the span's id; they are there where the instrumentation captures
    content. Marks are events `gen_ai.evaluation.result`, of the span or as log records.

    Args:
        score: `gen_ai.evaluation.name` of the evaluations that mark answers; also an attribute of
            a span whose value does.
    """

    def __init__(self, score: str) -> None:
        self._score = score
        self._spool = Spool()

    def read(self, row: Mapping[str, Any]) -> Iterator[Entry]:
        """Nothing yet.

        Raises:
            OtherRecordError: there is no span of a call in it, and nothing about one.
            InvalidInputError: one of its spans or records is malformed; the others were taken.
        """
        taken, fault = 0, None
        for take, found in (
            (self._take_span, _walk(row, "resourceSpans", "scopeSpans", "spans")),
            (self._take_record, _walk(row, "resourceLogs", "scopeLogs", "logRecords")),
        ):
            for one in found:
                try:
                    taken += take(one)
                except BAD as error:
                    fault = fault or error
        if fault is not None:
            raise fault
        if not taken:
            raise OtherRecordError
        return iter(())

    def finish(self) -> Iterator[Entry | None]:
        """Every call with its prompt and mark; None for one without a prompt."""
        return self._spool.finish()

    def _take_span(self, span: Mapping[str, Any]) -> bool:
        found, id_ = _read_attributes(span), read_text(span.get("spanId"))
        # As it was asked for: what answers has dates in its name.
        model = read_text(found.get("gen_ai.request.model"))
        model = model or read_text(found.get("gen_ai.response.model"))
        operation = found.get("gen_ai.operation.name", ANSWERING[0])
        status = span.get("status")
        failed = isinstance(status, Mapping) and status.get("code") in FAILED
        if id_ is None or model is None or operation not in ANSWERING or failed:
            return False
        started, ended = (_read_nanos(span.get(f"{name}TimeUnixNano")) for name in ("start", "end"))
        latency = None if started is None or ended is None else max(0.0, (ended - started) * 1e3)
        entry = Entry(
            id=id_,
            prompt=_read_prompt(found),
            model=model,
            score=read_mark(found.get(self._score)),
            cost=read_number(found.get("gen_ai.usage.cost", found.get("gen_ai.cost.total_cost"))),
            latency_ms=latency,
            tokens_in=_read_tokens(found, "input", "prompt"),
            tokens_out=_read_tokens(found, "output", "completion"),
            created_at=started,
            session=read_text(found.get("gen_ai.conversation.id")),
        )
        self._spool.add_call(id_, entry, read_text(span.get("traceId")))
        for event in _list(span.get("events")):
            self._take_event(id_, event.get("name"), _read_attributes(event))
        return True

    def _take_record(self, record: Mapping[str, Any]) -> bool:
        id_, name = read_text(record.get("spanId")), record.get("eventName")
        return id_ is not None and self._take_event(id_, name, _read_attributes(record))

    def _take_event(self, id_: str, name: Any, found: Mapping[str, Any]) -> bool:
        if (name or found.get("event.name")) == EVALUATION:
            mark = read_mark(found.get("gen_ai.evaluation.score.value"))
            if mark is None or found.get("gen_ai.evaluation.name") != self._score:
                return False
            self._spool.add_mark(id_, mark)
            return True
        if prompt := _read_prompt(found):
            self._spool.add_prompt(id_, prompt)
        return bool(prompt)


def _walk(row: Mapping[str, Any], *names: str) -> Iterator[Mapping[str, Any]]:
    """The innermost objects of lists inside one another."""
    if not names:
        yield row
        return
    for one in _list(row.get(names[0])):
        yield from _walk(one, *names[1:])


def _list(value: Any) -> Iterator[Mapping[str, Any]]:
    return (
        (one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else iter(())
    )


def _read_attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes by name, as plain values."""
    return {
        one["key"]: _read_value(one.get("value"))
        for one in _list(row.get("attributes"))
        if isinstance(one.get("key"), str)
    }


def _read_value(value: Any) -> Any:
    """What an `AnyValue` holds; whole numbers come as texts."""
    if not isinstance(value, Mapping):
        return None
    for kind, inner in value.items():
        if kind == "intValue":
            try:
                return int(inner)
            except (TypeError, ValueError):
                return None
        if kind == "arrayValue" and isinstance(inner, Mapping):
            return [_read_value(one) for one in _list(inner.get("values"))]
        if kind == "kvlistValue" and isinstance(inner, Mapping):
            return _read_attributes({"attributes": inner.get("values")})
        return inner
    return None


def _read_prompt(found: Mapping[str, Any]) -> str:
    """The last user turn; empty where there is none."""
    given = unpack(found.get("gen_ai.input.messages", found.get("gen_ai.prompt")))
    if isinstance(given, list):
        given = [_to_plain(one) if isinstance(one, Mapping) else one for one in given]
    return read_state(given).text if given else ""


def _to_plain(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """A message of the conventions, whose parts have `content`, as others have them."""
    if not isinstance(message.get("parts"), list):
        return message
    content = [
        {"type": "text", "text": part["content"]}
        if part.get("type") == "text" and isinstance(part.get("content"), str)
        else {"type": "file"}
        for part in _list(message["parts"])
    ]
    return {"role": message.get("role"), "content": content}


def _read_tokens(found: Mapping[str, Any], *names: str) -> int | None:
    counts = (read_count(found.get(f"gen_ai.usage.{name}_tokens")) for name in names)
    return next((n for n in counts if n is not None), None)


def _read_nanos(value: Any) -> float | None:
    """Seconds since 1970 of nanoseconds, a number or a text of one."""
    try:
        seconds = int(value) / 1e9
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < 1e11 else None
