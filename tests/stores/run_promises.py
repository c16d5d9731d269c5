"""Runs promises where no test framework is (Pyodide)."""

import time
import traceback

from stores.contract import PROMISES


async def run(make, report=print, only: str = "") -> list[str]:
    """Run all promises, each on fresh storage; the names of the broken ones.

    Args:
        make: coroutine function that gives an `open_store`.
        report: takes one line a promise.
        only: run those whose names contain this.
    """
    broken = []
    for promise in PROMISES:
        name = promise.__name__.removeprefix("promise_")
        if only not in name:
            continue
        began = time.monotonic()
        try:
            await promise(await make())
        except Exception:
            broken.append(name)
            report(f"FAILED {name}\n{traceback.format_exc()}")
        else:
            report(f"ok {name} ({time.monotonic() - began:.2f} s)")
    return broken
