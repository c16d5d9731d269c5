"""Langfuse: observations and scores of its API or exports, and the older exports of traces."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...decisions import read_state
from .entry import (
    BAD,
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
from .spool import Spool

TOKENS_IN: Final = ("input", "input_tokens", "prompt_tokens", "promptTokens")
TOKENS_OUT: Final = ("output", "output_tokens", "completion_tokens", "completionTokens")


class LangfuseLog:
    """Joins generations and scores by id, in whatever order and files they come.

    A score counts whose name is `score`, in [0, 1]: of an observation, or of a trace that has one
    generation alone. A trace counts as its observations and scores.

    Args:
        score: name of the scores that mark answers.
    """

    def __init__(self, score: str) -> None:
        self._score = score
        self._spool = Spool()

    def read(self, row: Mapping[str, Any]) -> Iterator[Entry]:
        """Nothing yet.

        Raises:
            NoPromptError: a generation without input.
            OtherRecordError: it is neither generation nor score, or the generation failed.
            InvalidInputError: it is malformed. Of a trace's parts the worst fault is raised, once
                all others were taken.
        """
        if isinstance(row.get("observations"), list):
            scores = row.get("scores")
            parts = [*row["observations"], *(scores if isinstance(scores, list) else ())]
            whole = {"traceId": row.get("id"), "sessionId": row.get("sessionId")}
            yield from self._read_all(
                [{**whole, **one} for one in parts if isinstance(one, Mapping)]  # not ids alone
            )
        elif "value" in row and isinstance(row.get("name"), str):
            self._take_score(row)
        else:
            self._take_observation(row)

    def finish(self) -> Iterator[Entry | None]:
        """Every generation with its score."""
        return self._spool.finish()

    def _read_all(self, rows: list[Any]) -> Iterator[Entry]:
        """All items, so that one hides no other; then the worst fault among them.

        A malformed one is worse than a missing prompt, and that worse than another record.
        """
        faults: list[Exception] = []
        for row in rows:
            try:
                if not isinstance(row, Mapping):
                    raise OtherRecordError
                yield from self.read(row)
            except (NoPromptError, OtherRecordError, *BAD) as error:
                faults.append(error)
        for worst in (BAD, NoPromptError, OtherRecordError):
            for fault in faults:
                if isinstance(fault, worst):
                    raise fault

    def _take_observation(self, row: Mapping[str, Any]) -> None:
        id_, model = read_text(row.get("id")), read_text(row.get("model"))
        failed = row.get("level") == "ERROR"
        if row.get("type") != "GENERATION" or id_ is None or model is None or failed:
            raise OtherRecordError
        given = unpack(row.get("input"))
        prompt = read_state(given).text if given else ""
        if not prompt:
            raise NoPromptError
        started, ended = read_time(row.get("startTime")), read_time(row.get("endTime"))
        seconds = read_number(row.get("latency"))  # in seconds, in every one of its APIs
        if started is not None and ended is not None:
            seconds = max(0.0, ended - started)
        usage = _read_table(row, "usageDetails") or _read_table(row, "usage")
        cost = read_number(row.get("totalCost"))
        if cost is None:
            cost = read_number(row.get("calculatedTotalCost"))
        if cost is None:
            cost = read_number(_read_table(row, "costDetails").get("total"))
        entry = Entry(
            id=id_,
            prompt=prompt,
            model=model,
            cost=cost,
            latency_ms=None if seconds is None else seconds * 1e3,
            tokens_in=_read_first(usage, TOKENS_IN),
            tokens_out=_read_first(usage, TOKENS_OUT),
            created_at=started,
            session=read_text(row.get("sessionId")),
        )
        self._spool.add_call(id_, entry, read_text(row.get("traceId")))

    def _take_score(self, row: Mapping[str, Any]) -> None:
        mark = read_mark(row.get("value"))
        if row.get("name") != self._score or mark is None:
            raise OtherRecordError
        subject = _read_table(row, "subject")
        ids = {f"{subject.get('kind')}Id": subject.get("id")} if subject else row
        if (id_ := read_text(ids.get("observationId"))) is not None:
            self._spool.add_mark(id_, mark)
        elif (id_ := read_text(ids.get("traceId"))) is not None:
            self._spool.add_mark_of_whole(id_, mark)
        else:
            raise OtherRecordError


def _read_table(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = unpack(row.get(name))
    return value if isinstance(value, Mapping) else {}


def _read_first(usage: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    return next((n for name in names if (n := read_count(usage.get(name))) is not None), None)
