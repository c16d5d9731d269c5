"""Where work is done that takes long and awaits nothing."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Protocol, TypeVar

from .http.api_error import ApiError

T = TypeVar("T")


class RunAside(Protocol):
    """Runs a call beside the requests that are being answered, such as `asyncio.to_thread`."""

    async def __call__(self, call: Callable[[], T], /) -> T:
        """What the call gives; what it raises."""


async def run_here(call: Callable[[], T], /) -> T:
    """What the call gives, at once: there are no threads on the edge."""
    return call()


def alone(name: str, locks: Mapping[str, Lock], call: Callable[[], T]) -> Callable[[], T]:
    """The call, refused while another of its name goes on.

    Whoever computes holds the lock: a thread goes on where its client has gone, and counts.

    Args:
        name: what is computed.
        locks: by name.
        call: computes it.
    """

    def run() -> T:
        if not locks[name].acquire(blocking=False):
            message = f"Another {name} is being computed; try again."
            raise ApiError(409, message, code="busy", retry_after_s=1)
        try:
            return call()
        finally:
            locks[name].release()

    return run
