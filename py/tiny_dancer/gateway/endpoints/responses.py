"""POST /v1/responses: whole and streamed, as the OpenAI API has it."""

from typing import TYPE_CHECKING

from ..formats.format import RESPONSES
from ..http.request import Request
from ..http.response import Response
from .chat_completions import complete

if TYPE_CHECKING:
    from ..gateway import Gateway


async def create_response(gateway: "Gateway", request: Request) -> Response:
    """Answer with a response."""
    return await complete(gateway, request, RESPONSES)
