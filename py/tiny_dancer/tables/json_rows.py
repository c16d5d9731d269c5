"""Rows of JSON: an object a line, an array of objects, or objects one after the other."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Final

from ..strict_json import MAX_DEPTH, JsonFault, check_depth, parse_json, parse_part
from .fault import TableError
from .row import Row
from .source import Source

_SPACE: Final = " \t\r\n"


def read_lines(
    source: Source, bare: str | None = None, depth: int = MAX_DEPTH
) -> Iterator[Row | TableError]:
    """A row, or what is wrong with it, for every line that is not empty.

    Args:
        source: the lines.
        bare: column of a text that stands alone on a line; None where none may.
        depth: arrays and objects inside one another, the outermost one counted.
    """
    for text in source:
        if not text.strip(_SPACE):
            continue
        try:
            yield row_of(parse_line(text.rstrip(_SPACE), depth), source.name, source.line, bare)
        except JsonFault as error:
            where = None if error.at is None else error.at + 1
            hint = ""
            if source.line == 1 and text.lstrip().startswith("["):
                hint = "; if the file is one array, name it .json"
            what = f'{error}; an object such as {{"prompt": …}} is needed on one line{hint}'
            yield TableError(source.name, what, source.line, where)
        except TableError as error:
            yield error


def read_document(
    source: Source, bare: str | None = None, depth: int = MAX_DEPTH
) -> Iterator[Row | TableError]:
    """A row, or what is wrong with it, for every item of an array, or of objects in a row.

    Raises:
        TableError: from an item on, the text is no JSON.
    """
    starts, lines = [0], []
    for line in source:
        lines.append(line)
        starts.append(starts[-1] + len(line))
    text = "".join(lines)
    try:
        check_depth(text, depth + 1)
        for value, at in _items(text):
            try:
                yield row_of(value, source.name, bisect_right(starts, at), bare)
            except TableError as error:
                yield error
    except JsonFault as error:
        if error.at is None:
            raise TableError(source.name, str(error)) from None
        number = bisect_right(starts, min(error.at, max(len(text) - 1, 0)))
        raise TableError(
            source.name, str(error), number, error.at - starts[number - 1] + 1
        ) from None


def _items(text: str) -> Iterator[tuple[Any, int]]:
    """Each item and where it begins."""
    at = _skip(text, 0)
    inside = text[at : at + 1] == "["
    at = _skip(text, at + inside)
    while at < len(text) and not (inside and text[at] == "]"):
        value, end = parse_part(text, at)
        yield value, at
        at = _skip(text, end)
        if not inside:
            continue
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
            if text[at : at + 1] in ("]", ""):
                raise JsonFault("an object is needed after the comma", at)
        elif text[at : at + 1] != "]":
            raise JsonFault("a comma or the end of the array is needed", at)
    if inside:
        if at >= len(text):
            raise JsonFault("the array does not end", at)
        if (at := _skip(text, at + 1)) < len(text):
            raise JsonFault("nothing may follow the array", at)


def parse_line(text: str, depth: int = MAX_DEPTH) -> Any:
    """What a line says.

    Raises:
        JsonFault: it is no JSON.
    """
    check_depth(text, depth)
    return parse_json(text)


def row_of(value: Any, name: str, line: int, bare: str | None = None) -> Row:
    """The row that a value says.

    Raises:
        TableError: it is no object.
    """
    if isinstance(value, str) and bare is not None:
        return Row(name, line, {bare: value})
    if not isinstance(value, dict):
        texts = " or a text" if bare is not None else ""
        raise TableError(name, f'an object{texts} is needed, such as {{"prompt": …}}', line)
    return Row(name, line, value)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
