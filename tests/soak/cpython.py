"""Memory of a CPython process around many requests, as one line of JSON.

usage: python tests/soak/cpython.py MODEL REQUESTS
"""

import json
import os
import sys
from pathlib import Path

from memory import WARM_UP, Requests


def resident_bytes() -> int:
    """What the process holds in memory, from the kernel of Linux; 0 elsewhere."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def main(model: str, n: int) -> None:
    requests = Requests(model)
    host = requests.router._service.loaded.scorer._host  # type: ignore[union-attr]

    def look() -> dict[str, int]:
        kernel = host._memory.data_len(host._store)
        return {**requests.memory(), "kernel_bytes": kernel, "resident_bytes": resident_bytes()}

    requests.run(WARM_UP)
    before = look()
    requests.run(n, lambda done: print(f"\r{done:,}", end="", file=sys.stderr))
    print(json.dumps({"requests": n, "before": before, "after": look()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
