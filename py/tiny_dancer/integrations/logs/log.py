"""The files of a log, read row by row, and what was met in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, Final, Protocol

from ...errors import InvalidInputError
from ...tables import Row, TableError, open_table
from .entry import BAD, MAX_DEPTH, Entry, NoPromptError, OtherRecordError
from .langfuse import LangfuseLog
from .litellm import LiteLLMLog
from .openai import OpenAILog
from .otel import OtelLog


class LogReader(Protocol):
    """Reads the rows of one software's log."""

    def read(self, row: Mapping[str, Any]) -> Iterator[Entry]:
        """The calls that are complete with this row."""
        ...

    def finish(self) -> Iterator[Entry | None]:
        """Those that waited for the end; None for one without a prompt."""
        ...


FORMATS: Final[dict[str, Callable[[str], LogReader]]] = {
    "litellm": LiteLLMLog,
    "langfuse": LangfuseLog,
    "otel": OtelLog,
    "openai": OpenAILog,
}


@dataclass(slots=True)
class Log:
    """The calls of a log, as they are iterated, and counts of what was left out.

    Attributes:
        paths: files of JSON, JSON lines or CSV, plain or .gz.
        reader: knows the format.
        bad: rows that are none, or not as the format has them.
        other: records of something else, such as calls that failed.
        without_prompt: calls whose prompt the log does not hold.
        first_fault: of the first bad row, where and what.
    """

    paths: Sequence[str | PathLike[str]]
    reader: LogReader
    bad: int = 0
    other: int = 0
    without_prompt: int = 0
    first_fault: str | None = None

    def __iter__(self) -> Iterator[Entry]:
        for path in self.paths:
            yield from self._read_file(path)
        for entry in self.reader.finish():
            if entry is None:
                self.without_prompt += 1
            else:
                yield entry

    def _read_file(self, path: str | PathLike[str]) -> Iterator[Entry]:
        with open_table(path, needs=(), depth=MAX_DEPTH) as table:
            for row in table.each():
                if isinstance(row, TableError):
                    self._count_bad(row)
                else:
                    for record in _list_records(row.values):
                        yield from self._read_record(row, record)

    def _read_record(self, row: Row, record: Any) -> Iterator[Entry]:
        try:
            if not isinstance(record, Mapping):
                raise OtherRecordError
            yield from self.reader.read(record)
        except NoPromptError:
            self.without_prompt += 1
        except OtherRecordError:
            self.other += 1
        except BAD as error:
            self._count_bad(TableError(row.name, str(error), row.line))

    def _count_bad(self, fault: TableError) -> None:
        self.bad += 1
        self.first_fault = self.first_fault or str(fault)


def _list_records(values: Mapping[str, Any]) -> Sequence[Any]:
    """The items of a page of an API; else the row as it is."""
    items = values.get("data")
    return items if isinstance(items, list) else (values,)


def open_log(format_: str, paths: Sequence[str | PathLike[str]], score: str = "score") -> Log:
    """The log of some files.

    Args:
        format_: of `FORMATS`.
        paths: its files.
        score: key in the records' metadata whose value marks the answer, in [0, 1].

    Raises:
        InvalidInputError: there is no such format.
    """
    if format_ not in FORMATS:
        known = ", ".join(FORMATS)
        raise InvalidInputError(f"{format_!r:.60}: one of {known} is needed")
    return Log(paths, FORMATS[format_](score))
