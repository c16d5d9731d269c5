"""Calls that wait on disk for what other rows say of them, so that memory is bounded."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...decisions import read_state
from .entry import Entry


class Spool:
    """Joins calls with prompts and marks, by keys, in whatever order they come.

    A temporary database of SQLite, which keeps some megabytes in memory and the rest in a file that
    goes with it. The latest call, prompt and mark of a key count.
    """

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.executescript(
            "create table calls (at integer primary key, key text, whole text, entry text, "
            "unique (key, whole));"
            "create table said (kind text, key text, value, primary key (kind, key));"
            "create table turns (key text, number integer, message text);"
            "begin;"
        )

    def add_call(self, key: str, entry: Entry, whole: str | None = None) -> None:
        """Keep a call; its prompt may be empty, and come later.

        Args:
            key: the call's own.
            entry: what is known of it.
            whole: key of what it is part of, such as a trace.
        """
        self._rows.execute(
            "insert into calls (key, whole, entry) values (?, ?, ?) "
            "on conflict (key, whole) do update set entry = excluded.entry",  # exports overlap
            (key, whole or "", json.dumps(entry.to_dict())),
        )

    def add_prompt(self, key: str, prompt: str) -> None:
        """Keep the prompt of a call."""
        self._say("prompt", key, json.dumps(prompt))

    def add_turn(self, key: str, number: int, message: dict[str, Any]) -> None:
        """Keep a message of a call that has no prompt of its own; numbers are their order."""
        self._rows.execute("insert into turns values (?, ?, ?)", (key, number, json.dumps(message)))

    def add_mark(self, key: str, mark: float) -> None:
        """Keep the quality of a call's answer, in [0, 1]."""
        self._say("mark", key, mark)

    def add_mark_of_whole(self, key: str, mark: float) -> None:
        """Keep that of a whole; it is a call's where that is the only one in it."""
        self._say("whole", key, mark)

    def finish(self) -> Iterator[Entry | None]:
        """Each call with its prompt and mark, in the order they came; None without a prompt."""
        self._rows.executescript(
            "create index by_whole on calls (whole); create index by_key on turns (key, number);"
        )
        found = self._rows.execute(
            "select c.key, entry, p.value, coalesce(m.value, case when "
            "(select count(*) from calls o where o.whole = c.whole) = 1 then w.value end) "
            "from calls c "
            "left join said p on p.kind = 'prompt' and p.key = c.key "
            "left join said m on m.kind = 'mark' and m.key = c.key "
            "left join said w on w.kind = 'whole' and w.key = c.whole "
            "order by at"
        )
        for key, text, prompt, mark in found:
            entry = Entry(**json.loads(text))
            if not entry.prompt:
                said = self._read_turns(key) if prompt is None else json.loads(prompt)
                entry = replace(entry, prompt=said)
            if mark is not None:
                entry = replace(entry, score=mark)
            yield entry if entry.prompt else None
        self._rows.close()

    def _read_turns(self, key: str) -> str:
        """The last user turn of the messages; empty where there is none."""
        found = self._rows.execute(
            "select message from turns where key = ? order by number", (key,)
        )
        messages = [json.loads(text) for (text,) in found]
        return read_state(messages).text if messages else ""

    def _say(self, kind: str, key: str, value: str | float) -> None:
        self._rows.execute("insert or replace into said values (?, ?, ?)", (kind, key, value))
