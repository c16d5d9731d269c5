"""Results and errors as text for the worker."""

import json
from collections.abc import Awaitable, Callable
from typing import Any


def encode(work: Callable[[], Any]) -> str:
    """`+` and the work's result as JSON, or `-` and its error as JSON."""
    try:
        return "+" + json.dumps(work(), separators=(",", ":"))
    except Exception as error:
        return encode_error(error)


async def encode_awaited(work: Awaitable[Any]) -> str:
    """The same for work that awaits the store."""
    try:
        return "+" + json.dumps(await work, separators=(",", ":"))
    except Exception as error:
        return encode_error(error)


def encode_error(error: Exception) -> str:
    """`-` and the error's name and message as JSON."""
    return "-" + json.dumps(describe_error(error))


def describe_error(error: Exception) -> dict[str, str]:
    """Name and message."""
    return {"name": type(error).__name__, "message": str(error)}
