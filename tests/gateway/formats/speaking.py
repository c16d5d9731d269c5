"""An upstream's answers in each format: the same things said, whole and streamed.

It thinks "Hmm.", says "Let me see." and calls the first tool twice; without tools, or once their
results are there, it says "Sunny."; where a form is asked for, it says a city.
"""

import json
from collections.abc import Iterator
from typing import Any

from gateway.formats import chats
from gateway.formats.scripted import Asked

CITY = '{"name":"Paris"}'
PLACES = ('{"city": "Rome"}', '{"city": "Oslo"}')
FORM = "json"
"""The tool by which the AI SDK asks for a form."""
SIGNATURE = "c2lnbmVk"

Object = dict[str, Any]


def answer(asked: Asked) -> Any:
    """What it answers, in the format of the path."""
    body = asked.body
    is_streamed = bool(body.get("stream"))
    if asked.path == "messages/count_tokens":
        return {"input_tokens": 42}
    if asked.path.startswith("messages"):
        message = _build_message(body)
        return list(stream_message(message)) if is_streamed else message
    if asked.path == "responses":
        response = _build_response(body)
        return list(stream_response(response)) if is_streamed else response
    return _answer_chat(body, is_streamed)


def _answer_chat(body: Object, is_streamed: bool) -> Any:
    form, is_over = body.get("response_format"), body["messages"][-1]["role"] == "tool"
    if form:
        said = {"content": CITY}
    elif not body.get("tools") or is_over:
        said = {"content": "Sunny."}
    else:
        name = body["tools"][0]["function"]["name"]
        given = (CITY,) if name == FORM else PLACES
        calls = [chats.call(f"call_{n}", name, place) for n, place in enumerate(given)]
        if not is_streamed:
            message = {"reasoning_content": "Hmm.", "content": "Let me see.", "tool_calls": calls}
            return chats.whole("tool_calls", **message)
        pieces = [chats.chunk(reasoning_content="Hmm."), chats.chunk(content="Let me ")]
        pieces += [chats.chunk(content="see.")]
        for n, place in enumerate(PLACES):
            pieces.append(chats.piece(n, id=f"call_{n}", name=name))
            pieces += [chats.piece(n, place[:5]), chats.piece(n, place[5:])]
        return chats.stream(*pieces, finish="tool_calls")
    return chats.stream(chats.chunk(**said)) if is_streamed else chats.whole(**said)


def _build_message(body: Object) -> Object:
    content = body["messages"][-1]["content"]
    kinds = [one.get("type") for one in content] if isinstance(content, list) else []
    blocks: list[Object] = []
    reason = "end_turn"
    if (body.get("output_config") or {}).get("format"):
        blocks.append({"type": "text", "text": CITY})
    elif not body.get("tools") or "tool_result" in kinds:
        blocks.append({"type": "text", "text": "Sunny."})
    else:
        if (body.get("thinking") or {}).get("type") not in (None, "disabled"):
            blocks.append({"type": "thinking", "thinking": "Hmm.", "signature": SIGNATURE})
        blocks.append({"type": "text", "text": "Let me see."})
        name, reason = body["tools"][0]["name"], "tool_use"
        for n, place in enumerate((CITY,) if name == FORM else PLACES):
            given = json.loads(place)
            blocks.append({"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": given})
    usage = {"input_tokens": 10, "cache_read_input_tokens": 20, "output_tokens": 8}
    usage["cache_creation_input_tokens"] = 0
    head = {"id": "msg_n", "type": "message", "role": "assistant", "model": "n-1"}
    end = {"stop_reason": reason, "stop_sequence": None, "usage": usage}
    return {**head, "content": blocks, **end}


def stream_message(message: Object) -> Iterator[Object]:
    begun = {**message, "content": [], "stop_reason": None}
    begun["usage"] = {**message["usage"], "output_tokens": 1}
    yield {"type": "message_start", "message": begun}
    yield {"type": "ping"}
    for index, block in enumerate(message["content"]):
        if block["type"] == "tool_use":
            start, text = {**block, "input": {}}, json.dumps(block["input"])
            deltas = [{"type": "input_json_delta", "partial_json": one} for one in _cut(text)]
        elif block["type"] == "thinking":
            start = {**block, "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": t} for t in _cut(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        else:
            start = {**block, "text": ""}
            deltas = [{"type": "text_delta", "text": one} for one in _cut(block["text"])]
        yield {"type": "content_block_start", "index": index, "content_block": start}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": message["usage"]}
    yield {"type": "message_stop"}


def _build_response(body: Object) -> Object:
    given = body["input"]
    is_over = isinstance(given, list) and str(given[-1].get("type")).endswith("_output")
    output: list[Object] = []
    if ((body.get("text") or {}).get("format") or {}).get("type") == "json_schema":
        output.append(_say(CITY))
    elif not body.get("tools") or is_over:
        output.append(_say("Sunny."))
    else:
        summary = [{"type": "summary_text", "text": "Hmm."}]
        reasoning = {"id": "rs_n", "type": "reasoning", "summary": summary}
        output += [{**reasoning, "encrypted_content": "ZW5j"}, _say("Let me see.")]
        name = body["tools"][0].get("name", "weather")
        for n, place in enumerate(PLACES):
            head = {"id": f"fc_{n}", "type": "function_call", "status": "completed"}
            output.append({**head, "call_id": f"call_{n}", "name": name, "arguments": place})
    details = {"cached_tokens": 20, "cache_write_tokens": 0}
    return {
        "id": "resp_n",
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
        "tools": body.get("tools") or [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": 30,
            "input_tokens_details": details,
            "output_tokens": 8,
            "output_tokens_details": {"reasoning_tokens": 3},
            "total_tokens": 38,
        },
    }


def _say(text: str) -> Object:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    head = {"id": "msg_n", "type": "message", "role": "assistant", "status": "completed"}
    return {**head, "content": [part]}


def stream_response(response: Object) -> Iterator[Object]:
    events: list[Object] = []
    begun = {**response, "output": [], "status": "in_progress", "usage": None}
    events += [{"type": f"response.{k}", "response": begun} for k in ("created", "in_progress")]
    for index, item in enumerate(response["output"]):
        place = {"output_index": index}
        started = {"message": {"content": []}, "reasoning": {"summary": []}}
        started["function_call"] = {"arguments": ""}
        added = {**item, **started[item["type"]]}
        events.append({"type": "response.output_item.added", **place, "item": added})
        place["item_id"] = item["id"]
        events += [{**event, **place} for event in _stream_item(item)]
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": response})
    for number, event in enumerate(events):
        yield {**event, "sequence_number": number}


def _stream_item(item: Object) -> Iterator[Object]:
    if item["type"] == "function_call":
        kind = "response.function_call_arguments"
        for text in _cut(item["arguments"]):
            yield {"type": f"{kind}.delta", "delta": text}
        yield {"type": f"{kind}.done", "name": item["name"], "arguments": item["arguments"]}
    elif item["type"] == "reasoning":
        part, at = item["summary"][0], {"summary_index": 0}
        kind = "response.reasoning_summary"
        yield {"type": f"{kind}_part.added", **at, "part": {**part, "text": ""}}
        yield {"type": f"{kind}_text.delta", **at, "delta": part["text"]}
        yield {"type": f"{kind}_text.done", **at, "text": part["text"]}
        yield {"type": f"{kind}_part.done", **at, "part": part}
    else:
        part, at = item["content"][0], {"content_index": 0}
        yield {"type": "response.content_part.added", **at, "part": {**part, "text": ""}}
        for text in _cut(part["text"]):
            yield {"type": "response.output_text.delta", **at, "delta": text, "logprobs": []}
        done = {"text": part["text"], "logprobs": []}
        yield {"type": "response.output_text.done", **at, **done}
        yield {"type": "response.content_part.done", **at, "part": part}


def _cut(text: str) -> list[str]:
    return [text[:5], text[5:]]
