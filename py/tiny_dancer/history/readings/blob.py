"""Export and import of a history as a browser's Blob, which need not fit into Python's memory."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

from js import Blob, Object, TextDecoderStream
from pyodide.ffi import JsException, to_js

from ...errors import InvalidInputError
from ..stores.store import HistoryStore
from .export import MAX_LINE_CHARS, export_lines

PART_CHARS: Final = 1 << 20
"""Lines are handed to the browser in parts of about this size."""


async def export_blob(store: HistoryStore) -> Any:
    """The lines of an export; a part of them is in memory at a time."""
    parts: list[Any] = []
    lines: list[str] = []
    length = 0
    async for line in export_lines(store):
        lines.append(line)
        length += len(line)
        if length > PART_CHARS:
            parts.append(Blob.new(to_js(["".join(lines)])))
            lines, length = [], 0
    return Blob.new(to_js([*parts, "".join(lines)]))


async def blob_lines(blob: Any) -> AsyncIterator[str]:
    """The lines of a Blob or File, without their breaks.

    Raises:
        InvalidInputError: it is not UTF-8.
    """
    fatal = to_js({"fatal": True}, dict_converter=Object.fromEntries)
    reader = blob.stream().pipeThrough(TextDecoderStream.new("utf-8", fatal)).getReader()
    rest = ""
    try:
        while not (chunk := await reader.read()).done:
            *lines, rest = (rest + chunk.value).split("\n")
            for line in lines:
                yield line
            if len(rest) > MAX_LINE_CHARS:
                break  # the import says what is wrong with it
    except JsException as error:
        raise InvalidInputError(f"export: it is not UTF-8 ({error})") from None
    finally:
        with suppress(JsException):
            await reader.cancel()
    if rest:
        yield rest
