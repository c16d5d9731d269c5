"""Several processes that serve one socket, and the one that starts them."""

import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType
from typing import Final

from ...errors import TinyDancerError
from .config_file import read_file
from .server import run
from .worker_metrics import WorkerMetrics

RESTART_S: Final = 2.0
"""Seconds before a process that could not start is started again, while others serve."""

END_S: Final = 10.0
"""Seconds beyond `grace_s` after which a process that does not end is killed."""


class Workers:
    """Starts processes, replaces those that die, and ends them with itself.

    The first one starts alone: what is wrong with the files is said once, and the history's schema
    is brought up to date by one process.

    Args:
        config_file: each process reads it.
        listener: what clients connect to.
        count: how many processes.
        grace_s: seconds that answers may take once all is to stop.
    """

    def __init__(
        self, config_file: Path, listener: socket.socket, count: int, grace_s: float
    ) -> None:
        self._config_file, self._listener = config_file, listener
        self._count, self._grace_s = count, grace_s
        self._is_stopping = False
        self._processes: dict[int, SpawnProcess] = {}
        self._due: dict[int, float] = {}
        self._folder = ""

    def run(self) -> int:
        """Serve until a signal says to stop; 0, or 1 where no process could start."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, self._hand_on)
        with tempfile.TemporaryDirectory(prefix="tiny-dancer-") as folder:
            self._folder = folder
            try:
                if not self._start_first():
                    return 0 if self._is_stopping else 1
                self._due = dict.fromkeys(range(1, self._count), 0.0)
                while not self._is_stopping:
                    self._start_due()
                    wait([one.sentinel for one in self._processes.values()], timeout=0.25)
                    self._bury()
                return 0
            finally:
                self._end()

    def _start_first(self) -> bool:
        """True once it serves, False where it ends before."""
        here, there = multiprocessing.Pipe(duplex=False)
        process = self._start(0, there)
        there.close()
        while not self._is_stopping:
            ready = wait([here, process.sentinel], timeout=0.25)
            if here in ready:
                try:
                    here.recv()
                except EOFError:
                    process.join()
                    return False
                return True
        return False

    def _start(self, place: int, ready: Connection | None = None) -> SpawnProcess:
        process = multiprocessing.get_context("spawn").Process(
            target=serve,
            args=(self._config_file, self._listener, Path(self._folder), place, ready),
        )
        _block_hangups(True)  # until it listens to them; they wait for it, and do not end it
        process.start()
        self._processes[place] = process  # one that came meanwhile is handed on to it as well
        _block_hangups(False)
        return process

    def _start_due(self) -> None:
        now = time.monotonic()
        for place in [place for place, at in self._due.items() if at <= now]:
            del self._due[place]
            self._start(place)

    def _bury(self) -> None:
        """Plan a successor for each process that has ended."""
        for place, process in list(self._processes.items()):
            if process.exitcode is not None:
                del self._processes[place]
                is_start_failure = process.exitcode == START_FAILURE
                self._due[place] = time.monotonic() + (RESTART_S if is_start_failure else 0.0)

    def _end(self) -> None:
        """Refuse new connections, and wait for the processes to end their answers."""
        self._listener.close()  # else the system goes on to accept what nobody will answer
        for process in self._processes.values():
            process.terminate()
        ends_at = time.monotonic() + self._grace_s + END_S
        for process in self._processes.values():
            process.join(max(0.0, ends_at - time.monotonic()))
            if process.exitcode is None:
                process.kill()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True

    def _hand_on(self, number: int, frame: FrameType | None) -> None:
        for process in self._processes.values():
            if process.pid is not None and process.exitcode is None:
                os.kill(process.pid, number)


START_FAILURE: Final = 3
"""What a process that cannot start ends with."""


def serve(
    config_file: Path,
    listener: socket.socket,
    folder: Path,
    place: int,
    ready: Connection | None,
) -> None:
    """One of the processes, to its end.

    Args:
        config_file: holds the settings.
        listener: what clients connect to.
        folder: where the processes keep their metrics for each other.
        place: this one's number.
        ready: told once it serves.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the parent stops all
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def tell_ready() -> None:
        _block_hangups(False)
        if ready is not None:
            ready.send(True)

    try:
        read = partial(read_file, config_file)
        config = read()
        metrics = WorkerMetrics(folder, place, shares_store=config.storage is not None)
        run(config, listener, read, metrics, tell_ready)
    except TinyDancerError as error:
        print(f"tiny-dancer: {error}", file=sys.stderr, flush=True)
        sys.exit(START_FAILURE)


def _block_hangups(is_blocked: bool) -> None:
    """Let SIGHUP wait, or no longer; a process that is started waits as its parent does."""
    if hasattr(signal, "pthread_sigmask"):
        how = signal.SIG_BLOCK if is_blocked else signal.SIG_UNBLOCK
        signal.pthread_sigmask(how, {signal.SIGHUP})


def _end_with_parent() -> None:
    """Stop as on SIGTERM when the process that started this one is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
