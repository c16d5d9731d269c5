"""Where work is done that takes long and awaits nothing."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class RunAside(Protocol):
    """Runs a call beside the requests that are being answered, such as `asyncio.to_thread`."""

    async def __call__(self, call: Callable[[], T], /) -> T:
        """What the call gives; what it raises."""


async def run_here(call: Callable[[], T], /) -> T:
    """What the call gives, at once: there are no threads on the edge."""
    return call()
