"""Errors in the caller's own format."""

from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response, json_response
from .messages.error import build_error


def respond_with_error(request: Request, error: ApiError) -> Response:
    """The response that names an error: as the Anthropic API does it for its clients.

    Those call its addresses, or send its version to others, such as the list of models.
    """
    is_anthropic = request.path.startswith("/v1/messages") or "anthropic-version" in request.headers
    body = build_error(error) if is_anthropic else error.body
    return json_response(body, error.status, error.headers)
