"""A request, as a server hands it over: its headers, its body, and the JSON object in it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..config.settings import Limits
from .api_error import ApiError
from .json_text import MAX_CONTAINERS, parse_object

ANONYMOUS: Final = "anonymous"
"""The caller where no key is asked for."""

_CHARSET: Final = re.compile(r"\s*charset=")
_UTF8: Final = ("utf-8", "utf8", "us-ascii", "ascii")


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request.

    Attributes:
        method: in capitals.
        path: without host and query, percent-decoded.
        headers: names in small letters.
        body: bytes, or pieces, of which no more are read than the limits allow; empty where
            there is none.
        query: behind the path's question mark, as it came.
        caller: name of the key it came with; set by the gateway, which resolves it once.
        refusal: why the server does not take it, such as for its framing; nothing of it is used.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | AsyncIterator[bytes] = b""
    caller: str = ANONYMOUS
    query: str = ""
    refusal: ApiError | None = None

    def find_option(self, name: str) -> str | None:
        """The first value of this name in the query; None where there is none."""
        pairs = (pair.partition("=") for pair in self.query.split("&"))
        return next((value for key, _, value in pairs if key == name), None)


async def read_body(
    request: Request, limits: Limits, hold: Callable[[int, int], None] = lambda *_: None
) -> bytes:
    """The body, read to its end.

    Args:
        request: with its body, or pieces of it.
        limits: of bytes and of time.
        hold: told of each piece's bytes and of the most that all bodies may have; it may refuse.

    Raises:
        ApiError: 413 where it is too large, 408 where it does not come in time.
    """
    length = request.headers.get("content-length", "0")
    announced = int(length) if length.isdecimal() and len(length) < 16 else 1 << 60
    body = request.body
    if announced > limits.body_bytes or (isinstance(body, bytes) and len(body) > limits.body_bytes):
        raise _too_large(limits)
    if isinstance(body, bytes):
        hold(len(body), limits.bodies_bytes)
        return body
    parts, size = [], 0
    try:
        async with asyncio.timeout(limits.body_s):
            async for piece in body:
                size += len(piece)
                if size > limits.body_bytes:
                    raise _too_large(limits)
                hold(len(piece), limits.bodies_bytes)
                parts.append(piece)
    except TimeoutError:
        raise ApiError(408, f"The body did not come within {limits.body_s:g} s.") from None
    return b"".join(parts)


def parse_body(request: Request) -> dict[str, Any]:
    """The object in a body that has been read.

    Raises:
        ApiError: 415 where it is not said to be JSON, 400 where it is no JSON object.
    """
    kind, *parameters = request.headers.get("content-type", "").lower().split(";")
    charsets = [one.strip()[8:].strip("\"' ") for one in parameters if _CHARSET.match(one)]
    if kind.strip() != "application/json" or any(one not in _UTF8 for one in charsets):
        raise ApiError(415, "content-type: application/json in UTF-8 is needed.")
    body = request.body if isinstance(request.body, bytes) else b""
    try:
        return parse_object(body, containers=MAX_CONTAINERS, finite=True)
    except ValueError as error:
        raise ApiError(400, f"Body: not JSON of an object: {error}.", code="invalid_json") from None


def _too_large(limits: Limits) -> ApiError:
    return ApiError(413, f"Body: at most {limits.body_bytes} bytes are taken.")
