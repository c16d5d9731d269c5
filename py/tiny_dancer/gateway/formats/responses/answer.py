"""A chat's answer as a response."""

import json
from collections.abc import Mapping
from typing import Any, Final

from ..chat_answer import ChatUsage, read_answer
from .tools import Tool, map_tools

Object = dict[str, Any]

ECHOED: Final[Mapping[str, Any]] = {
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": None,
    "store": False,
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": None,
    "truncation": "disabled",
    "user": None,
}
"""What a response repeats of its request, and what stands there where the request says nothing."""

INCOMPLETE: Final = {"length": "max_output_tokens", "content_filter": "content_filter"}
"""Why an answer ends too early, by the chat's word for it."""


def translate_answer(value: Mapping[str, Any], request: Mapping[str, Any]) -> Object:
    """The response that says the same.

    Args:
        value: the chat's answer.
        request: what the client asked for.

    Raises:
        UpstreamFault: it is none.
    """
    answer = read_answer(value)
    tools = map_tools(request)
    ids = ItemIds(answer.id)
    output: list[Object] = []
    if answer.reasoning:
        output.append(end_item(build_reasoning(ids.draw("rs")), answer.reasoning))
    if answer.text:
        output.append(end_item(build_message(ids.draw("msg")), answer.text))
    if answer.refusal:
        output.append(end_item(build_message(ids.draw("msg"), is_refusal=True), answer.refusal))
    for call in answer.calls:
        item = build_call(ids.draw("fc"), call.id, tools.get(call.name, Tool(call.name)))
        output.append(end_item(item, call.arguments))
    response = start_response(answer.id, answer.model, answer.created, request)
    return end_response(response, output, answer.finish_reason, answer.usage)


class ItemIds:
    """Ids of a response's items: counted, and the answer's own, whose end says who made it.

    Args:
        answer_id: of the answer.
    """

    def __init__(self, answer_id: str) -> None:
        self._answer_id, self._n = answer_id, 0

    def draw(self, prefix: str) -> str:
        """The next one."""
        self._n += 1
        return f"{prefix}_{self._n}_{self._answer_id}"


def start_response(answer_id: str, model: str, created: int, request: Mapping[str, Any]) -> Object:
    """A response in which nothing is said yet."""
    echoed = {n: one if request.get(n) is None else request[n] for n, one in ECHOED.items()}
    return {
        "id": answer_id if answer_id.startswith("resp_") else f"resp_{answer_id}",
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        "usage": None,
        **echoed,
        "store": False,
    }


def end_response(
    response: Object, output: list[Object], finish_reason: str, usage: ChatUsage
) -> Object:
    """The response with all that was said, and why it ends."""
    why = INCOMPLETE.get(finish_reason)
    return {
        **response,
        "status": "incomplete" if why else "completed",
        "incomplete_details": {"reason": why} if why else None,
        "output": output,
        "usage": build_usage(usage),
    }


def build_usage(usage: ChatUsage) -> Object:
    """The tokens; those of the cache and of reasoning are among them."""
    return {
        "input_tokens": usage.tokens_in,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
        "output_tokens": usage.tokens_out,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.tokens_in + usage.tokens_out,
    }


def build_reasoning(item_id: str) -> Object:
    """An item of reasoning in which nothing is said yet."""
    return {
        "id": item_id,
        "type": "reasoning",
        "summary": [],
        "content": [],
        "status": "in_progress",
    }


def build_message(item_id: str, *, is_refusal: bool = False) -> Object:
    """A message in which nothing is said yet; `end_item` puts its text into it."""
    item = {"id": item_id, "type": "message", "role": "assistant", "status": "in_progress"}
    return {**item, "content": [build_part("refusal" if is_refusal else "output_text")]}


def build_part(kind: str, text: str = "") -> Object:
    """A part of an item's content: `output_text`, `refusal` or `reasoning_text`."""
    if kind == "refusal":
        return {"type": kind, "refusal": text}
    extra: Object = {"annotations": [], "logprobs": []} if kind == "output_text" else {}
    return {"type": kind, "text": text, **extra}


def build_call(item_id: str, call_id: str, tool: Tool) -> Object:
    """A call of a tool, of a custom one or of a function, without what it is given."""
    named = {"call_id": call_id, "name": tool.name}
    if tool.namespace is not None:
        named["namespace"] = tool.namespace
    if tool.is_custom:
        item_id = f"ctc{item_id.removeprefix('fc')}"
        return {"id": item_id, "type": "custom_tool_call", **named, "input": ""}
    head = {"id": item_id, "type": "function_call", "status": "in_progress"}
    return {**head, **named, "arguments": ""}


def end_item(item: Object, text: str) -> Object:
    """The item with all of its text."""
    done = {**item, "status": "completed"} if "status" in item else dict(item)
    match item["type"]:
        case "message":
            done["content"] = [build_part(item["content"][0]["type"], text)]
        case "reasoning":
            done["content"] = [build_part("reasoning_text", text)]
        case "function_call":
            done["arguments"] = text or "{}"
        case "custom_tool_call":
            done["input"] = read_custom_input(text)
    return done


def read_custom_input(arguments: str) -> str:
    """The text that a custom tool is given, out of the function that stands for it."""
    try:
        value = json.loads(arguments)
    except ValueError:
        return arguments
    found = value.get("input") if isinstance(value, dict) else None
    return found if isinstance(found, str) else arguments
