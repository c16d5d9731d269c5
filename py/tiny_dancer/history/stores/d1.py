"""A history in Cloudflare's D1, from Python in Pyodide.

`migration_file` in schema.py gives the files for `wrangler d1 migrations`; with `migrate=True`
`open` applies them from here.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Self

from pyodide.ffi import JsException, jsnull, to_js

from ...errors import (
    InvalidInputError,
    SchemaError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
)
from . import sql
from .d1_types import from_d1, to_d1
from .schema import MIGRATIONS, SCHEMA, set_schema
from .sql_store import SqlStore, Statement, Value, draw_key

TRIES: Final = 5
TRANSIENT: Final = (
    "Network connection lost",
    "caused object to be reset",
    "reset because its code was updated",
    "due to transient issue",
    "internal error",
)
"""Parts of messages after which D1's documentation says to try again."""

_ERRORS: Final[tuple[tuple[str, type[StoreError], str], ...]] = (
    ("SQLITE_FULL", StoreFullError, "no space left"),
    ("Exceeded maximum DB size", StoreFullError, "no space left"),
    ("SQLITE_BUSY", StoreLockedError, "another writer holds it"),
    ("SQLITE_LOCKED", StoreLockedError, "another writer holds it"),
    ("SQLITE_CORRUPT", StoreCorruptError, "the database is damaged"),
    ("SQLITE_NOTADB", StoreCorruptError, "the database is damaged"),
    ("no such table", StoreError, "it has no tables yet: apply the migrations"),
)

_REFUSED: Final = ("SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG", "too big")
"""It is what was to be written that is at fault, and not the database."""


class D1Store(SqlStore):
    """The contract on a D1 binding. Make one by `await D1Store.open(env.DB)`.

    What fails in passing is tried again up to `TRIES` times.

    Args:
        database: the binding, a proxy of a JavaScript D1Database.
    """

    def __init__(self, database: Any) -> None:
        """Take the binding and ask it nothing."""
        self._database = database
        self._closed = False

    @classmethod
    async def open(cls, database: Any, *, migrate: bool = False) -> Self:
        """A store whose schema has been looked at.

        Args:
            database: the binding.
            migrate: make the tables if they are missing.

        Raises:
            SchemaError: a newer version of this package made the tables.
            StoreError: there are none, or D1 does not answer.
        """
        store = cls(database)
        found = await store._schema() if migrate else 1
        for version in range(found + 1, SCHEMA + 1):
            await store._migrate(version)
        # The key is drawn by whoever comes first; one round trip with the look at the schema.
        _, rows = await store._write(
            [(sql.SEED_KEY, (draw_key(),)), (sql.GET_META, ("schema",))], durable=True
        )
        written = int(rows[0][0]) if rows else 0
        if written > SCHEMA:
            raise SchemaError(
                f"D1: schema {written}, this version of tiny_dancer knows {SCHEMA}; "
                "a newer one made it"
            )
        if written < SCHEMA:
            raise StoreError(f"D1: schema {written}, {SCHEMA} is needed: apply the migrations")
        return store

    async def _schema(self) -> int:
        tables = await self._read("select 1 from sqlite_master where name = 'meta'", ())
        rows = await self._read(sql.GET_META, ("schema",)) if tables else []
        return int(rows[0][0]) if rows else 0

    async def _migrate(self, version: int) -> None:
        statements = (*MIGRATIONS[version - 1], set_schema(version))
        try:
            await self._write([(one, ()) for one in statements], durable=True)
        except StoreError:
            if await self._schema() < version:  # else another isolate was faster
                raise

    async def _read(self, text: str, values: tuple[Value, ...]) -> list[Sequence[Any]]:
        rows = await self._retry(lambda: self._prepare(text, values).raw())
        found: list[Sequence[Any]] = [
            [from_d1(value, jsnull) for value in row] for row in rows.to_py()
        ]
        return found

    async def _write(
        self, statements: Sequence[Statement], *, durable: bool
    ) -> list[list[Sequence[Any]]]:
        if not statements:
            return []
        results = await self._retry(
            lambda: self._database.batch(to_js([self._prepare(*one) for one in statements]))
        )
        found: list[list[Sequence[Any]]] = [
            [[from_d1(value, jsnull) for value in row.values()] for row in result["results"]]
            for result in results.to_py()
        ]
        return found

    def _prepare(self, text: str, values: tuple[Value, ...]) -> Any:
        statement = self._database.prepare(text)
        return statement.bind(*to_d1(values, jsnull)) if values else statement

    async def _retry(self, call: Callable[[], Awaitable[Any]]) -> Any:
        if self._closed:
            raise StoreError("the store is closed")
        attempt = 1
        while True:
            try:
                return await call()
            except JsException as error:
                message = str(error)
                if attempt == TRIES or not any(part in message for part in TRANSIENT):
                    raise _translate(message) from error
            # Spread the next tries: in [0.5, 1) of 50, 100, 200, 400 ms.
            await asyncio.sleep((0.5 + os.urandom(1)[0] / 512) * 0.025 * 2**attempt)
            attempt += 1

    async def close(self) -> None:
        self._closed = True


def _translate(message: str) -> StoreError | InvalidInputError:
    if any(part in message for part in _REFUSED):
        return InvalidInputError(f"the store does not keep it: {message.splitlines()[0][:300]}")
    for part, kind, what in _ERRORS:
        if part in message:
            return kind(f"D1: {what}")
    return StoreError(message.splitlines()[0][:300])
