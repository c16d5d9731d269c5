"""Export and import of a store as lines of JSON, a page at a time (docs/history.md, "Export")."""

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Any, Final

from ...errors import InvalidInputError, SchemaError
from ...strict_json import JsonFault
from ...tables.fault import TableError
from ...tables.json_rows import parse_line, row_of
from ..records.codec import COLUMNS, TYPES, Kind, Row, from_dict, to_row
from ..stores.store import HistoryStore

FORMAT: Final = "tiny-dancer-history"
VERSION: Final = 1
MAX_LINE_CHARS: Final = 4 << 20
PAGE: Final = 500


async def export_lines(store: HistoryStore, page: int = PAGE) -> AsyncIterator[str]:
    """All records, each a line with its line break; first a line that names format and version.

    Records written meanwhile may or may not be among them. The key of prompt hashes is not.
    """
    yield _line({"format": FORMAT, "version": VERSION})
    for kind in TYPES:
        after = 0
        while rows := await store.scan(kind, after, page):
            for after, row in rows:  # noqa: B007
                yield _line({"type": kind, **dict(zip(COLUMNS[kind], row, strict=True))})


async def import_lines(
    store: HistoryStore, lines: Iterable[str] | AsyncIterable[str], page: int = PAGE
) -> dict[Kind, int]:
    """Add the records of an export; those already there stay as they are.

    Returns:
        how many records were new, by kind.

    Raises:
        InvalidInputError: a line is not one of an export; it is named by its number, and what
            came before it may be stored: mend it and import again.
        SchemaError: a newer version of this package made the export.
    """
    new: dict[Kind, int] = dict.fromkeys(TYPES, 0)
    kind: Kind | None = None
    rows: list[Row] = []
    number = 0
    async for line in _each(lines):
        number += 1
        raw = _parse(line, number)
        if number == 1:
            _check_header(raw)
            continue
        this, row = _row(raw, number)
        if kind is not None and (this != kind or len(rows) >= page):
            new[kind] += await store.put(kind, rows)
            rows = []
        kind = this
        rows.append(row)
    if kind is not None:
        new[kind] += await store.put(kind, rows)
    if not number:
        raise InvalidInputError("export: it is empty")
    return new


async def _each(lines: Iterable[str] | AsyncIterable[str]) -> AsyncIterator[str]:
    if isinstance(lines, AsyncIterable):
        async for line in lines:
            yield line
    else:
        for line in lines:
            yield line


def _line(raw: Mapping[str, Any]) -> str:
    return json.dumps(raw, separators=(",", ":"), allow_nan=False) + "\n"


def _parse(line: str, number: int) -> dict[str, Any]:
    if len(line) > MAX_LINE_CHARS:
        raise InvalidInputError(f"line {number}: longer than {MAX_LINE_CHARS} characters")
    try:
        raw = parse_line(line.removeprefix("\ufeff") if number == 1 else line)
        row = row_of(raw, "export", number)
        json.dumps(raw, ensure_ascii=False).encode()  # no lone surrogate, which no store keeps
    except JsonFault as error:
        place = "" if error.at is None else f" (column {error.at + 1})"
        raise InvalidInputError(f"line {number}: not JSON: {error}{place}") from None
    except UnicodeEncodeError:
        raise InvalidInputError(f"line {number}: a lone surrogate, which is no text") from None
    except TableError as error:
        raise InvalidInputError(f"line {number}: {error.what}") from None
    return dict(row.values)


def _check_header(raw: dict[str, Any]) -> None:
    version = raw.get("version")
    if raw.get("format") != FORMAT or type(version) is not int or version < 1:
        raise InvalidInputError(f'line 1: format "{FORMAT}" and a version are needed')
    if version > VERSION:
        raise SchemaError(f"export: version {version}, this version of tiny_dancer knows {VERSION}")


def _row(raw: dict[str, Any], number: int) -> tuple[Kind, Row]:
    kind = raw.pop("type", None)
    if not isinstance(kind, str) or kind not in TYPES:
        raise InvalidInputError(
            f"line {number}: type: one of {', '.join(TYPES)} is needed, got {kind!r:.40}"
        )
    try:
        return kind, to_row(kind, from_dict(kind, raw))
    except InvalidInputError as error:
        raise InvalidInputError(f"line {number}: {error}") from None
