"""A table of any form: which one it has, its rows and columns."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from ..strict_json import MAX_DEPTH
from .delimited import Delimited
from .fault import TableError
from .json_rows import read_document, read_lines
from .row import Row
from .source import Source

LINES: Final = (".jsonl", ".ndjson")
DOCUMENT: Final = (".json",)
DELIMITED: Final = (".csv", ".tsv", ".tab", ".psv")


class Table:
    """Rows of CSV, JSON lines or an array of JSON, plain or gzip, read as they are asked for.

    The form is told by the name's ending, whatever its case and with or without .gz; without a
    known one, by the first character. Needs no file system and nothing but the standard library,
    so a tab reads a user's file with it: `Table(data, "labels.csv")`.

    Args:
        data: the content, or a file open for reading in bytes.
        name: of the file.
        needs: columns without which it is refused.
        bare: column of a text that stands alone as a row of JSON; None where none may.
        depth: arrays and objects inside one another in a row of JSON.

    Attributes:
        name: of the file.
        header_line: line of the header; None where the file is JSON and has none.

    Raises:
        TableError: it is no table, or lacks a column; names file, line and column.
    """

    def __init__(
        self,
        data: bytes | BinaryIO,
        name: str = "table",
        needs: Sequence[str] = ("prompt",),
        bare: str | None = None,
        depth: int = MAX_DEPTH,
    ) -> None:
        self.name = name
        self._source = Source(data, name)
        self._seen: dict[str, None] = {}
        self.header_line: int | None = None
        form = _form(name, self._source)
        if form == DELIMITED:
            rows = Delimited(self._source, needs)
            self._seen = dict.fromkeys(column for column in rows.columns if column)
            self.header_line = self._source.line
            self._rows = iter(rows)
        elif form == DOCUMENT:
            self._rows = read_document(self._source, bare, depth)
        else:
            self._rows = read_lines(self._source, bare, depth)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns: the header's, or of JSON those of all rows read so far."""
        return tuple(self._seen)

    @property
    def digest(self) -> str:
        """SHA-256 of the content read so far, unpacked."""
        return self._source.digest

    def each(self) -> Iterator[Row | TableError]:
        """Every row in its order, or what is wrong with it; rows after it can still be read.

        Raises:
            TableError: nothing after this place can be read.
        """
        for row in self._rows:
            if isinstance(row, Row) and self.header_line is None:
                self._seen.update(dict.fromkeys(row.values))
            yield row

    def __iter__(self) -> Iterator[Row]:
        """Every row in its order.

        Raises:
            TableError: a row is malformed.
        """
        for row in self.each():
            if isinstance(row, TableError):
                raise row
            yield row


def _form(name: str, source: Source) -> tuple[str, ...]:
    ending = name.lower().removesuffix(".gz")
    if ending.endswith(LINES):
        return LINES
    if ending.endswith(DELIMITED):
        return DELIMITED
    if ending.endswith(DOCUMENT) or source.head.startswith("["):
        return DOCUMENT
    return LINES if source.head.startswith("{") else DELIMITED
