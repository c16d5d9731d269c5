"""What a command that reads a history takes: a SQLite file, or the JSON lines of an export."""

from io import TextIOWrapper
from pathlib import Path
from typing import Final

from ..errors import BundleError, InvalidInputError
from ..files.input import open_file
from ..history import HistoryStore, MemoryStore
from ..history.readings.export import FORMAT, import_lines
from ..hosts.package_data import default_bundle
from ..model import Bundle, read_bundle

_SQLITE: Final = b"SQLite format 3\0"


async def open_history(path: Path) -> HistoryStore | None:
    """The store in a file; None where it is neither, such as a file of labels.

    Raises:
        InvalidInputError: it cannot be read, or a line is not one of an export.
        StoreError: it is a database, and not one of ours.
    """
    with open_file(path) as file:
        head = file.read(4096)
    if head.startswith(_SQLITE):
        from ..history import SQLiteStore

        return SQLiteStore(path)
    if FORMAT.encode() not in head.partition(b"\n")[0]:
        return None
    store = MemoryStore()
    try:
        with open_file(path) as file:
            await import_lines(store, TextIOWrapper(file, "utf-8"))
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path}: this is not UTF-8; export it again") from None
    return store


def load_bundle(path: Path | None) -> Bundle:
    """The bundle of a file; the shipped one where None.

    Raises:
        BundleError: it is not valid, or there is none.
    """
    data = path if path is not None else default_bundle()
    if data is None:
        raise BundleError("this installation ships no bundle; name one with --bundle")
    return read_bundle(data)
