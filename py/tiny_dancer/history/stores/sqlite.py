"""A history in one SQLite file, for any number of threads and processes at once."""

import asyncio
import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from os import PathLike, fspath
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final, ParamSpec, TypeVar

from ...errors import (
    InvalidInputError,
    SchemaError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
)
from . import sql
from .blocking import may_block
from .schema import MIGRATIONS, SCHEMA
from .sql_store import SqlStore, Statement, Value, draw_key
from .store import CLOSED

APPLICATION_ID: Final = 0x5464_6E63
"""Marks the file as this program's: "Tdnc"."""

_OLDEST: Final = (3, 38, 0)
_ERRORS: Final[dict[int, tuple[type[StoreError], str]]] = {
    sqlite3.SQLITE_BUSY: (StoreLockedError, "another process holds it"),
    sqlite3.SQLITE_LOCKED: (StoreLockedError, "another connection holds it"),
    sqlite3.SQLITE_FULL: (StoreFullError, "no space left"),
    sqlite3.SQLITE_CORRUPT: (StoreCorruptError, "the file is damaged"),
    sqlite3.SQLITE_NOTADB: (StoreCorruptError, "the file is not a SQLite database"),
}
_REFUSED: Final = (
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_RANGE,
)
"""It is what was to be written that is at fault, and not the file."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Database:
    """One connection, used by one thread at a time.

    Args:
        path: file to open or make; ":memory:" keeps all in memory.
        busy_s: how long to wait for another process, in seconds.

    Raises:
        SchemaError: a newer version of this package made the file.
        StoreCorruptError: the file is damaged or no database.
        StoreLockedError: another process held it for too long.
        StoreError: it cannot be opened, or belongs to another program.
    """

    def __init__(self, path: str | PathLike[str], busy_s: float = 5.0) -> None:
        """Open the file and bring its schema up to date."""
        self._path = fspath(path)
        self._files: dict[str, tuple[int, int]] = {}
        self._lock = Lock()
        self._durable = True
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreError(f"SQLite 3.38 or newer is needed, here is {sqlite3.sqlite_version}")
        if self._path not in ("", ":memory:"):
            self._path = os.path.abspath(self._path)  # the folder may be changed later
            self._make_file()
        try:
            self._connection = sqlite3.connect(
                self._path, timeout=busy_s, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._translate(error) from error
        try:
            self._prepare(busy_s)
        except BaseException as error:
            self._connection.close()
            raise self._translate(error) if isinstance(error, sqlite3.Error) else error from error

    def _make_file(self) -> None:
        """Make the file for this user's eyes only, unless there is one.

        Raises:
            StoreError: it cannot be made, or what is there is no file.
        """
        try:
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                if not stat.S_ISREG(os.stat(self._path).st_mode):  # a FIFO would wait for ever
                    raise StoreError(f"{self._path}: it is no file") from None
            else:
                os.close(descriptor)
        except OSError as error:
            raise StoreError(f"{self._path}: unable to open it: {error.strerror}") from error

    def _check_files(self) -> None:
        """Make sure that what is written goes where the next reader looks.

        A file that is deleted or replaced while it is open takes everything and keeps nothing.

        Raises:
            StoreError: the file or its log is gone, or another one.
        """
        if self._path in ("", ":memory:"):
            return
        for name in (self._path, self._path + "-wal"):
            try:
                found = os.stat(name)
            except OSError:
                if name not in self._files and name != self._path:
                    continue  # there is no log on hosts without shared memory
            else:
                identity = (found.st_dev, found.st_ino)
                if self._files.setdefault(name, identity) == identity:
                    continue
            raise StoreError(f"{name}: it was deleted or replaced while in use; start anew")

    def _prepare(self, busy_s: float) -> None:
        self._check_owner()  # before anything is written
        self._use_wal(busy_s)
        self._connection.execute("pragma synchronous = full")
        if self._schema() == SCHEMA:
            return
        with self._transaction():
            for script in MIGRATIONS[self._schema() :]:  # read again: somebody may have been faster
                for statement in script:
                    self._connection.execute(statement)
            self._connection.execute(sql.SEED_KEY, (draw_key(),))
            self._connection.execute(f"pragma application_id = {APPLICATION_ID}")
            self._connection.execute(f"pragma user_version = {SCHEMA}")

    def _schema(self) -> int:
        ((version,),) = self._connection.execute("pragma user_version")
        return int(version)

    def _check_owner(self) -> None:
        ((owner,),) = self._connection.execute("pragma application_id")
        ((tables,),) = self._connection.execute("select count(*) from sqlite_master")
        if owner != APPLICATION_ID and tables:
            raise StoreError(f"{self._path}: a database of another program")
        if (version := self._schema()) > SCHEMA:
            raise SchemaError(
                f"{self._path}: schema {version}, this version of tiny_dancer knows {SCHEMA}; "
                "a newer one made it"
            )

    def _use_wal(self, busy_s: float) -> None:
        """Switch to write-ahead logging; SQLite itself does not wait for this lock."""
        deadline = monotonic() + busy_s
        while True:
            try:
                self._connection.execute("pragma journal_mode = wal").fetchall()
                return
            except sqlite3.OperationalError:
                if monotonic() > deadline:
                    raise
                sleep(0.01)

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection)

    def read(self, text: str, values: tuple[Value, ...]) -> list[Sequence[Any]]:
        """The rows a query gives."""
        with self._lock:
            try:
                rows = self._connection.execute(text, values).fetchall()
            except sqlite3.Error as error:
                raise self._translate(error) from error
            self._check_files()
            return rows

    def write(self, statements: Sequence[Statement], *, durable: bool) -> list[list[Sequence[Any]]]:
        """Run statements in one transaction; the rows that each returns.

        Args:
            statements: texts with their parameters.
            durable: wait until the disk has it (else a loss of power may take the last
                transactions, in order and whole; the end of the process takes none).
        """
        with self._lock:
            try:
                if durable != self._durable:
                    level = "full" if durable else "normal"
                    self._connection.execute(f"pragma synchronous = {level}")
                    self._durable = durable
                with self._transaction():
                    rows = [self._connection.execute(*one).fetchall() for one in statements]
            except sqlite3.Error as error:
                raise self._translate(error) from error
            self._check_files()
            return rows

    def check(self) -> None:
        """Read the whole file and compare tables with indexes.

        Raises:
            StoreCorruptError: something does not fit; the message is SQLite's.
        """
        ((verdict, *_), *_) = self.read("pragma integrity_check", ())
        if verdict != "ok":
            raise StoreCorruptError(f"{self._path}: {verdict}")

    def close(self) -> None:
        """Let go of the file. Calling it again does nothing."""
        with self._lock, closing(self._connection):
            pass

    def _translate(self, error: sqlite3.Error) -> StoreError | InvalidInputError:
        if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
            return StoreError(f"{self._path}: {CLOSED}")
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _REFUSED:
            return InvalidInputError(f"the store does not keep it: {error}")
        kind, what = _ERRORS.get(code, (StoreError, str(error)))
        return kind(f"{self._path}: {what}")


class _Transaction:
    """`begin immediate` … `commit`, or `rollback` when anything went wrong."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("begin immediate")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._connection.execute("commit")
                return
            except sqlite3.Error:
                self._roll_back()
                raise
        self._roll_back()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # a full disk has rolled back already
            self._connection.execute("rollback")


class SQLiteStore(SqlStore):
    """The contract on a SQLite file.

    Statements run in a thread beside the event loop, so a locked file does not stop it.

    Args:
        path: as for `Database`, which names the errors too.
        busy_s: how long to wait for another process, in seconds.
    """

    def __init__(self, path: str | PathLike[str], busy_s: float = 5.0) -> None:
        """Open the file and bring its schema up to date."""
        self.database = Database(path, busy_s)

    async def _read(self, text: str, values: tuple[Value, ...]) -> list[Sequence[Any]]:
        return await _run_in_thread(self.database.read, text, values)

    async def _write(
        self, statements: Sequence[Statement], *, durable: bool
    ) -> list[list[Sequence[Any]]]:
        return await _run_in_thread(self.database.write, statements, durable=durable)

    async def close(self) -> None:
        await _run_in_thread(self.database.close)


async def _run_in_thread(call: Callable[_P, _T], *args: _P.args, **options: _P.kwargs) -> _T:
    if may_block.get() or sys.platform == "emscripten":  # no threads there
        return call(*args, **options)
    return await asyncio.to_thread(call, *args, **options)
