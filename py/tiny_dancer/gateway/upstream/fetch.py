"""How the core reaches an upstream: a function that each host provides."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ...errors import TinyDancerError


class FetchError(TinyDancerError):
    """The server could not be reached, or the connection broke.

    Args:
        cause: what the host says, for the log: it may name the server, which clients do not see.
        is_local: True where it is this process that has no connection left.
    """

    def __init__(self, cause: str, *, is_local: bool = False) -> None:
        super().__init__(cause)
        self.is_local = is_local


@dataclass(frozen=True, slots=True)
class Call:
    """A POST to an upstream; redirects are not followed.

    Attributes:
        url: from the config, never from a client.
        headers: names in small letters.
        body: JSON.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes


class Answer(Protocol):
    """An upstream's answer, whose body may still be on its way."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in small letters."""

    def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, decompressed in small pieces. Raises FetchError where it breaks."""

    async def aclose(self) -> None:
        """Let go of the connection, also in the middle of the body."""


Fetch: TypeAlias = Callable[[Call], Awaitable[Answer]]
"""Comes back when the headers are there. Cancelling it cancels the request. Raises FetchError."""
