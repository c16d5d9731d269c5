"""A value of any type at any place of a request or an answer is refused or read, never a crash."""

import copy
import json
from contextlib import suppress

import pytest

from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.gateway.formats.exchange import Exchange
from tiny_dancer.gateway.formats.format import CHAT, COMPLETIONS, MESSAGES, RESPONSES
from tiny_dancer.gateway.formats.whole_request import read_whole_request
from tiny_dancer.gateway.http.api_error import ApiError
from tiny_dancer.gateway.http.json_text import dump_compact
from tiny_dancer.gateway.routing.mark import find_mark
from tiny_dancer.gateway.upstream.call import WholeAnswer
from tiny_dancer.gateway.upstream.fault import UpstreamFault

ODD = (None, True, 7, -1.5, 2**63, "", "x", "\ud800", [], {}, [[]], [{}], [None], {"a": []}, [7])
TEXT = {"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
PAPER = {"type": "document", "title": "t", "source": {"type": "content", "content": [TEXT]}}
NOTE = {"type": "document", "context": "c", "source": {"type": "text", "data": "hi"}}
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
SEALED = {"type": "redacted_thinking", "data": "c2ln"}
USE = {"type": "tool_use", "id": "t1", "name": "now", "input": {"a": 1}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": [TEXT, IMAGE], "is_error": True}
SCHEMA = {"type": "object", "properties": {}}
FORM = {"type": "json_schema", "schema": SCHEMA}
CUSTOM = {"type": "custom", "name": "c", "format": {"type": "grammar", "definition": "d"}}
FUNCTION = {"type": "function", "name": "f", "parameters": SCHEMA, "strict": True}
SPACE = {"type": "namespace", "name": "n", "description": "d", "tools": [FUNCTION, CUSTOM]}
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]}
SHOWN = [
    {"type": "input_text", "text": "hi"},
    {"type": "input_image", "image_url": "data:,", "detail": "low"},
    {"type": "input_file", "file_data": "data:,", "filename": "f"},
]
CALL = {"type": "function_call", "call_id": "c1", "name": "f", "namespace": "n", "arguments": "{}"}
CALLED = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
REQUESTS = {
    "messages": (
        MESSAGES,
        {
            "model": "auto",
            "max_tokens": 9,
            "system": [TEXT],
            "messages": [
                {"role": "user", "content": [TEXT, IMAGE, PAPER, NOTE]},
                {"role": "assistant", "content": [THOUGHT, SEALED, TEXT, USE]},
                {"role": "user", "content": [RESULT]},
            ],
            "tools": [{"name": "now", "description": "d", "input_schema": SCHEMA}],
            "tool_choice": {"type": "tool", "name": "now", "disable_parallel_tool_use": True},
            "thinking": {"type": "enabled", "budget_tokens": 9},
            "output_config": {"format": FORM, "effort": "low"},
            "stop_sequences": ["x"],
            "stream": False,
        },
    ),
    "responses": (
        RESPONSES,
        {
            "model": "auto",
            "instructions": "be brief",
            "input": [
                {"role": "user", "content": SHOWN},
                {"type": "reasoning", "id": "r1", "summary": [], "encrypted_content": "ZW5j"},
                SAID,
                {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
                CALL,
                {"type": "function_call_output", "call_id": "c1", "output": SHOWN},
                {"type": "custom_tool_call", "call_id": "c2", "name": "c", "input": "x"},
                {"type": "custom_tool_call_output", "call_id": "c2", "output": "y"},
            ],
            "tools": [FUNCTION, CUSTOM, SPACE],
            "tool_choice": {"type": "function", "name": "f"},
            "text": {"format": {**FORM, "name": "city"}, "verbosity": "low"},
            "reasoning": {"effort": "low"},
            "previous_response_id": None,
            "store": False,
            "stream": False,
        },
    ),
    "chat": (
        CHAT,
        {
            "model": "auto",
            "messages": [
                {"role": "system", "content": "s"},
                {
                    "role": "user",
                    "content": [TEXT, {"type": "image_url", "image_url": {"url": "u"}}],
                },
                {"role": "assistant", "content": None, "tool_calls": [CALLED]},
                {"role": "tool", "tool_call_id": "c1", "content": "noon"},
            ],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "a"}},
            "modalities": ["text"],
            "max_tokens": 5,
            "stream_options": {"include_usage": True},
            "stream": False,
        },
    ),
    "completions": (COMPLETIONS, {"model": "auto", "prompt": ["hi"], "max_tokens": 5}),
}
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1}}
CHOICE = {"index": 0, "finish_reason": "stop"}
TOLD = {"content": "hi", "refusal": None, "reasoning_content": "Hm.", "tool_calls": [CALLED]}
PIECE = {**TOLD, "tool_calls": [{"index": 0, **CALLED}]}
HEAD = {"id": "a", "created": 1, "model": "m", "usage": USAGE}
WHOLE = {**HEAD, "choices": [{**CHOICE, "message": {"role": "assistant", **TOLD}}]}
CHUNK = {**HEAD, "choices": [{**CHOICE, "delta": PIECE}]}
COUNTS = {"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": 1}
MESSAGE = {"id": "m", "type": "message", "content": [THOUGHT, SEALED, TEXT, USE], "usage": COUNTS}
REASONED = {"id": "r1", "type": "reasoning", "summary": [], "encrypted_content": "ZW5j"}
RESPONSE = {"id": "r", "status": "completed", "output": [REASONED, SAID], "usage": COUNTS}
EVENTS = {
    "messages": (
        {"type": "message_start", "message": MESSAGE},
        {"type": "content_block_start", "index": 0, "content_block": THOUGHT},
        {"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "s"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": COUNTS},
        {"type": "error", "error": {"type": "overloaded_error", "message": "x"}},
    ),
    "responses": (
        {"type": "response.created", "sequence_number": 0, "response": RESPONSE},
        {"type": "response.output_item.done", "sequence_number": 1, "item": REASONED},
        {"type": "response.completed", "sequence_number": 2, "response": RESPONSE},
        {"type": "response.failed", "response": {"error": {"code": "x", "message": "x"}}},
    ),
}
UPSTREAM = {"name": "one", "serves": "light", "base_url": "http://127.0.0.1:9/v1", "model": "m"}
SPEAKS = {"api": ["chat", "messages", "responses"]}


def list_changes(value):
    """Copies of a value of JSON, each with an odd value at one of its places."""
    for path in list_places(value):
        for odd in ODD:
            changed = copy.deepcopy(value)
            at = changed
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = copy.deepcopy(odd)
            yield changed


def list_places(value, before=()):
    for step, one in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*before, step)
        if isinstance(one, dict | list):
            yield from list_places(one, (*before, step))


def find_upstreams():
    powerful = {**UPSTREAM, **SPEAKS, "name": "two", "serves": "powerful"}
    return read_config({"anonymous": True, "upstreams": [UPSTREAM, powerful]}, {}.get).upstreams


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_read_or_refused_by_the_name_of_a_field(name):
    format_, body = REQUESTS[name]
    upstream = find_upstreams()[1]
    refused = 0
    for changed in list_changes(body):
        try:
            exchange = Exchange(format_, changed, {})
            exchange.build_native(upstream, format_.wire)
            exchange.open_events(upstream)
            if (refusal := exchange.conversation.refusal) is not None:
                raise refusal
            if format_.bridge is not None:
                dump_compact(format_.bridge.build_answer(WHOLE, changed))
                format_.bridge.open_events(changed)
        except ApiError as error:
            refused += 1
            assert error.status == 400 and error.param, error
    assert refused


def test_a_whole_request_is_told_apart_whatever_it_holds():
    for _, body in REQUESTS.values():
        for changed in list_changes(body):
            try:
                read_whole_request(changed)
            except ApiError as error:
                assert error.status == 400


@pytest.mark.parametrize("name", ["messages", "responses"])
def test_a_chats_answer_is_translated_or_the_upstreams_fault(name):
    format_, request = REQUESTS[name]
    for changed in list_changes(WHOLE):
        if CHAT.wire.is_answer(changed):
            with suppress(UpstreamFault):
                dump_compact(format_.bridge.build_answer(changed, request))
    for changed in list_changes(CHUNK):
        events = Exchange(format_, request, {}).open_events(find_upstreams()[0])
        with suppress(UpstreamFault):
            events.read(json.dumps(changed).encode())
            events.read(json.dumps(CHUNK).encode())
            events.finish()


@pytest.mark.parametrize(("name", "answer"), [("messages", MESSAGE), ("responses", RESPONSE)])
def test_an_answer_in_its_own_format_is_handed_on_or_the_upstreams_fault(name, answer):
    format_, mark = REQUESTS[name][0], find_mark("two")
    for changed in list_changes(answer):
        if format_.wire.is_answer(changed):
            usage = format_.wire.read_usage(changed)
            body = json.dumps(changed).encode()
            assert format_.native.mark_answer(WholeAnswer(body, changed, usage, {}), mark)
    for event in EVENTS[name]:
        for changed in list_changes(event):
            with suppress(UpstreamFault):
                format_.native.open_events(mark).read(json.dumps(changed).encode())


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("system[0].type", {"system": [{"type": []}]}),
        (
            "messages[0].content[0].type",
            {"messages": [{"role": "user", "content": [{"type": {}}]}]},
        ),
        ("messages", {"messages": []}),
        ("messages", {"messages": [], "system": "be brief"}),
    ],
)
def test_a_client_of_messages_is_told_which_field_is_wrong(running, client, field, more):
    body = {"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    answer = client(running()).post("/v1/messages", json=body | more)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(f"{field}: ")
