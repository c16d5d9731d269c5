"""Errors as the OpenAI API words them."""

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

from ...errors import TinyDancerError
from .response import Response, json_response

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
        kind: type of the error; that of the status where left out.
        code: a short name for programs.
        param: the field at fault.
        retry_after_s: seconds after which it is worth another try.
        headers: further ones for the response.
        rest: further fields of the error.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str | None = None,
        code: str | None = None,
        param: str | None = None,
        retry_after_s: float | None = None,
        headers: Mapping[str, str] | None = None,
        rest: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind or _TYPES.get(
            status, "invalid_request_error" if status < 500 else "server_error"
        )
        self.code = code
        self.param = param
        self.rest = dict(rest or {})
        self.headers = dict(headers or {})
        if retry_after_s is not None:
            self.say_when(retry_after_s)

    def say_when(self, retry_after_s: float) -> None:
        """Say after how many seconds it is worth another try."""
        self.headers["retry-after"] = str(max(1, ceil(retry_after_s)))

    def add_words(self, words: str) -> None:
        """Add a sentence to the message."""
        self.message = f"{self.message} {words}"

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object that names the error."""
        named = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": {**self.rest, **named}}

    @property
    def response(self) -> Response:
        """The response that says so."""
        return json_response(self.body, self.status, self.headers)
