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
        encode_error: what ends a body of pieces that the server has to break off; an event as the
            OpenAI API words it where None.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | AsyncGenerator[bytes, None] = b""
    encode_error: "Callable[[ApiError], bytes] | None" = None


def json_response(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A response that carries a value as JSON."""
    kind = {"content-type": "application/json"}
    return Response(status, {**kind, **(headers or {})}, dump_compact(value))
