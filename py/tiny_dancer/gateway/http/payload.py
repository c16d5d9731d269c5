"""The body of a request, and the JSON object in it."""

import asyncio
from typing import Any

from ..config.settings import Limits
from .api_error import ApiError
from .json_object import json_object
from .message import Request


async def body_of(request: Request, limits: Limits) -> bytes:
    """The body, read to its end.

    Raises:
        ApiError: 413 where it is too large, 408 where it does not come in time.
    """
    length = request.headers.get("content-length", "0")
    announced = int(length) if length.isdecimal() and len(length) < 16 else 1 << 60
    if announced > limits.body_bytes or len(request.read) > limits.body_bytes:
        raise _too_large(limits)
    if isinstance(request.body, bytes):
        return request.body
    parts, size = [], 0
    try:
        async with asyncio.timeout(limits.body_s):
            async for piece in request.body:
                size += len(piece)
                if size > limits.body_bytes:
                    raise _too_large(limits)
                parts.append(piece)
    except TimeoutError:
        raise ApiError(408, f"The body did not come within {limits.body_s:g} s.") from None
    return b"".join(parts)


def _too_large(limits: Limits) -> ApiError:
    return ApiError(413, f"Body: at most {limits.body_bytes} bytes are taken.")


def payload(request: Request, *, optional: bool = False) -> dict[str, Any]:
    """The object; an empty one where `optional` and there is no body.

    Raises:
        ApiError: 415 where it is not said to be JSON, 400 where it is no JSON object.
    """
    if optional and not request.read:
        return {}
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    charset = rest.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise ApiError(415, "content-type: application/json in UTF-8 is needed.")
    try:
        return json_object(request.read, finite=True)
    except ValueError as error:
        raise ApiError(400, f"Body: not JSON of an object: {error}.", code="invalid_json") from None
