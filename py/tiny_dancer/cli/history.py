"""What a command that reads a history takes: a SQLite file, or the JSON lines of an export."""

import asyncio
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from ..errors import BundleError, InvalidInputError, PolicyError
from ..files.input import name_of, open_file, read_text
from ..history import HistoryStore, MemoryStore
from ..history.readings.export import FORMAT, import_lines
from ..hosts.package_data import default_bundle
from ..model import Bundle, read_bundle
from ..policy import Policy

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


def copy_states(path: Path) -> MemoryStore:
    """Policies, drift and breakers of a history: what decides by them leaves the file as it is.

    Raises:
        InvalidInputError: it cannot be read, or is no history.
        StoreError: it is a database, and not one of ours.
    """

    async def copy() -> MemoryStore:
        store, copied = await open_history(path), MemoryStore()
        if store is None:
            raise InvalidInputError(f"{name_of(path)}: a history is needed, or its export")
        try:
            for kind in ("policy", "drift", "breaker"):
                for name, state in (await store.load_states(kind)).items():
                    await copied.swap_state(kind, name, state.text, 0)
        finally:
            await store.close()
        return copied

    return asyncio.run(copy())


def load_policy(path: Path) -> Policy:
    """The policy of a file.

    Raises:
        PolicyError: it is none; names the file.
    """
    try:
        return Policy.from_json(read_text(path))
    except PolicyError as error:
        raise PolicyError(f"{name_of(path)}: {error}") from None


def load_bundle(path: Path | None) -> Bundle:
    """The bundle of a file; the shipped one where None.

    Raises:
        BundleError: it is not valid, or there is none.
    """
    data = path if path is not None else default_bundle()
    if data is None:
        raise BundleError("this installation ships no bundle; name one with --bundle")
    return read_bundle(data)
