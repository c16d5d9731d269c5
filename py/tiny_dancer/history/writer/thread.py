"""On CPython a thread drains the writer, so that `route` stays synchronous and never waits.

asyncio is imported by the thread: it takes as long as half of the package.
"""

import atexit
import os
import warnings
from collections.abc import Coroutine
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import ref

from ...errors import StoreError
from ..stores.blocking import may_block
from .writer import Writer

if TYPE_CHECKING:
    import asyncio

SLOWEST_S: Final = 5.0
"""How long it waits between tries while the store fails."""

LAST_WAITS_S: Final = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Before each of the last tries, when nobody holds the router any more."""

_T = TypeVar("_T")


class WriterThread:
    """Drains a writer every `interval_s` seconds, or at once when a batch is full.

    It starts with `start` and ends with `stop`, or with `leave` after a last write; at the end of
    the program it writes what waits. What cannot be written then is warned about.

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
        self._last: Writer | None = None
        self._process = os.getpid()

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

    def leave(self, writer: Writer) -> None:
        """Write what waits and end, without being waited for: its router was never closed."""
        self._last = writer
        self._full.set()

    def _run(self) -> None:
        may_block.set(True)
        wait = self._interval_s
        import asyncio

        with asyncio.Runner() as runner:
            is_failing = False
            while not self._ended.is_set():
                # A full queue is no reason to ask a store that fails more often.
                (self._ended if is_failing else self._full).wait(wait)
                self._full.clear()
                writer = self._writer()
                if writer is None or self._ended.is_set():
                    return
                if self._last is not None:
                    self._end(runner, writer)
                    return
                runner.run(writer.drain())
                is_failing = writer.fault is not None
                wait = min(2 * wait, SLOWEST_S) if is_failing else self._interval_s
                del writer  # not held while asleep

    def _end(self, runner: "asyncio.Runner", writer: Writer) -> None:
        for wait in LAST_WAITS_S:
            self._ended.wait(wait)
            try:
                runner.run(writer.flush())
                break
            except StoreError as error:
                fault = error
        else:
            warn_of_loss(writer, fault)
        atexit.unregister(self._flush_at_exit)
        self._last = None

    def _flush_at_exit(self) -> None:
        if os.getpid() != self._process:  # a child: these records are its parent's
            return
        self.stop()
        writer = self._writer()
        if writer is not None:
            may_block.set(True)  # no thread can be started any more
            try:
                import asyncio

                asyncio.run(writer.flush())
            except Exception as error:
                warn_of_loss(writer, error)


def warn_of_loss(writer: Writer, error: Exception) -> None:
    """Say that records of a router that nobody closed are lost."""
    if not len(writer.queue):
        return
    warnings.warn(
        f"a router was not closed, and {len(writer.queue)} of its records could not be stored "
        f"({error}); call close(), or use it in a with block",
        RuntimeWarning,
        stacklevel=2,
    )


def run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine, from a thread of its own: the caller's loop may be running."""
    results: list[_T] = []
    faults: list[BaseException] = []

    def target() -> None:
        may_block.set(True)
        try:
            import asyncio

            results.append(asyncio.run(coroutine))
        except BaseException as error:
            faults.append(error)

    thread = Thread(target=target, name="tiny-dancer-wait")
    thread.start()
    thread.join()
    if faults:
        raise faults[0]
    return results[0]
