"""A file as lines of text: UTF-8, plain or gzip, each line of a bounded length."""

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, TypeVar

from ..files.foreign import HEAD, encoding_of, recognize
from .fault import TableError

MAX_CHARS: Final = 1 << 24
"""Of a line, and of a field with line breaks."""

T = TypeVar("T")

_UNDECODED: Final = re.compile("[\udc80-\udcff]")


class Source:
    """The lines of a file, each with its end (LF, CRLF or CR).

    Args:
        data: the file's content, or the file open for reading; gzip is told by its first bytes.
        name: of the file, for messages.

    Attributes:
        line: number of the last line given, from 1.

    Raises:
        TableError: it is no text of UTF-8, but something that is known.
    """

    def __init__(self, data: bytes | BinaryIO, name: str) -> None:
        self.name = name
        self.line = 0
        self._hash = hashlib.sha256()
        raw = io.BytesIO(data) if isinstance(data, bytes | bytearray | memoryview) else data
        file = io.BufferedReader(_Raw(raw, None))
        if self._guard(file.peek, 2)[:2] == b"\x1f\x8b":
            import gzip  # not where nothing is compressed

            content: BinaryIO = gzip.GzipFile(fileobj=file)  # type: ignore[assignment]
        else:
            content = file
        buffered = io.BufferedReader(_Raw(content, self._hash), 1 << 16)
        head = self._guard(buffered.peek, HEAD)
        if what := recognize(head[:HEAD]):
            raise TableError(name, f"this is {what}; CSV, JSON or JSON lines is needed", 1)
        if what := encoding_of(head[:HEAD]):
            raise TableError(name, f"this is {what}; save it as UTF-8", 1)
        self.head = head[:HEAD].decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
        """How the text begins, spaces and line breaks left out."""
        # What is not UTF-8 comes as a lone surrogate at its place, so that the place can be told.
        self._text = io.TextIOWrapper(buffered, "utf-8", "surrogateescape", newline="")

    @property
    def digest(self) -> str:
        """SHA-256 of all content read so far, unpacked."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[str]:
        while line := self._guard(self._text.readline, MAX_CHARS + 1):
            self.line += 1
            if self.line == 1:
                line = line.removeprefix("\ufeff")
            if len(line) > MAX_CHARS:
                raise self.fault(f"more than {MAX_CHARS:,} characters")
            if not line.isascii() and (bad := _UNDECODED.search(line)):
                byte = ord(bad[0]) - 0xDC00
                raise self.fault(
                    f"byte {byte:#04x} is not UTF-8 (Latin-1 or Windows-1252?); "
                    "save the file as UTF-8",
                    bad.start() + 1,
                )
            if "\0" in line:
                raise self.fault("a zero byte; no text has one", line.index("\0") + 1)
            yield line

    def fault(self, what: str, column: str | int | None = None) -> TableError:
        """An error about the last line given."""
        return TableError(self.name, what, self.line, column)

    def _guard(self, read: Callable[[int], T], size: int) -> T:
        """What `read` gives; what is wrong with the file, by its name."""
        import zlib

        try:
            return read(size)
        except EOFError:
            what = "the gzip data end too early: the file was cut"
        except zlib.error:
            what = "the gzip data are damaged"
        except OSError as error:
            what = error.strerror or "the gzip data are damaged"
        raise TableError(self.name, what, self.line + 1)


class _Raw(io.RawIOBase):
    """Reads a file through, so that a pipe gives what it has, and hashes what came."""

    def __init__(self, file: BinaryIO, digest: "hashlib._Hash | None") -> None:
        self._file = file
        self._digest = digest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        # read1: one read of the file below; a plain read would wait until all is there.
        read = getattr(self._file, "read1", self._file.read)
        data = read(len(buffer))
        buffer[: len(data)] = data
        if self._digest is not None:
            self._digest.update(data)
        return len(data)
