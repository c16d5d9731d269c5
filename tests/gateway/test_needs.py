"""What a conversation needs of a model is seen, and goes where it can be served."""

import json

import pytest
from gateway.asking import EASY, chat, told
from gateway.running import config_of

from tiny_dancer.gateway.routing.conversation import BYTES_A_TOKEN, NEEDS, read_chat

TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object"}}}


def part(kind, **more):
    message = {"role": "user", "content": [{"type": "text", "text": EASY}, {"type": kind, **more}]}
    return {"model": "auto", "messages": [message]}


NEEDY = {
    "an image": (part("image_url", image_url={"url": "data:image/png;base64,AAAA"}), "vision"),
    "audio in": (part("input_audio", input_audio={"data": "AAAA", "format": "wav"}), "audio"),
    "audio out": (chat(modalities=["text", "audio"], audio={"voice": "a"}), "audio"),
    "audio before": (
        {"messages": [{"role": "assistant", "audio": {"id": "a"}}, *chat()["messages"]]},
        "audio",
    ),
    "a file": (part("file", file={"file_data": "data:application/pdf;base64,AAAA"}), "files"),
    "tools": (chat(tools=[TOOL]), "tools"),
    "functions": (chat(functions=[TOOL["function"]]), "tools"),
    "a schema": (
        chat(response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}),
        "schemas",
    ),
    "several choices": (chat(n=2), "choices"),
    "log probabilities": (chat(logprobs=True, top_logprobs=2), "logprobs"),
    "JSON": (chat(response_format={"type": "json_object"}), "schemas"),
}


@pytest.mark.parametrize("shape", NEEDY)
def test_a_need_is_seen(shape):
    body, need = NEEDY[shape]
    assert read_chat(body).needs == {need}


@pytest.mark.parametrize("form", [None, {"type": "text"}])
def test_plain_text_needs_nothing(form):
    assert read_chat(chat(response_format=form, tools=[], modalities=["text"], n=1)).needs == set()


@pytest.mark.parametrize("shape", NEEDY)
def test_it_goes_where_it_can_be_served(running, client, light, powerful, shape):
    body, need = NEEDY[shape]
    rows = config_of(light.url, powerful.url)["upstreams"]
    rows[0] |= dict.fromkeys(NEEDS, False)
    rows[1] |= dict.fromkeys(NEEDS, True)
    http = client(running(upstreams=rows))
    said = told(http.post("/v1/chat/completions", json={"model": "auto", **body}))
    assert (said["decision"], said["reason"]) == ("powerful", "capability")
    answer = http.post("/v1/chat/completions", json={**body, "model": "light"})
    assert answer.status_code == 400
    assert f"takes no {NEEDS[need]}" in answer.json()["error"]["message"]
    assert not light.calls


def test_where_nobody_can_it_is_named(running, client, light, powerful):
    http = client(running())
    answer = http.post("/v1/chat/completions", json=NEEDY["audio in"][0])
    assert answer.status_code == 400 and "takes audio" in answer.json()["error"]["message"]
    assert not light.calls and not powerful.calls


def test_schemas_and_arguments_fill_the_context():
    schema = {"type": "object", "properties": {f"field{n}": {"type": "string"} for n in range(900)}}
    size = len(json.dumps(schema))
    tool = {"type": "function", "function": {"name": "now", "parameters": schema}}
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
    call = {"id": "t", "type": "function", "function": {"name": "a", "arguments": "x" * size}}
    calls = [{"role": "assistant", "tool_calls": [call]}, *chat()["messages"]]
    for body in (chat(tools=[tool]), chat(response_format=form), {"messages": calls}):
        assert read_chat(body).tokens > 0.9 * size / BYTES_A_TOKEN / 1.1


def test_schemas_that_are_too_long_go_to_the_longer_context(running, client, light, powerful):
    schema = {"type": "object", "properties": {f"field{n}": {"type": "string"} for n in range(400)}}
    tool = {"type": "function", "function": {"name": "now", "parameters": schema}}
    rows = config_of(light.url, powerful.url)["upstreams"]
    rows[0]["context"] = 2000
    said = told(
        client(running(upstreams=rows)).post("/v1/chat/completions", json=chat(tools=[tool]))
    )
    assert (said["decision"], said["reason"]) == ("powerful", "capability")
