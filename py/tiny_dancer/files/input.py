"""Files to read, by their path."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from typing import BinaryIO, Final

from ..errors import InvalidInputError
from .foreign import HEAD, encoding_of, recognize

_AT_ONCE: Final[int] = getattr(os, "O_NONBLOCK", 0)
"""A FIFO that nobody writes to would keep whoever opens it waiting."""

_KINDS: Final = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@contextmanager
def open_file(path: str | PathLike[str], *, takes_fifo: bool = False) -> Iterator[BinaryIO]:
    """The file, open for reading. Of what is none, no byte is read.

    Args:
        path: of a regular file, or of a pipe that the shell opened (`/dev/stdin`, `<(...)`).
        takes_fifo: take a FIFO as well, and wait for who writes to it.

    Raises:
        InvalidInputError: it cannot be opened, or is no file; names the path.
    """
    try:
        waits = takes_fifo and stat.S_ISFIFO(os.stat(path).st_mode)
        flags = 0 if waits else _AT_ONCE
        file = open(path, "rb", opener=lambda name, mode: os.open(name, mode | flags))  # noqa: SIM115
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        raise InvalidInputError(f"{name_of(path)}: {_reason(error)}") from None
    with file:
        mode = os.fstat(file.fileno()).st_mode
        is_pipe = stat.S_ISFIFO(mode) and (waits or not os.path.exists(os.path.realpath(path)))
        if is_pipe:
            os.set_blocking(file.fileno(), True)
        elif not stat.S_ISREG(mode):
            what = next((name for is_kind, name in _KINDS if is_kind(mode)), "no file")
            raise InvalidInputError(f"{name_of(path)}: this is {what}; a file is needed")
        yield file


def read_file(path: str | PathLike[str], most: int) -> bytes:
    """The first bytes of a file.

    Args:
        path: of the file.
        most: bytes to read.

    Raises:
        InvalidInputError: it cannot be read, or is no file; names the path.
    """
    with open_file(path) as file:
        try:
            return file.read(most)
        except OSError as error:
            raise InvalidInputError(f"{name_of(path)}: {_reason(error)}") from None


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
    data = read_file(path, most + 1)
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
