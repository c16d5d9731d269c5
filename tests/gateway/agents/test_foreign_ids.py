"""Ids of tool calls at another upstream than the one that gave them."""

import json
import re

import pytest
from gateway.agents.conftest import NATIVE, say
from gateway.agents.test_odd_sessions import make_loop
from gateway.asking import EASY, HARD, told
from gateway.formats import chats
from gateway.formats.scripted import Scripted

from tiny_dancer.gateway.routing.mark import find_mark

SMALL = find_mark("small")
ODD = {"signs": "functions.look:0", "long": "call_" + "x" * 60, "very long": "call_" + "x" * 300}
PATHS = ["chat/completions", "messages", "responses"]


def make_turn(path, one):
    """A turn that is over, with one call of a tool."""
    return [say(EASY), *make_loop(path, one), {"role": "assistant", "content": "Done."}]


def list_ids(asked):
    """Ids of the call and of its result, as an upstream got them."""
    names = "tool_call_id|tool_use_id|call_id|id"
    return re.findall(rf'"(?:{names})": ?"([^"]*)"', json.dumps(asked.body))


@pytest.mark.parametrize("api", ["native", "translated"])
@pytest.mark.parametrize("given", ODD.values(), ids=ODD)
@pytest.mark.parametrize("path", PATHS)
def test_an_id_that_another_upstream_may_refuse_becomes_one_that_all_take(
    field, serve, ask, path, given, api
):
    """Servers give ids with dots and colons, and of hundreds of characters; others refuse them."""
    serve(NATIVE if api == "native" else ["chat"])
    name = "input" if path == "responses" else "messages"
    more = {"max_tokens": 100} if path == "messages" else {}
    history = make_turn(path, given + SMALL)
    for _ in range(2):  # by both processes
        assert told(ask(path, **{name: [*history, say(HARD)]}, **more))["served-by"] == "big"
    first, second = (list_ids(asked) for asked in field.powerful.asked)
    assert first == second and len(first) == 2 and len(set(first)) == 1
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", first[0])
    assert told(ask(path, **{name: [*history, say(EASY)]}, **more))["served-by"] == "small"
    assert list_ids(field.light.asked[-1]) == [given, given]
    assert field.refused == []


@pytest.mark.parametrize("path", PATHS)
def test_an_id_that_all_take_and_one_of_the_clients_own_go_up_as_they_are(field, serve, ask, path):
    serve()
    name = "input" if path == "responses" else "messages"
    more = {"max_tokens": 100} if path == "messages" else {}
    for given, sent in (("call_1" + SMALL, "call_1"), ("mine:" + "y" * 60, "mine:" + "y" * 60)):
        answer = ask(path, **{name: [*make_turn(path, given), say(HARD)]}, **more)
        assert told(answer)["served-by"] == "big"
        assert list_ids(field.powerful.asked[-1]) == [sent, sent]


@pytest.mark.parametrize("is_streamed", [False, True], ids=["whole", "streamed"])
def test_calls_that_came_without_ids_get_ones_that_differ(field, serve, ask, is_streamed):
    """Messages refuses two calls of one id in a conversation."""

    def answer(asked):
        call = {"type": "function", "function": {"name": "look", "arguments": "{}"}}
        if not is_streamed:
            return chats.whole("tool_calls", tool_calls=[call, call])
        pieces = [{"index": n, **call} for n in range(2)]
        return chats.stream(*(chats.chunk(tool_calls=[one]) for one in pieces), finish="tool_calls")

    server = Scripted(answer)
    upstreams = field.config(["chat"])["upstreams"]
    upstreams[0]["base_url"] = server.url
    serve(["chat"], upstreams=upstreams)
    tools = [{"name": "look", "input_schema": {"type": "object"}}]
    history, seen = [say(EASY)], []
    for _ in range(3):
        got = ask("messages", messages=history, tools=tools, max_tokens=100, stream=is_streamed)
        ids = re.findall(r'"id": ?"(call_[^"]*)"', got.text)
        seen += ids
        uses = [{"type": "tool_use", "id": one, "name": "look", "input": {}} for one in ids]
        results = [{"type": "tool_result", "tool_use_id": one, "content": "ok"} for one in ids]
        history += [{"role": "assistant", "content": uses}, {"role": "user", "content": results}]
    server.close()
    assert len(seen) == len(set(seen)) == 6 and all(one.endswith(SMALL) for one in seen)
