"""Errors as the OpenAI API words them."""

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

from ...errors import TinyDancerError
from .message import Response, json_response

_TYPES: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class ApiError(TinyDancerError):
    """What a client is told instead of an answer.

    Args:
        status: HTTP status.
        message: what was wrong, where, and what would be right. Never holds a key or a prompt.
        code: a short name for programs.
        param: the field at fault.
        retry_after_s: seconds after which it is worth another try.
        headers: further ones for the response.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after_s: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.headers = dict(headers or {})
        if retry_after_s is not None:
            self.headers["retry-after"] = str(max(1, ceil(retry_after_s)))

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object that names the error."""
        kind = _TYPES.get(
            self.status, "invalid_request_error" if self.status < 500 else "server_error"
        )
        return {
            "error": {
                "message": self.message,
                "type": kind,
                "param": self.param,
                "code": self.code,
            }
        }

    @property
    def response(self) -> Response:
        """The response that says so."""
        return json_response(self.body, self.status, self.headers)
