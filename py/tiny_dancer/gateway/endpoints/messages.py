"""POST /v1/messages: whole and streamed, as the Anthropic API has it."""

from typing import TYPE_CHECKING

from ..formats.format import MESSAGES
from ..http.request import Request
from ..http.response import Response
from .chat_completions import complete

if TYPE_CHECKING:
    from ..gateway import Gateway


async def create_message(gateway: "Gateway", request: Request) -> Response:
    """Answer with a message."""
    return await complete(gateway, request, MESSAGES)
