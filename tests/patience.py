"""How long tests wait for what is bound to come."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 120.0
"""Longer than a busy machine stands still; what has not come by then does not come."""

WORK_S: Final = 900.0
"""For a program that computes, such as one that trains, beside all the others."""


def wait_until(holds: Callable[[], object]) -> None:
    """Until it holds.

    Raises:
        AssertionError: it does not within `PATIENCE_S`.
    """
    ends_at = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends_at, "it did not come to hold"
        time.sleep(0.02)
