"""What a process takes of memory and descriptors; Linux tells it in /proc."""

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self


def read_memory(pid: int, name: str = "VmRSS") -> float:
    """MB in use, or with `VmHWM` the most that ever were."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise LookupError(f"{name}: /proc/{pid}/status has no such line")


def count_descriptors(pid: int) -> int:
    """Files and sockets that it has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


class Descriptors:
    """The most descriptors that a process has open, from `with` to its end.

    Args:
        pid: the process.

    Attributes:
        most: at any look; one every 20 ms.
    """

    def __init__(self, pid: int) -> None:
        self.most, self._pid, self._over = 0, pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, count_descriptors(self._pid))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self.most = max(self.most, count_descriptors(self._pid))
