"""On CPython a thread drains the writer, so that `route` stays synchronous and never waits."""

import asyncio
import atexit
from collections.abc import Coroutine
from contextlib import suppress
from threading import Event, Thread
from typing import Any, Final, TypeVar
from weakref import ref

from ..stores.blocking import may_block
from .writer import Writer

SLOWEST_S: Final = 5.0
"""How long it waits between tries while the store fails."""

_T = TypeVar("_T")


class WriterThread:
    """Drains a writer every `interval_s` seconds, or at once when a batch is full.

    It starts with `start` and ends with `stop`, or when nobody holds the writer any more; at the
    end of the program it writes what waits.

    Args:
        writer: what to drain.
        interval_s: seconds.
    """

    def __init__(self, writer: Writer, interval_s: float) -> None:
        """Do nothing yet."""
        self._writer = ref(writer)
        self._full = writer.queue.full
        self._interval_s = interval_s
        self._ended = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin, unless it runs already."""
        if self._thread is None and not self._ended.is_set():
            self._thread = Thread(target=self._run, name="tiny-dancer-history", daemon=True)
            self._thread.start()
            atexit.register(self._flush_at_exit)

    def stop(self) -> None:
        """End after the drain under way; what waits then is for `flush`."""
        self._ended.set()
        self._full.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            atexit.unregister(self._flush_at_exit)

    def _run(self) -> None:
        may_block.set(True)
        wait = self._interval_s
        with asyncio.Runner() as runner:
            is_failing = False
            while not self._ended.is_set():
                # A full queue is no reason to ask a store that fails more often.
                (self._ended if is_failing else self._full).wait(wait)
                self._full.clear()
                writer = self._writer()
                if writer is None or self._ended.is_set():
                    return
                runner.run(writer.drain())
                is_failing = writer.fault is not None
                wait = min(2 * wait, SLOWEST_S) if is_failing else self._interval_s
                del writer  # not held while asleep

    def _flush_at_exit(self) -> None:
        self.stop()
        writer = self._writer()
        if writer is not None:
            with suppress(Exception):  # nobody is left to be told
                may_block.set(True)  # no thread can be started any more
                asyncio.run(writer.flush())


def run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine, from a thread of its own: the caller's loop may be running."""
    results: list[_T] = []
    faults: list[BaseException] = []

    def target() -> None:
        may_block.set(True)
        try:
            results.append(asyncio.run(coroutine))
        except BaseException as error:
            faults.append(error)

    thread = Thread(target=target, name="tiny-dancer-wait")
    thread.start()
    thread.join()
    if faults:
        raise faults[0]
    return results[0]
