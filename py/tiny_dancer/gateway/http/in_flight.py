"""Requests that are being answered: how many of each key, and the bytes of all their bodies."""

from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace

from ..config.key import Key
from .api_error import ApiError
from .response import Response


class InFlight:
    """Counts what is held; a request enters it and leaves once its answer is over."""

    def __init__(self) -> None:
        self.bytes = 0
        self._requests: Counter[str] = Counter()

    def enter(self, key: Key | None) -> "Place":
        """A place for a request.

        Raises:
            ApiError: 429 where its key has as many requests as it may.
        """
        if key is None or key.connections is None:
            return Place(self, None)
        if self._requests[key.name] >= key.connections:
            raise ApiError(
                429,
                f"The key {key.name} has {key.connections} requests under way, as many as it may.",
                code="too_many_connections",
                retry_after_s=1.0,
            )
        self._requests[key.name] += 1
        return Place(self, key.name)

    def leave(self, name: str | None, size: int) -> None:
        """Free a place, and the bytes that it held."""
        self.bytes -= size
        if name is not None:
            self._requests[name] -= 1
            if not self._requests[name]:
                del self._requests[name]


class Place:
    """One request's.

    Args:
        all_: where it counts.
        name: of its key, where that has a bound.
    """

    def __init__(self, all_: InFlight, name: str | None) -> None:
        self._all, self._name, self._size, self._is_free = all_, name, 0, False

    def hold(self, size: int, most: int) -> None:
        """Count bytes of the body.

        Raises:
            ApiError: 503 where all bodies together would be too large.
        """
        if self._all.bytes + size > most:
            raise ApiError(
                503,
                f"The bodies of all requests under way have {most} bytes, limits.bodies_bytes.",
                code="too_many_bytes",
                retry_after_s=1.0,
            )
        self._all.bytes += size
        self._size += size

    def leave(self) -> None:
        """Free it, once."""
        if not self._is_free:
            self._is_free = True
            self._all.leave(self._name, self._size)

    async def keep(self, response: Response) -> Response:
        """The response; the place is free once all of it has been read, or it is closed."""
        if isinstance(response.body, bytes):
            self.leave()
            return response
        body = self._read(response.body)
        await anext(body)  # it has begun, so that closing it closes what it reads
        return replace(response, body=body)

    async def _read(self, body: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        try:
            yield b""
            async for piece in body:
                yield piece
        finally:
            self.leave()
            await body.aclose()
