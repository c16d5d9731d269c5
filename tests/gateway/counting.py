"""Upstreams that count what they say they used, and many requests of every kind before them."""

import json
import random
import threading
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from gateway.asking import EASY, HARD
from gateway.formats.scripted import Asked, Scripted, Unfinished

PRICES: Final = {
    "small-1": {
        "price_in": 1.0,
        "price_out": 4.0,
        "price_cached_in": 0.1,
        "price_cache_write": 1.25,
    },
    "big-1": {
        "price_in": 10.0,
        "price_out": 40.0,
        "price_cached_in": 1.0,
        "price_cache_write": 12.5,
    },
}
KINDS: Final = ("ok",) * 6 + ("failed", "charged failure", "cut", "left", "left after usage")
FORMATS: Final = ("chat", "chat", "messages", "responses")


class Said(NamedTuple):
    """Tokens that an upstream said: new ones of the prompt, from its cache, into it, answer."""

    new: int
    cached: int
    written: int
    out: int

    def cost(self, model: str) -> float:
        """Money, reckoned apart from the package."""
        price = PRICES[model]
        return (
            self.new * price["price_in"]
            + self.cached * price["price_cached_in"]
            + self.written * price["price_cache_write"]
            + self.out * price["price_out"]
        ) / 1e6


@dataclass
class Request:
    """One of the many.

    Attributes:
        number: tells it from the others.
        format: of the API.
        kind: what happens to it.
        is_streamed: True where events are asked for.
        model: that the client names.
        owner: which key it comes with.
    """

    number: int
    format: str
    kind: str
    is_streamed: bool
    model: str
    owner: int

    @property
    def path(self) -> str:
        return {"chat": "chat/completions"}.get(self.format, self.format)

    @property
    def body(self) -> dict[str, Any]:
        question = HARD if self.number % 3 == 0 else EASY
        text = f"{question} ({self.number}) do:{self.kind}"
        body: dict[str, Any] = {"model": self.model, "stream": self.is_streamed}
        if self.format == "responses":
            return body | {"input": text}
        body["messages"] = [{"role": "user", "content": text}]
        return body | ({"max_tokens": 64} if self.format == "messages" else {})


def plan(n: int, seed: int = 29) -> list[Request]:
    """Requests of every format, kind and model."""
    draw, planned = random.Random(seed), []
    for number in range(n):
        kind = draw.choice(KINDS)
        is_streamed = kind.startswith("left") or (kind != "charged failure" and draw.random() < 0.5)
        model = draw.choice(("auto", "auto", "auto", "gpt-big", "small", "powerful"))
        if kind in ("failed", "charged failure"):
            model = "auto"  # one that names an upstream is not handed on
        format_ = "messages" if kind == "left after usage" else draw.choice(FORMATS)
        planned.append(Request(number, format_, kind, is_streamed, model, draw.randrange(2)))
    return planned


class Counting(Scripted):
    """One that answers by the kind its prompt names, and remembers each usage that it sent.

    Attributes:
        said: by every call that said one, in the order of the calls.
    """

    def __init__(self, model: str) -> None:
        self.model, self.said = model, list[Said]()
        self._lock = threading.Lock()
        super().__init__(self._answer)

    @property
    def cost(self) -> float:
        """Money for all that it said."""
        return sum(one.cost(self.model) for one in self.said)

    @property
    def tokens(self) -> tuple[int, int]:
        """Of all prompts and of all answers."""
        return sum(sum(one[:3]) for one in self.said), sum(one.out for one in self.said)

    def _answer(self, asked: Asked) -> Any:
        text = json.dumps(asked.body.get("messages") or asked.body.get("input"))
        kind = text.partition("do:")[2].partition('"')[0]
        is_light, is_streamed = self.model == "small-1", bool(asked.body.get("stream"))
        draw = random.Random(f"{self.model} {text}")
        said = Said(*(draw.randrange(1, 2_000) for _ in range(4)))
        if asked.path == "responses" or asked.path == "chat/completions":
            said = said._replace(written=0)
        if kind == "failed" and is_light:
            return 500, {"error": {"message": "it is down", "type": "server_error"}}
        if kind == "charged failure" and is_light:
            self._count(said)
            return {"usage": _FORMATS[asked.path].usage(said), "output": None}
        events = _FORMATS[asked.path].events(self.model, said)
        if is_streamed and kind == "cut":
            return self._cut(asked.path, events, said)
        if is_streamed and kind == "left after usage" and asked.path == "messages":
            self._count(said._replace(out=1))
            return Unfinished(events[:2])
        if is_streamed and kind.startswith("left"):
            return Unfinished(events[:2] if asked.path != "messages" else [{"type": "ping"}])
        self._count(said)
        return events if is_streamed else _FORMATS[asked.path].whole(self.model, said)

    def _cut(self, path: str, events: list[Any], said: Said) -> list[Any]:
        if path == "messages":  # its first event says what the prompt cost
            self._count(said._replace(out=1))
        return events[:2]

    def _count(self, said: Said) -> None:
        with self._lock:
            self.said.append(said)


@dataclass(frozen=True)
class Chat:
    """Chat completions; reasoning is among the answer's tokens, and named beside them."""

    chunk: dict[str, Any] = field(
        default_factory=lambda: {"id": "c", "object": "chat.completion.chunk", "created": 1}
    )

    def usage(self, said: Said) -> dict[str, Any]:
        return {
            "prompt_tokens": said.new + said.cached,
            "completion_tokens": said.out,
            "total_tokens": said.new + said.cached + said.out,
            "prompt_tokens_details": {"cached_tokens": said.cached},
            "completion_tokens_details": {"reasoning_tokens": said.out // 2},
        }

    def whole(self, model: str, said: Said) -> dict[str, Any]:
        message = {"role": "assistant", "content": "Hello"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        answer = {"id": "c", "object": "chat.completion", "created": 1, "model": model}
        return {**answer, "choices": [choice], "usage": self.usage(said)}

    def events(self, model: str, said: Said) -> list[Any]:
        chunk = {**self.chunk, "model": model}

        def say(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
            return {**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

        first = say({"role": "assistant", "content": "Hel"})
        last = {**chunk, "choices": [], "usage": self.usage(said)}
        return [first, say({"content": "lo"}), say({}, "stop"), last, "[DONE]"]


class Messages:
    """Messages; the first event says the prompt's tokens, the last one the answer's."""

    def usage(self, said: Said) -> dict[str, Any]:
        return {
            "input_tokens": said.new,
            "cache_read_input_tokens": said.cached,
            "cache_creation_input_tokens": said.written,
            "output_tokens": said.out,
        }

    def whole(self, model: str, said: Said) -> dict[str, Any]:
        answer = {"id": "m", "type": "message", "role": "assistant", "model": model}
        content = [{"type": "text", "text": "Hello"}]
        ends = {"stop_reason": "end_turn", "stop_sequence": None, "usage": self.usage(said)}
        return {**answer, "content": content, **ends}

    def events(self, model: str, said: Said) -> list[Any]:
        start = self.whole(model, said._replace(out=1)) | {"content": [], "stop_reason": None}
        block = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": "Hello"}
        ends = {"stop_reason": "end_turn", "stop_sequence": None}
        return [
            {"type": "message_start", "message": start},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": ends, "usage": {"output_tokens": said.out}},
            {"type": "message_stop"},
        ]


class Responses:
    """Responses; the last event says the tokens."""

    def usage(self, said: Said) -> dict[str, Any]:
        return {
            "input_tokens": said.new + said.cached,
            "input_tokens_details": {"cached_tokens": said.cached},
            "output_tokens": said.out,
            "output_tokens_details": {"reasoning_tokens": said.out // 3},
            "total_tokens": said.new + said.cached + said.out,
        }

    def whole(self, model: str, said: Said) -> dict[str, Any]:
        part = {"type": "output_text", "text": "Hello", "annotations": []}
        item = {"type": "message", "id": "i", "role": "assistant", "status": "completed"}
        answer = {"id": "r", "object": "response", "created_at": 1, "model": model}
        output = [{**item, "content": [part]}]
        return {**answer, "status": "completed", "output": output, "usage": self.usage(said)}

    def events(self, model: str, said: Said) -> list[Any]:
        whole = self.whole(model, said)
        begun = whole | {"status": "in_progress", "output": [], "usage": None}
        place = {"item_id": "i", "output_index": 0, "content_index": 0}
        return [
            {"type": "response.created", "sequence_number": 0, "response": begun},
            {"type": "response.output_text.delta", "sequence_number": 1, **place, "delta": "Hello"},
            {"type": "response.completed", "sequence_number": 2, "response": whole},
        ]


_FORMATS: Final = {"chat/completions": Chat(), "messages": Messages(), "responses": Responses()}
