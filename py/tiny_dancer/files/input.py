"""Files to read, by their path."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from typing import BinaryIO

from ..errors import InvalidInputError
from .foreign import HEAD, encoding_of, recognize


@contextmanager
def open_file(path: str | PathLike[str]) -> Iterator[BinaryIO]:
    """The file, open for reading.

    Raises:
        InvalidInputError: it cannot be opened; names the path.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115 (only its opening may fail here)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        raise InvalidInputError(f"{name_of(path)}: {_reason(error)}") from None
    with file:
        yield file


def read_text(path: str | PathLike[str], most: int = 16 << 20) -> str:
    """The text of a file of UTF-8, without a byte order mark.

    Args:
        path: of the file.
        most: bytes that it may have.

    Raises:
        InvalidInputError: it cannot be read, is too long, or is no text of UTF-8; names the path
            and, of what is not UTF-8, the line.
    """
    name = name_of(path)
    with open_file(path) as file:
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise InvalidInputError(f"{name}: {_reason(error)}") from None
    if len(data) > most:
        raise InvalidInputError(f"{name}: more than {most:,} bytes")
    if what := recognize(data[:HEAD]):
        raise InvalidInputError(f"{name}: this is {what}")
    if what := encoding_of(data[:HEAD]):
        raise InvalidInputError(f"{name}: line 1: this is {what}; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInputError(
            f"{name}: line {line}: this is not UTF-8; save it as UTF-8"
        ) from None


def name_of(path: str | PathLike[str]) -> str:
    """A path as it stands in a message: on one line, whatever characters it has."""
    text = os.fsdecode(path)
    return text if text.isprintable() else ascii(text)


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
