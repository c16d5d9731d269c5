"""What an upstream's error says, in whatever shape its server words it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..http.json_text import parse_json

MAX_CHARS: Final = 2_000
"""Of a message that is handed on."""

_SECRET: Final = re.compile(r"\b(?:sk|pk|rk|key|gsk|xai|hf)[-_][A-Za-z0-9_*.-]{6,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The words of an upstream.

    Attributes:
        message: what was wrong; empty where it does not say.
        type: the kind of error.
        code: a short name for programs; numbers become text.
        param: the field at fault.
        rest: further fields of the error, handed on as they are.
    """

    message: str = ""
    type: str | None = None
    code: str | None = None
    param: str | None = None
    rest: Mapping[str, Any] = field(default_factory=dict)

    def redact(self, key: str | None) -> "ErrorBody":
        """The same without the gateway's own key, which some servers repeat."""
        message = _SECRET.sub("[key]", self.message)
        if key:
            message = message.replace(key, "[key]")
        return ErrorBody(message, self.type, self.code, self.param)


def read_error(body: bytes) -> ErrorBody:
    """The error in a body: OpenAI's form, vLLM's, Ollama's, TGI's, FastAPI's, Google's, or text."""
    try:
        value = parse_json(body)
    except ValueError:
        text = body[:MAX_CHARS].decode("utf-8", "replace").strip()
        return ErrorBody("" if text.startswith("<") else text)
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, str):
        return ErrorBody(value[:MAX_CHARS])
    return find_error(value) or ErrorBody() if isinstance(value, dict) else ErrorBody()


def find_error(value: Mapping[str, Any]) -> ErrorBody | None:
    """The error that an object names; None where it names none."""
    error = value.get("error")
    if isinstance(error, str) and error:
        return ErrorBody(error[:MAX_CHARS], type=_text(value.get("error_type")))
    if isinstance(error, dict) and error:
        fields = dict(error)
    elif error:
        return ErrorBody()
    elif value.get("object") == "error" or value.get("type") == "error":
        fields = {name: one for name, one in value.items() if name != "object"}
    elif "detail" in value and "choices" not in value:
        fields = {"message": value["detail"]}
    elif isinstance(value.get("message"), str) and "choices" not in value:
        fields = dict(value)
    else:
        return None
    message = fields.pop("message", None)
    return ErrorBody(
        (message if isinstance(message, str) else _text(message) or "")[:MAX_CHARS],
        _text(fields.pop("type", None)),
        _text(fields.pop("code", None)),
        _text(fields.pop("param", None)),
        fields,
    )


def _text(value: Any) -> str | None:
    """A short text of what may be a text, a number or anything else."""
    if value is None or isinstance(value, bool):
        return None
    return str(value)[:MAX_CHARS] or None
