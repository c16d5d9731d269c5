"""Sessions of clients that do something odd, over two gateways in turn."""

import pytest
from gateway.agents.conftest import hold, say
from gateway.asking import EASY, HARD, told

from tiny_dancer.gateway.routing.mark import find_mark, split_mark

SMALL, BIG = find_mark("small"), find_mark("big")
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}


def make_loop(path, one):
    """A call of a tool, and its result."""
    made = {"id": one, "type": "function", "function": {"name": "look", "arguments": "{}"}}
    used = {"type": "tool_use", "id": one, "name": "look", "input": {}}
    done = {"type": "tool_result", "tool_use_id": one, "content": "It is there."}
    call = {"type": "function_call", "call_id": one, "name": "look", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": one, "output": "It is there."}
    return {
        "chat/completions": (
            {"role": "assistant", "content": None, "tool_calls": [made]},
            {"role": "tool", "tool_call_id": one, "content": "It is there."},
        ),
        "messages": (
            {"role": "assistant", "content": [used]},
            {"role": "user", "content": [done]},
        ),
        "responses": (call, output),
    }[path]


@pytest.mark.parametrize("text", ["", " \n", "continue"], ids=["empty", "white space", "short"])
@pytest.mark.parametrize("path", ["chat/completions", "messages", "responses"])
def test_next_to_nothing_said_behind_a_result_begins_no_turn(field, serve, ask, path, text):
    serve()
    loop = make_loop(path, "call_x_1" + BIG)  # it has moved there
    name = "input" if path == "responses" else "messages"
    more = {"max_tokens": 100} if path == "messages" else {}
    answer = ask(path, **{name: [say(EASY), *loop, say(text)]}, **more)
    assert told(answer)["served-by"] == "big" and field.refused == []


@pytest.mark.parametrize("path", ["chat/completions", "messages", "responses"])
def test_who_asked_for_a_result_gets_it_also_where_the_user_speaks_behind_it(
    field, serve, ask, path
):
    """Unless what the user says needs a dearer model."""
    serve()
    name = "input" if path == "responses" else "messages"
    more = {"max_tokens": 100} if path == "messages" else {}
    again = f"Another question, if I may: {EASY}"
    reminder = say("<system-reminder>It is noon.</system-reminder>")
    for first, mark, said, by in (
        (EASY, BIG, (say(again),), "big"),  # the loop had moved
        (EASY, BIG, (reminder, say(again)), "big"),
        (HARD, SMALL, (say(again),), "small"),
        (EASY, SMALL, (say(again),), "small"),
        (EASY, SMALL, (say(HARD),), "big"),
    ):
        history = [say(first), *make_loop(path, "call_x_1" + mark), *said]
        assert told(ask(path, **{name: history}, **more))["served-by"] == by
    assert field.refused == []


def test_a_loop_of_functions_stays_though_they_have_no_ids(field, serve, ask):
    """As far as one process knows: nothing in such a request says who answered."""
    serve(n=1)
    function = {"name": "look", "parameters": {"type": "object"}}
    call = {"name": "look", "arguments": "{}"}
    made = {"role": "assistant", "content": None, "function_call": call}
    result = {"role": "function", "name": "look", "content": "It is there."}
    history, served = [say(EASY)], []
    for mode in ("closed", "open", "closed", "closed"):
        hold(field.urls[0], "light", mode)
        answer = ask("chat/completions", messages=history, functions=[function])
        served.append(told(answer)["served-by"])
        history += [made, result]
    assert served == ["small", "big", "big", "big"]


def test_an_id_of_the_clients_own_is_no_mark():
    for one in ("call_td12345", "call_td01890", "call_tdABCDE", "call_tdäöüßé"):
        assert split_mark(one) == (one, None)
    assert split_mark("call_1" + SMALL) == ("call_1", SMALL)


def test_what_a_server_ran_in_a_turn_that_is_over_goes_to_no_other(field, serve, ask):
    serve()
    ran = {"type": "server_tool_use", "name": "web_search", "input": {"query": "x"}}
    page = {"type": "web_search_result", "url": "u", "title": "t", "encrypted_content": "sealed"}
    cites = {"type": "web_search_result_location", "encrypted_index": "sealed", "cited_text": "c"}
    quotes = {"type": "char_location", "cited_text": "c", "document_index": 0}
    content = [
        {**ran, "id": "srvtoolu_1" + SMALL},
        {
            "type": "web_search_tool_result",
            "tool_use_id": "srvtoolu_1" + SMALL,
            "content": [page],
        },
        {"type": "text", "text": "Found.", "citations": [cites, quotes]},
    ]
    history = [say(EASY), {"role": "assistant", "content": content}]
    asked = {"tools": [SEARCH], "max_tokens": 100}
    answer = ask("messages", messages=[*history, say(HARD)], **asked)
    assert (told(answer)["served-by"], told(answer)["dropped"]) == ("big", "server_tool_use")
    sent = field.powerful.asked[-1].body["messages"][1]["content"]
    assert sent == [{"type": "text", "text": "Found.", "citations": [quotes]}]
    answer = ask("messages", messages=[*history, say(EASY)], **asked)
    assert told(answer)["served-by"] == "small" and "dropped" not in told(answer)
    sent = field.light.asked[-1].body["messages"][1]["content"]
    assert [one.get("id") or one.get("tool_use_id") for one in sent[:2]] == ["srvtoolu_1"] * 2
    assert sent[1]["content"] == [page] and sent[2] == content[2]


def test_what_a_server_ran_ties_responses_as_reasoning_does(field, serve, ask):
    serve()
    ran = [
        {"type": "web_search_call", "id": "ws_1" + SMALL, "status": "completed"},
        {
            "type": "mcp_approval_request",
            "id": "mcpr_1" + SMALL,
            "name": "look",
            "arguments": "{}",
            "server_label": "s",
        },
        {
            "type": "mcp_approval_response",
            "approval_request_id": "mcpr_1" + SMALL,
            "approve": True,
        },
    ]
    tools = [{"type": "web_search"}]
    over = [say(EASY), *ran, {"role": "assistant", "content": "Found."}]
    answer = ask("responses", input=[*over, say(HARD)], tools=tools)
    assert told(answer)["served-by"] == "big"
    dropped = "web_search_call, mcp_approval_request, mcp_approval_response"
    assert told(answer)["dropped"] == dropped
    sent = field.powerful.asked[-1].body["input"]
    assert sent == [say(EASY), {"role": "assistant", "content": "Found."}, say(HARD)]
    answer = ask("responses", input=[*over, say(EASY)], tools=tools)
    assert told(answer)["served-by"] == "small" and "dropped" not in told(answer)
    field.light.status = 503
    n = len(field.powerful.asked)
    assert ask("responses", input=[say(EASY), *ran], tools=tools).status_code == 502
    assert len(field.powerful.asked) == n  # in the midst of what one server runs


@pytest.mark.parametrize("path", ["messages", "responses"])
def test_a_loop_with_signed_thinking_moves_where_its_owner_cannot_read_an_image(
    field, serve, ask, path
):
    """Else each further request of the session would be refused. It stays where it has moved."""
    raw = field.config(["chat", "messages", "responses"])["upstreams"]
    raw[0]["vision"] = False
    serve(upstreams=raw)
    if path == "messages":
        name, more = "messages", {"max_tokens": 2_000}
        more["thinking"] = {"type": "enabled", "budget_tokens": 1_024}
        more["tools"] = [{"name": "look", "input_schema": {"type": "object"}}]
        source = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
        image = {"type": "image", "source": source}
    else:
        name, more = "input", {"store": False, "include": ["reasoning.encrypted_content"]}
        more["tools"] = [{"type": "function", "name": "look", "parameters": {}, "strict": False}]
        image = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
    history, said = [say(f"{EASY} [main turn 1 calls 6]")], []
    for result in ("It is there.", [image], "It is there.", "It is there."):
        answer = ask(path, **{name: history}, **more)
        said.append(told(answer))
        value = answer.json()
        if path == "messages":
            calls = [one["id"] for one in value["content"] if one["type"] == "tool_use"]
            results = [
                {"type": "tool_result", "tool_use_id": one, "content": result} for one in calls
            ]
            history += [{"role": "assistant", "content": value["content"]}]
            history += [{"role": "user", "content": results}] if calls else []
        else:
            calls = [one["call_id"] for one in value["output"] if one["type"] == "function_call"]
            history += value["output"]
            history += [
                {"type": "function_call_output", "call_id": one, "output": result} for one in calls
            ]
    assert [one["served-by"] for one in said] == ["small", "small", "big", "big"]
    assert [one.get("switched") for one in said] == [None, None, "capability", None]
    thinking = "thinking" if path == "messages" else "reasoning"
    assert [one.get("dropped") for one in said] == [None, None, thinking, thinking]
    assert field.refused == []
