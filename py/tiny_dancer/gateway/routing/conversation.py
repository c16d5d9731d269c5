"""What of a conversation is scored, and what it needs of a model. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...turns import join_short_turns
from ..http.api_error import ApiError
from ..http.json_text import dump_compact
from .pin import Pin
from .user_turns import UserTurns

BYTES_A_TOKEN: Final = 3
"""For the bound on context: at least so many bytes of text make a token, as a rule."""

NEEDS: Final = {
    "tools": "tools",
    "vision": "images",
    "audio": "audio",
    "files": "files",
    "schemas": "response formats",
    "choices": "n above 1",
    "logprobs": "logprobs",
}
"""What a conversation may need: the setting of an upstream that has it, and a word for it."""

_NEED_OF_PART: Final = {
    "image_url": "vision",
    "input_image": "vision",
    "image": "vision",
    "video_url": "vision",
    "input_audio": "audio",
    "audio": "audio",
    "audio_url": "audio",
    "file": "files",
    "input_file": "files",
    "document": "files",
}


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a request holds of a conversation, and what that needs of a model.

    Attributes:
        texts: the user turns as they are scored, the last one last; at least one.
        needs: names of `NEEDS`.
        tokens: tokens of prompt and answer, estimated.
        answer_tokens: as many of them as the answer may have; 0 where the request does not say.
        format: the request's: `chat`, `messages` or `responses`.
        refusal: why the request cannot be translated to chat; None where it can.
        pin: what ties it to one upstream; None where any can go on with it.
        sizes: for each of the texts, tokens of the prompt up to it, estimated.
        turns: how many user turns there are; only the last of them are among the texts.
        asked: ties the results right before the last user turn to who asked for them.
        behind: how many messages of such results there are.
        tail: how many messages there are from the last user turn on, itself included.
        system: text of the system prompt, where it begins the conversation.
        opening: tools and first user turn: with the system prompt, what tells conversations apart.
    """

    texts: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    tokens: int = 0
    format: str = "chat"
    refusal: ApiError | None = None
    pin: Pin | None = None
    asked: Pin | None = None
    answer_tokens: int = 0
    sizes: tuple[int, ...] = (0,)
    turns: int = 1
    tail: int = 1
    behind: int = 0
    system: str = ""
    opening: tuple[bytes, str] = (b"", "")


def read_chat(body: Mapping[str, Any]) -> Conversation:
    """The conversation of a chat completion.

    Raises:
        ApiError: 400 where there are no messages or they are malformed.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ApiError(400, "messages: a list of at least one message is needed.", param="messages")
    needs = _list_needs(body)
    tools = [body.get(name) for name in ("tools", "functions")]
    schemas = dump_compact(tools) if any(tools) else b""
    turns = UserTurns(len(schemas) + _measure(body.get("response_format")))
    for at, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            where = f"messages[{at}]"
            raise ApiError(400, f"{where}: an object with a role is needed.", param=where)
        text = "\n".join(_list_texts(message.get("content"), needs))
        calls = message.get("tool_calls") or message.get("function_call")
        if calls or message["role"] in ("tool", "function"):
            needs.add("tools")
        if message.get("audio"):
            needs.add("audio")
        turns.add(message["role"], text, _measure(calls))
    texts = join_short_turns(turns.texts or [turns.injected])
    answer_tokens = _read_answer_tokens(body)
    return Conversation(
        texts,
        frozenset(needs),
        turns.size // BYTES_A_TOKEN + answer_tokens,
        answer_tokens=answer_tokens,
        sizes=tuple(size // BYTES_A_TOKEN for size in turns.sizes[-len(texts) :]) or (0,),
        turns=len(turns.texts),
        tail=len(messages) - turns.last,
        behind=turns.behind,
        system="\n".join(turns.system),
        opening=(schemas, turns.texts[0] if turns.texts else ""),
    )


def read_prompt(body: Mapping[str, Any]) -> Conversation:
    """The conversation of a completion: one turn.

    A prompt of token numbers is no text and scores as an empty one.

    Raises:
        ApiError: 400 where there is no prompt.
    """
    prompt = body.get("prompt")
    if isinstance(prompt, list):
        texts = [part for part in prompt if isinstance(part, str)]
        prompt = "\n".join(texts) if texts or prompt else None
    if not isinstance(prompt, str):
        raise ApiError(400, "prompt: a text is needed.", param="prompt")
    size = len(prompt.encode("utf-8", "surrogatepass")) + _measure(body.get("response_format"))
    answer_tokens = _read_answer_tokens(body)
    tokens = size // BYTES_A_TOKEN + answer_tokens
    needs = frozenset(_list_needs(body))
    return Conversation(
        (prompt,), needs, tokens, answer_tokens=answer_tokens, sizes=(size // BYTES_A_TOKEN,)
    )


def _list_needs(body: Mapping[str, Any]) -> set[str]:
    """What the fields beside the messages need."""
    needs = set()
    if body.get("tools") or body.get("functions"):
        needs.add("tools")
    modalities = body.get("modalities")
    if body.get("audio") or (isinstance(modalities, list) and "audio" in modalities):
        needs.add("audio")
    form = body.get("response_format")
    if isinstance(form, dict) and form.get("type") not in (None, "text"):
        needs.add("schemas")
    if type(body.get("n")) is int and body["n"] > 1:
        needs.add("choices")
    if body.get("logprobs") or body.get("top_logprobs"):
        needs.add("logprobs")
    return needs


def _list_texts(content: object, needs: set[str]) -> Iterator[str]:
    """The texts of a message; what its other parts need is added to `needs`."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, dict):
                kind = part.get("type")
                need = _NEED_OF_PART.get(kind) if isinstance(kind, str) else None
                if need is not None:
                    needs.add(need)
                elif isinstance(part.get("text"), str):
                    yield part["text"]


def _measure(value: Any) -> int:
    """Bytes of a value as JSON: schemas and arguments of calls fill the context like text."""
    return len(dump_compact(value)) if value else 0


def _read_answer_tokens(body: Mapping[str, Any]) -> int:
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if type(value) is int and value > 0:
            return value
    return 0
