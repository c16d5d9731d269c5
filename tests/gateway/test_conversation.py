"""Who answers in a conversation: pure functions of what the request holds."""

import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.running import config_of

from tiny_dancer.gateway.routing.conversation import read_chat
from tiny_dancer.turns import MAX_TURNS


def test_a_conversation_that_came_to_the_powerful_model_stays_there(running, client):
    http = client(running())
    said = told(http.post("/v1/chat/completions", json=chat(EASY, HARD, EASY)))
    assert (said["decision"], said["reason"]) == ("powerful", "sticky")
    said = told(http.post("/v1/chat/completions", json=chat(EASY, EASY)))
    assert (said["decision"], said["reason"]) == ("light", "below_threshold")


def test_sticky_can_be_switched_off(running, client):
    http = client(running(policy={"sticky": False}))
    said = told(http.post("/v1/chat/completions", json=chat(HARD, EASY)))
    assert (said["decision"], said["reason"]) == ("light", "below_threshold")


def test_a_conversation_id_remembers_turns_that_the_client_leaves_out(running, client):
    http = client(running())
    same = {"x-conversation-id": "c-1"}
    http.post("/v1/chat/completions", json=chat(HARD), headers=same)
    assert (
        told(http.post("/v1/chat/completions", json=chat(EASY), headers=same))["reason"] == "sticky"
    )
    other = http.post("/v1/chat/completions", json=chat(EASY), headers={"x-conversation-id": "c-2"})
    assert told(other)["decision"] == "light"


def test_only_the_final_decision_is_recorded(running, client):
    gateway = running()
    http = client(gateway)
    http.post("/v1/chat/completions", json=chat(EASY, HARD, EASY))
    assert gateway.stats()["total_routes"] == 1


def test_images_and_tools_go_where_they_can_be_served(running, client, light, powerful):
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    message = {"role": "user", "content": [{"type": "text", "text": EASY}, image]}
    http = client(running())
    said = told(http.post("/v1/chat/completions", json={"model": "auto", "messages": [message]}))
    assert (said["decision"], said["reason"]) == ("powerful", "capability")

    rows = config_of(light.url, powerful.url)["upstreams"]
    rows[0]["tools"] = False
    http = client(running(upstreams=rows))
    tools = [{"type": "function", "function": {"name": "now", "parameters": {}}}]
    said = told(http.post("/v1/chat/completions", json=chat(tools=tools)))
    assert (said["decision"], said["reason"]) == ("powerful", "capability")
    answer = http.post("/v1/chat/completions", json=chat(model="small", tools=tools))
    assert answer.status_code == 400 and "takes no tools" in answer.json()["error"]["message"]


def test_what_is_too_long_goes_to_the_longer_context(running, client, light, powerful):
    rows = config_of(light.url, powerful.url)["upstreams"]
    rows[0]["context"] = 1000
    http = client(running(upstreams=rows))
    said = told(http.post("/v1/chat/completions", json=chat(EASY, max_tokens=2000)))
    assert (said["decision"], said["reason"]) == ("powerful", "capability")


def test_a_short_turn_is_scored_behind_the_one_before():
    conversation = read_chat(
        chat("Sort this list in Python.", "and in Rust?", "Thank you, that is all I need.")
    )
    assert conversation.texts == (
        "Sort this list in Python.",
        "Sort this list in Python.\nand in Rust?",
        "Thank you, that is all I need.",
    )


def test_only_the_last_turns_are_decided_on():
    assert len(read_chat(chat(*(["one two three four five six"] * 100))).texts) == MAX_TURNS


@pytest.mark.parametrize("messages", [None, [], "hi", [7], [{"content": "no role"}], [{"role": 7}]])
def test_messages_that_are_none_are_refused(running, client, messages):
    answer = client(running()).post("/v1/chat/completions", json={"messages": messages})
    assert answer.status_code == 400 and "messages" in answer.json()["error"]["message"]


def test_a_lone_surrogate_is_no_trouble(running, client):
    body = b'{"model": "auto", "messages": [{"role": "user", "content": "\\ud800 hi"}]}'
    headers = {"content-type": "application/json"}
    answer = client(running()).post("/v1/chat/completions", content=body, headers=headers)
    assert answer.status_code == 200
