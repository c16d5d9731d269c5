"""How the core reaches an upstream: a function that each host provides."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ...errors import TinyDancerError


class FetchError(TinyDancerError):
    """The server could not be reached, or the connection broke. The message may name the host."""


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
        """The body as it comes, decompressed. Raises FetchError where it breaks off."""

    async def aclose(self) -> None:
        """Let go of the connection, also in the middle of the body."""


Fetch: TypeAlias = Callable[[Call], Awaitable[Answer]]
"""Comes back when the headers are there. Cancelling it cancels the request. Raises FetchError."""
