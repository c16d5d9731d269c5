"""What a strict upstream reads in a request of each format, and what it answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.formats import chats
from gateway.formats.scripted import Asked
from gateway.formats.speaking import stream_message, stream_response

Object = dict[str, Any]
Give = Callable[[str], str]


@dataclass
class Said:
    """What a request says.

    Attributes:
        turn: text of the last user turn.
        ids: of everything.
        seals: signatures, encrypted reasoning, ids of reasoning and of kept answers.
        calls: ids of all tool calls.
        results: ids that all results name.
        answered: those of the loop that is running.
        bare: calls of that loop without the thinking before them.
    """

    turn: str = ""
    ids: list[str] = field(default_factory=list)
    seals: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)

    def begin(self, text: str) -> None:
        """A user turn begins, unless a coding tool wrote it."""
        if not text.startswith("<"):
            self.turn = text
            self.answered, self.bare = [], []

    def call(self, one: str, *, is_bare: bool) -> None:
        """A tool call."""
        self.ids.append(one)
        self.calls.append(one)
        if is_bare:
            self.bare.append(one)

    def answer(self, one: str) -> None:
        """The result of a call."""
        self.ids.append(one)
        self.results.append(one)
        self.answered.append(one)


def read(asked: Asked) -> Said:
    """What a request says."""
    said = Said()
    if asked.path == "responses":
        _read_items(asked.body, said)
    elif asked.path == "messages":
        _read_blocks(asked.body, said)
    else:
        for message in asked.body["messages"]:
            if message["role"] == "user":
                said.begin(_text(message["content"]))
            for call in message.get("tool_calls") or ():
                said.call(call["id"], is_bare=False)
            if message["role"] == "tool":
                said.answer(message["tool_call_id"])
    return said


def _read_blocks(body: Object, said: Said) -> None:
    thinks = "thinking" in body
    for message in body["messages"]:
        blocks = message["content"]
        blocks = [{"type": "text", "text": blocks}] if isinstance(blocks, str) else blocks
        kinds = [block["type"] for block in blocks]
        if message["role"] == "user" and "tool_result" not in kinds:
            said.begin(_text(blocks))
        for block in blocks:
            if block["type"] == "thinking":
                said.seals.append(block["signature"])
            elif block["type"] == "tool_use":
                said.call(block["id"], is_bare=thinks and "thinking" not in kinds)
            elif block["type"] == "tool_result":
                said.answer(block["tool_use_id"])


def _read_items(body: Object, said: Said) -> None:
    items = body["input"]
    has_reasoned = False
    if body.get("previous_response_id"):
        said.seals.append(body["previous_response_id"])
    for item in [{"role": "user", "content": items}] if isinstance(items, str) else items:
        kind = item.get("type", "message")
        said.ids += [item["id"]] if item.get("id") else []
        if kind == "message" and item["role"] == "user":
            said.begin(_text(item["content"]))
            has_reasoned = False
        elif kind == "reasoning":
            said.seals += [item["id"], item["encrypted_content"]]
            has_reasoned = True
        elif kind == "item_reference":
            said.seals.append(item["id"])
        elif kind == "function_call":
            said.call(item["call_id"], is_bare=not has_reasoned)
        elif kind == "function_call_output":
            said.answer(item["call_id"])
    if body.get("previous_response_id"):
        said.calls = list(said.results)  # the server has them


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(p.get("text", "") for p in content)


def write(asked: Asked, give: Give, calls: int) -> Any:
    """An answer with so many calls, or one that is done."""
    body, is_streamed = asked.body, bool(asked.body.get("stream"))
    if asked.path == "messages":
        message = _write_message(give, calls, thinks="thinking" in body)
        return list(stream_message(message)) if is_streamed else message
    if asked.path == "responses":
        response = _write_response(give, calls)
        return list(stream_response(response)) if is_streamed else response
    made = [chats.call(give("call"), "look", f'{{"n": {n}}}') for n in range(calls)]
    if not is_streamed:
        return chats.whole("tool_calls", tool_calls=made) if made else chats.whole(content="Done.")
    pieces: list[Object] = []
    for n, call in enumerate(made):
        pieces.append(chats.piece(n, id=call["id"], name="look"))
        pieces.append(chats.piece(n, call["function"]["arguments"]))
    if made:
        return chats.stream(*pieces, finish="tool_calls")
    return chats.stream(chats.chunk(content="Done."))


def _write_message(give: Give, calls: int, *, thinks: bool) -> Object:
    blocks: list[Object] = []
    if thinks:
        blocks.append({"type": "thinking", "thinking": "Hmm.", "signature": give("sig")})
    for n in range(calls):
        use = {"type": "tool_use", "id": give("toolu"), "name": "look", "input": {"n": n}}
        blocks.append(use)
    if not calls:
        blocks.append({"type": "text", "text": "Done."})
    return {
        "id": give("msg"),
        "type": "message",
        "role": "assistant",
        "model": "n-1",
        "content": blocks,
        "stop_reason": "tool_use" if calls else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 8},
    }


def _write_response(give: Give, calls: int) -> Object:
    summary = [{"type": "summary_text", "text": "Hmm."}]
    output: list[Object] = [
        {
            "id": give("rs"),
            "type": "reasoning",
            "summary": summary,
            "encrypted_content": give("enc"),
        }
    ]
    for n in range(calls):
        head = {"id": give("fc"), "type": "function_call", "status": "completed"}
        given = json.dumps({"n": n})
        output.append({**head, "call_id": give("call"), "name": "look", "arguments": given})
    if not calls:
        part = {"type": "output_text", "text": "Done.", "annotations": [], "logprobs": []}
        head = {"id": give("msg"), "type": "message", "role": "assistant", "status": "completed"}
        output.append({**head, "content": [part]})
    details = {"cached_tokens": 0, "cache_write_tokens": 0}
    return {
        "id": give("resp"),
        "object": "response",
        "created_at": 7,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "n-1",
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": 30,
            "input_tokens_details": details,
            "output_tokens": 8,
            "output_tokens_details": {"reasoning_tokens": 3},
            "total_tokens": 38,
        },
    }
