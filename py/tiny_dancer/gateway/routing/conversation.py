"""What of a conversation is scored, and what it needs of a model. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..http.api_error import ApiError

SHORT_WORDS: Final = 5
"""A turn of at most so many words, such as "and in Rust?", is scored behind the one before it."""

MAX_TURNS: Final = 64
"""So many of the last user turns are decided on."""

BYTES_A_TOKEN: Final = 3
"""For the bound on context: at least so many bytes of text make a token, as a rule."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks.

    Attributes:
        texts: the user turns as they are scored, the last one last; at least one.
        tools: True where the model has to know tools.
        vision: True where the model has to see images.
        tokens: tokens of prompt and answer, estimated.
    """

    texts: tuple[str, ...]
    tools: bool = False
    vision: bool = False
    tokens: int = 0


def asked_in_chat(body: Mapping[str, Any]) -> Asked:
    """What a chat completion asks.

    Raises:
        ApiError: 400 where there are no messages or they are malformed.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ApiError(400, "messages: a list of at least one message is needed.", param="messages")
    turns: list[str] = []
    tools = bool(body.get("tools") or body.get("functions"))
    vision, size = False, 0
    for at, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            where = f"messages[{at}]"
            raise ApiError(400, f"{where}: an object with a role is needed.", param=where)
        parts = list(_parts(message.get("content")))
        text = "\n".join(part for part in parts if part is not None)
        size += len(text.encode("utf-8", "surrogatepass"))
        vision = vision or None in parts
        tools = tools or message["role"] in ("tool", "function") or bool(message.get("tool_calls"))
        if message["role"] == "user":
            turns.append(text)
    tokens = size // BYTES_A_TOKEN + _answer_tokens(body)
    return Asked(_scored(turns) or ("",), tools, vision, tokens)


def asked_in_prompt(body: Mapping[str, Any]) -> Asked:
    """What a completion asks; a prompt of token numbers is no text and scores as an empty one.

    Raises:
        ApiError: 400 where there is no prompt.
    """
    prompt = body.get("prompt")
    if isinstance(prompt, list):
        texts = [part for part in prompt if isinstance(part, str)]
        prompt = "\n".join(texts) if texts or prompt else None
    if not isinstance(prompt, str):
        raise ApiError(400, "prompt: a text is needed.", param="prompt")
    size = len(prompt.encode("utf-8", "surrogatepass"))
    return Asked((prompt,), tokens=size // BYTES_A_TOKEN + _answer_tokens(body))


def _parts(content: object) -> Iterator[str | None]:
    """The texts of a message; None for an image."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, dict):
                if part.get("type") == "image_url":
                    yield None
                elif isinstance(part.get("text"), str):
                    yield part["text"]


def _scored(turns: list[str]) -> tuple[str, ...]:
    texts: list[str] = []
    for turn in turns[-MAX_TURNS:]:
        leans = texts and len(turn.split(None, SHORT_WORDS)) <= SHORT_WORDS
        texts.append(f"{texts[-1]}\n{turn}" if leans else turn)
    return tuple(texts)


def _answer_tokens(body: Mapping[str, Any]) -> int:
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if type(value) is int and value > 0:
            return value
    return 0
