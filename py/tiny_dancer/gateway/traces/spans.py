"""What a gateway tells of a request, and who is told: nobody, unless traces are switched on."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from ..config.upstream import Upstream
from ..http.request import Request
from ..http.response import Response
from ..upstream.usage import Usage


class Spans(Protocol):
    """Makes a span of each request that a model answers."""

    async def trace(
        self, request: Request, handle: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """The response, with a span around all of it, its stream too."""

    def add_request(self, format_name: str, body: Mapping[str, Any]) -> None:
        """Say what the running span's request asks for."""

    def add_usage(self, upstream: Upstream, usage: Usage | None, cost: float | None) -> None:
        """Say what its answer used and cost."""
