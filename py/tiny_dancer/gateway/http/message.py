"""What a server hands to the gateway and gets back."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .compact import compact


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request.

    Attributes:
        method: in capitals.
        path: without host and query, percent-decoded.
        headers: names in small letters.
        body: bytes, or pieces, of which no more are read than the limits allow; empty where
            there is none.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | AsyncIterator[bytes] = b""

    @property
    def read(self) -> bytes:
        """The body, where it has been read."""
        return self.body if isinstance(self.body, bytes) else b""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response.

    Attributes:
        status: HTTP status.
        headers: names in small letters.
        body: bytes, or pieces as they come. Whoever serves pieces calls `aclose` on them, or
            cancels the task that reads them, when the client goes away.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | AsyncGenerator[bytes, None] = b""


def json_response(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A response that carries a value as JSON."""
    kind = {"content-type": "application/json"}
    return Response(status, {**kind, **(headers or {})}, compact(value))
