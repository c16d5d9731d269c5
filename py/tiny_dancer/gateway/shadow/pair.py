"""A pair that waits for its second answer, and which prompts become one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from ..config.upstream import Upstream
from ..http.json_text import parse_object
from ..upstream.fetch import Call
from ..upstream.wire import Wire
from .native_reply import (
    read_message,
    read_response,
    read_streamed_message,
    read_streamed_response,
)
from .reply import Reply, read_reply, read_streamed_reply

UNKNOWN_TOKENS: Final = 16_384
"""What an answer without a bound is taken to have at most, for the day's money."""

JUDGE_TOKENS: Final = 2_000
"""The same for what a judge says."""

BYTES_A_TOKEN: Final = 1
"""A token has at least so many bytes, so this bounds what a text costs."""

LEFT_OUT: Final = frozenset({"stream", "stream_options", "n", "best_of", "store", "background"})
"""Of a request, what the other model is not asked: how often, how fast, and whether to keep it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A call for one whole answer.

    Attributes:
        call: what is sent.
        wire: what an answer looks like.
        format: of the answer, `chat`, `messages` or `responses`.
    """

    call: Call
    wire: Wire
    format: str = "chat"


@dataclass(frozen=True, slots=True)
class Sampled:
    """A request whose prompt was drawn.

    Attributes:
        prompt: keyed hash of what was scored.
        format: of what the client gets.
        body: the request as chat, or as a completion.
        size: bytes of it.
        upstreams: of the light and of the powerful model.
        ask: from an upstream to the question that asks it the same.
    """

    prompt: str
    format: str
    body: Mapping[str, Any]
    size: int
    upstreams: tuple[Upstream, Upstream]
    ask: Callable[[Upstream], Question]


@dataclass(frozen=True, slots=True)
class Pair:
    """The same with the answer that the client got.

    Attributes:
        sampled: the request.
        decision_id: of its decision.
        is_light: True where the light model answered.
        answer: bytes that it got.
        is_streamed: True where they are events.
    """

    sampled: Sampled
    decision_id: str
    is_light: bool
    answer: bytes
    is_streamed: bool

    @property
    def other(self) -> Upstream:
        """Who is asked now."""
        return self.sampled.upstreams[1 if self.is_light else 0]

    @property
    def size(self) -> int:
        """Bytes."""
        return self.sampled.size + len(self.answer)

    def read_reply(self) -> Reply | None:
        """What the client was told; None where the answer has no choice.

        Raises:
            ValueError: the answer is no JSON.
        """
        if not self.is_streamed:
            return read_answer(self.sampled.format, parse_object(self.answer))
        if self.sampled.format == "messages":
            return read_streamed_message(self.answer)
        if self.sampled.format == "responses":
            return read_streamed_response(self.answer)
        return read_streamed_reply(self.answer)

    def bound_cost(self, reply: Reply, judge: Upstream | None, rubric: str) -> float:
        """Money that the second answer and its grading cost at most; 0 without prices.

        Args:
            reply: what the client was told.
            judge: who grades.
            rubric: that it marks by.
        """
        tokens_in, tokens_out = self.sampled.size // BYTES_A_TOKEN, self._bound_tokens()
        money = 0.0
        if self.other.price is not None:
            money += self.other.price.cost(tokens_in, tokens_out)
        if judge is not None and judge.price is not None:
            read = self.sampled.size + reply.size + len(rubric.encode()) + tokens_out
            money += 2 * judge.price.cost(read, JUDGE_TOKENS)
        return money

    def _bound_tokens(self) -> int:
        body = self.sampled.body
        asked = (body.get(name) for name in ("max_completion_tokens", "max_tokens"))
        return next((n for n in asked if type(n) is int and n > 0), UNKNOWN_TOKENS)

    def order(self, reply: Reply, other: Reply) -> tuple[Reply, Reply]:
        """The light and the powerful answer."""
        return (reply, other) if self.is_light else (other, reply)


def read_answer(format_: str, value: Mapping[str, Any]) -> Reply | None:
    """What a whole answer of a format says; None where it says nothing."""
    if format_ == "messages":
        return read_message(value)
    return read_response(value) if format_ == "responses" else read_reply(value)


def leave_out(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body for the other model: the same, answered whole and once, and kept nowhere."""
    return {name: value for name, value in body.items() if name not in LEFT_OUT}


def has_only_text(body: Mapping[str, Any]) -> bool:
    """True for one prompt without images, audio and files.

    A judge is not shown those, and the bytes of their addresses do not bound what they cost.
    """
    if "messages" not in body:
        return isinstance(body.get("prompt"), str)
    if body.get("audio"):  # of the answer
        return False
    messages = body["messages"]
    contents = [one.get("content") for one in messages if not one.get("audio")]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return len(contents) == len(messages) and all(
        isinstance(part, dict) and isinstance(part.get("text"), str) for part in parts
    )


def has_plain_tools(body: Mapping[str, Any]) -> bool:
    """True where every tool of a response's request is a function: checks know no others' calls."""
    tools = body.get("tools")
    return not isinstance(tools, list) or all(
        isinstance(one, dict) and one.get("type") == "function" for one in tools
    )


def is_drawn(key: bytes, prompt: str, share: float) -> bool:
    """True for this share of all prompts, always for the same ones.

    Who does not know the store's key can neither foresee nor change it, and asking again draws
    nothing new.

    Args:
        key: the store's.
        prompt: keyed hash of the prompt.
        share: from 0 to 1.
    """
    drawn = blake2b(prompt.encode(), key=key, digest_size=8, person=b"shadow").digest()
    return int.from_bytes(drawn, "big") < share * 2**64
