"""What people complain of in routers, each as a test. tests/edge asks the Worker the same."""

import itertools

import httpx
import pytest
from gateway.agents.conftest import hold
from gateway.asking import EASY, HARD, chat, told
from gateway.running import KEY
from patience import PATIENCE_S

from tiny_dancer.gateway.routing.mark import find_mark

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
DONE = {"role": "assistant", "content": "Done."}


@pytest.fixture
def post(field):
    """Sends a body to the next of the gateways."""
    n = itertools.count()
    with httpx.Client(
        headers={"authorization": f"Bearer {KEY}"}, timeout=PATIENCE_S, trust_env=False
    ) as http:

        def send(body, path="chat/completions", **headers):
            url = field.urls[next(n) % len(field.urls)]
            return http.post(f"{url}/v1/{path}", json=body, headers=headers)

        yield send


def say(text):
    return {"role": "user", "content": text}


def body_of(*messages, **more):
    return {"model": "auto", "messages": list(messages), "tools": [TOOL], **more}


def call(one):
    """An assistant's call of a tool, and its result."""
    made = {"id": one, "type": "function", "function": {"name": "look", "arguments": "{}"}}
    result = {"role": "tool", "tool_call_id": one, "content": "It is there."}
    return {"role": "assistant", "content": None, "tool_calls": [made]}, result


def rows(field, **light):
    raw = field.config(["chat", "messages", "responses"])["upstreams"]
    raw[0] |= light
    return raw


def test_a_fallback_starts_from_the_model_that_was_chosen(field, serve, post):
    serve()
    field.light.status = 503
    said = told(post(chat(EASY)))
    assert (said["decision"], said["served-by"], said["switched"]) == ("light", "big", "fallback")
    field.light.status, field.powerful.status = 200, 503
    said = told(post(chat(HARD)))
    assert (said["decision"], said["served-by"]) == ("powerful", "small")


def test_a_fallback_goes_to_no_model_that_cannot_do_the_request(field, serve, post):
    serve(upstreams=rows(field, vision=False))
    field.powerful.status = 503
    shown = {"role": "user", "content": [{"type": "text", "text": EASY}, IMAGE]}
    answer = post({"model": "auto", "messages": [shown]})
    assert answer.status_code == 502 and told(answer)["switched"] == "capability"
    assert not field.light.asked


def test_a_fallback_goes_to_no_context_shorter_than_the_prompt(field, serve, post):
    serve(upstreams=rows(field, context=2_000))
    field.powerful.status = 503
    for body in (
        chat(HARD, "x" * 9_000),
        chat(HARD, max_tokens=3_000),
        chat(HARD, tools=[TOOL | {"description": "x" * 9_000}]),
    ):
        assert post(body).status_code == 502
    assert not field.light.asked and len(field.powerful.asked) == 3
    field.powerful.status = 200
    assert told(post(chat(EASY, max_tokens=3_000)))["switched"] == "capability"


def test_an_error_names_what_was_tried_and_when_to_come_back(field, serve, post):
    serve()
    field.light.status = field.powerful.status = 503
    answer = post(chat(EASY))
    message = answer.json()["error"]["message"]
    assert message.endswith("Tried: small (status 503), big (status 503).")
    assert answer.headers["retry-after"] == "1"
    for url in field.urls:
        hold(url, "powerful", "open")
    message = post(chat(EASY)).json()["error"]["message"]
    assert message.endswith("Tried: small (status 503), big (circuit breaker open).")
    for url in field.urls:
        hold(url, "light", "open")
    answer = post(chat(EASY))
    assert answer.status_code == 503 and "is open: small, big." in answer.json()["error"]["message"]
    assert int(answer.headers["retry-after"]) > 0


def test_a_follow_up_is_decided_in_its_context(field, serve, post):
    serve()
    for follow in ("commit it", "and in Rust?", "yes, go on please"):
        said = told(post(body_of(say(HARD), DONE, say(follow))))
        assert said["decision"] == "powerful" and "switched" not in said
        assert told(post(body_of(say(EASY), DONE, say(EASY))))["decision"] == "light"


def test_a_model_does_not_change_within_a_tool_loop(field, serve, post):
    """Also where the history is cut, or grew hard, since the loop began."""
    serve()
    mark = find_mark("small")
    loop = call("call_x_1" + mark)
    for history in (
        (say(HARD), *loop),
        loop,
        (say("A summary of what was said."), *loop),
        (*call("call_y_1" + find_mark("big")), DONE, say(HARD), *loop),
        (say(EASY), *loop, say("<system-reminder>Think hard.</system-reminder>")),
        (say(HARD), loop[0], loop[1] | {"tool_call_id": "call_x_1"}),
    ):
        said = told(post(body_of(*history)))
        assert said["served-by"] == "small" and "switched" not in said, history
        sent = str(field.light.asked[-1].body)
        assert mark not in sent and find_mark("big") not in sent


def test_an_image_in_a_result_moves_a_loop_to_a_model_that_reads_it(field, serve, post):
    serve(upstreams=rows(field, vision=False))
    made, result = call("call_x_1" + find_mark("small"))
    history = [say(EASY), made, result, {"role": "user", "content": [IMAGE]}]
    said = told(post(body_of(*history)))
    assert (said["served-by"], said["switched"]) == ("big", "capability")
    history += call("call_x_2" + find_mark("big"))
    said = told(post(body_of(*history)))
    assert said["served-by"] == "big" and "switched" not in said


def test_a_session_that_turns_hard_says_so_once(field, serve, post):
    serve()
    turns = [say(EASY), DONE, say(HARD)]
    assert told(post(body_of(*turns)))["switched"] == "escalated"
    assert "switched" not in told(post(body_of(*turns, DONE, say(EASY))))
    in_loop = [*turns, *call("call_x_1" + find_mark("big"))]
    assert "switched" not in told(post(body_of(*in_loop)))
    first = [told(post(body_of(*turns[: 2 * n + 1])))["session"] for n in range(2)]
    assert first[0] == first[0].lower() and len(first[0]) == 12


def test_a_breaker_that_is_open_says_so(field, serve, post):
    serve()
    for url in field.urls:
        hold(url, "light", "open")
    said = told(post(chat(EASY)))
    assert (said["served-by"], said["switched"]) == ("big", "breaker")
    said = told(post(body_of(say(EASY), *call("call_x_1" + find_mark("small")))))
    assert (said["served-by"], said["switched"]) == ("big", "breaker")


def test_state_of_a_server_is_asked_of_nobody_else(field, serve, post):
    serve()
    first = post({"model": "light", "input": EASY}, "responses").json()
    assert first["id"].endswith(find_mark("small"))
    follow = {"model": "auto", "input": HARD, "previous_response_id": first["id"]}
    said = told(post(follow, "responses"))
    assert (said["served-by"], said["reason"]) == ("small", "sticky")
    refers = [say(HARD), {"type": "item_reference", "id": first["output"][0]["id"]}]
    assert told(post({"model": "auto", "input": refers}, "responses"))["served-by"] == "small"
    field.light.status = 503
    for body in (follow, {"model": "auto", "input": refers}):
        answer = post(body, "responses")
        assert answer.status_code == 502 and "Upstream small" in answer.json()["error"]["message"]
    for url in field.urls:
        hold(url, "light", "open")
    answer = post(follow, "responses")
    assert answer.status_code == 503 and "is open: small." in answer.json()["error"]["message"]
    assert not field.powerful.asked
    gone = {**follow, "previous_response_id": "resp_1" + find_mark("retired")}
    assert "no longer configured" in post(gone, "responses").json()["error"]["message"]
    both = [*refers, {"type": "item_reference", "id": "msg_1" + find_mark("big")}]
    answer = post({"model": "auto", "input": both}, "responses")
    assert answer.json()["error"]["code"] == "state_of_two_upstreams"


def test_state_whose_id_says_nothing_is_always_looked_for_in_one_place(field, serve, post):
    serve()
    for text in (EASY, HARD):
        shown = {"role": "user", "content": [{"type": "input_text", "text": text}]}
        shown["content"].append({"type": "input_image", "file_id": "file-1"})
        body = {"model": "auto", "input": [shown]}
        assert told(post(body, "responses"))["served-by"] == "big"
    assert not field.light.asked


def test_thinking_of_a_turn_that_is_over_binds_nobody(field, serve, post):
    serve()
    first = post({"model": "light", "input": EASY}, "responses").json()
    later = [say(EASY), *first["output"], say(HARD)]
    answer = post({"model": "auto", "input": later}, "responses")
    said = told(answer)
    assert (said["served-by"], said["switched"], said["dropped"]) == (
        "big",
        "escalated",
        "reasoning",
    )
    assert field.powerful.refused == []


def test_sessions_weigh_the_cache_that_they_would_lose(field, serve, post):
    """`sticky = "cost"`: back to the cheaper model where that pays, and not where it does not."""
    upstreams = rows(field)
    upstreams[0] |= {"price_in": 3.0, "price_out": 9.0}
    upstreams[1] |= {"price_in": 10.0, "price_out": 20.0, "price_cached_in": 1.0}
    serve(policy={"sticky": "cost"}, upstreams=upstreams)
    back = [say(HARD), DONE, say(EASY)]
    said = told(post(body_of(*back)))
    assert (said["served-by"], said["switched"]) == ("small", "cost")
    long = [say(HARD), DONE | {"content": "word " * 90_000}, say(EASY)]  # 150,000 tokens cached
    said = told(post(body_of(*long)))
    assert (said["served-by"], said["reason"]) == ("big", "sticky")
    loop = [*back, *call("call_x_1" + find_mark("small"))]
    said = told(post(body_of(*loop)))
    assert said["served-by"] == "small" and "switched" not in said
    assert told(post(body_of(*back, DONE, say(HARD))))["switched"] == "escalated"
