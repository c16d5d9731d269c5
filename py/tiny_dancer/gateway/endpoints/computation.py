"""What is computed beside the requests, one of a kind at a time."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TypeVar

from ..http.api_error import ApiError

T = TypeVar("T")


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
