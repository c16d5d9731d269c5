"""Errors in the caller's own format."""

from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response, json_response
from .messages.error import build_error


def is_of_anthropic(request: Request) -> bool:
    """True for a request of a client of the Anthropic API.

    The list of models stands at one address in both APIs; the header tells them apart there.
    """
    if request.path.startswith("/v1/models"):
        return "anthropic-version" in request.headers
    return request.path.startswith("/v1/messages")


def respond_with_error(request: Request, error: ApiError) -> Response:
    """The response that names an error: as the Anthropic API does it for its clients."""
    body = build_error(error) if is_of_anthropic(request) else error.body
    return json_response(body, error.status, error.headers)
