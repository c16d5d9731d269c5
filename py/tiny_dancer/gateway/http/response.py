"""A response, as a server sends it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .json_text import dump_compact

if TYPE_CHECKING:
    from .api_error import ApiError


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response.

    Attributes:
        status: HTTP status.
        headers: names in small letters.
        body: bytes, or pieces as they come. Whoever serves pieces calls `aclose` on them, or
            cancels the task that reads them, when the client goes away.
        fail: the last pieces of a body that the server has to break off, from the error; none
            where there is no way to name one.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | AsyncGenerator[bytes, None] = b""
    fail: "Callable[[ApiError], list[bytes]] | None" = None


def json_response(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A response that carries a value as JSON."""
    kind = {"content-type": "application/json"}
    return Response(status, {**kind, **(headers or {})}, dump_compact(value))
