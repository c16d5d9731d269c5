"""POST /v1/completions: whole and streamed."""

from typing import TYPE_CHECKING

from ..formats.format import COMPLETIONS
from ..http.request import Request
from ..http.response import Response
from .chat_completions import complete

if TYPE_CHECKING:
    from ..gateway import Gateway


async def complete_prompt(gateway: "Gateway", request: Request) -> Response:
    """Answer a completion."""
    return await complete(gateway, request, COMPLETIONS)
