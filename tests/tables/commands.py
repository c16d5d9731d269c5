"""Runs the commands in this process, as `main` runs them, and says how they ended."""

import io
import signal
import sys
from dataclasses import dataclass

from tiny_dancer.cli import main


@dataclass(frozen=True)
class Ended:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


def run(*arguments) -> Ended:
    """Anything but an exit is a traceback, and is raised."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    kept, ends = (sys.argv, sys.stdout, sys.stderr), signal.getsignal(signal.SIGTERM)
    sys.argv, sys.stdout, sys.stderr = ["tiny-dancer", *map(str, arguments)], out, err
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.argv, sys.stdout, sys.stderr = kept
        signal.signal(signal.SIGTERM, ends)  # `serve` sets its own
    for stream in (out, err):
        stream.flush()
    return Ended(code, *(s.buffer.getvalue().decode("utf-8", "replace") for s in (out, err)))
