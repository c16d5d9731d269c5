"""The same conversation is routed alike in each format, and a whole request's format is found."""

import pytest

from tiny_dancer.gateway import ApiError
from tiny_dancer.gateway.formats.format import FORMATS, find_format

FIRST, THEN = "Prove that there are infinitely many primes.", "and now for twin primes, if you can"
CALL = {"id": "t-1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
FUNCTION = {"name": "now", "parameters": {"type": "object"}}

REQUESTS = {
    "chat": {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": FIRST},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "t-1", "content": "noon"},
            {"role": "assistant", "content": "Done."},
            {"role": "user", "content": [{"type": "text", "text": THEN}]},
        ],
        "tools": [{"type": "function", "function": FUNCTION}],
    },
    "messages": {
        "max_tokens": 100,
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [
            {"role": "user", "content": FIRST},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "t-1", "name": "now", "input": {}}],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t-1", "content": "noon"},
                    {"type": "text", "text": "A reminder of the client's."},
                ],
            },
            {"role": "assistant", "content": "Done."},
            {"role": "user", "content": [{"type": "text", "text": THEN}]},
        ],
        "tools": [{"name": "now", "input_schema": {"type": "object"}}],
    },
    "responses": {
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": FIRST},
            {"type": "function_call", "call_id": "t-1", "name": "now", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "t-1", "output": "noon"},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Done."}],
            },
            {"role": "user", "content": [{"type": "input_text", "text": THEN}]},
        ],
        "tools": [{"type": "function", **FUNCTION}],
    },
}


@pytest.mark.parametrize("name", ["chat", "messages", "responses"])
def test_the_turns_and_needs_are_the_same_in_each_format(name):
    read = FORMATS[name].read(REQUESTS[name])
    assert read.texts == (FIRST, THEN)
    assert read.needs == {"tools"}
    assert read.format == name


@pytest.mark.parametrize("name", ["chat", "messages", "responses"])
def test_the_format_is_found_by_its_shape_or_by_its_name(name):
    assert find_format(REQUESTS[name]).name == name
    assert find_format({}, name).name == name


def test_a_plain_list_of_messages_is_a_chat():
    assert find_format({"messages": [{"role": "user", "content": "Hi"}]}).name == "chat"
    assert find_format({"input": "Hi"}).name == "responses"
    with pytest.raises(ApiError, match="messages or input is needed"):
        find_format({"prompt": "Hi"})
    with pytest.raises(ApiError, match="one of chat, messages, responses is needed"):
        find_format({"input": "Hi"}, "soap")


@pytest.mark.parametrize(
    ("name", "content", "needs"),
    [
        ("messages", {"type": "image", "source": {"type": "url", "url": "x"}}, {"vision"}),
        ("messages", {"type": "document", "source": {"type": "base64"}}, {"files"}),
        ("messages", {"type": "document", "source": {"type": "text", "data": "a"}}, set()),
        (
            "messages",
            {"type": "tool_result", "content": [{"type": "image", "source": {}}]},
            {"vision", "tools"},
        ),
        ("responses", {"type": "input_image", "image_url": "x"}, {"vision"}),
        ("responses", {"type": "input_file", "file_id": "f"}, {"files"}),
    ],
)
def test_what_content_needs_of_a_model(name, content, needs):
    turn = [{"role": "user", "content": [content]}]
    body = {"messages": turn} if name == "messages" else {"input": turn}
    assert FORMATS[name].read(body).needs == needs


def test_structured_output_needs_a_model_that_has_it():
    form = {"type": "json_schema", "schema": {}}
    one = {"messages": [{"role": "user", "content": "Hi"}], "output_config": {"format": form}}
    assert FORMATS["messages"].read(one).needs == {"schemas"}
    assert FORMATS["responses"].read({"input": "Hi", "text": {"format": form}}).needs == {"schemas"}


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("messages", {}, "messages: a list"),
        ("messages", {"messages": [7]}, r"messages\[0\]: an object with a role"),
        ("responses", {}, "input: a text or a list"),
        ("responses", {"input": []}, "input: a text or a list"),
        ("responses", {"input": [7]}, r"input\[0\]: an object"),
        ("responses", {"input": [{"content": "Hi"}]}, r"input\[0\].role: a text"),
        ("responses", {"input": [{"type": 7}]}, r"input\[0\].type: a text"),
    ],
)
def test_a_malformed_conversation_is_refused_by_name(name, body, message):
    with pytest.raises(ApiError, match=message):
        FORMATS[name].read(body)
