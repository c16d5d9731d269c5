"""A response, as a server sends it."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from .json_text import dump_compact


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
    return Response(status, {**kind, **(headers or {})}, dump_compact(value))
