"""POST /v1/completions: whole and streamed."""

from typing import TYPE_CHECKING

from ..http.request import Request, parse_body
from ..http.response import Response
from ..routing.conversation import read_prompt
from .chat_completions import complete

if TYPE_CHECKING:
    from ..gateway import Gateway


async def complete_prompt(gateway: "Gateway", request: Request) -> Response:
    """Answer a completion."""
    body = parse_body(request)
    return await complete(gateway, request, "completions", body, read_prompt(body))
