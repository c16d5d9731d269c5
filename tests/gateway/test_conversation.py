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


LONG_IN_CHINESE = "请根据以上全部文件的内容写一份完整的架构设计文档并且逐条证明其正确性"


@pytest.mark.parametrize(
    ("turn", "is_short"),
    [("那用Rust呢?", True), ("続けてください", True), (LONG_IN_CHINESE, False), ("ok " * 6, False)],
)
def test_words_are_counted_where_a_script_has_no_spaces_too(turn, is_short):
    assert (read_chat(chat("Sort this list.", turn)).texts[-1] != turn) is is_short


def after_a_result(text):
    """A call of a tool, its result, and what the user says behind it."""
    made = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    return [
        {"role": "user", "content": "Look."},
        {"role": "assistant", "content": None, "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "call_1", "content": "There."},
        {"role": "user", "content": text},
    ]


def test_a_task_behind_a_result_is_a_turn_in_any_script():
    assert read_chat({"messages": after_a_result(LONG_IN_CHINESE)}).turns == 2
    assert read_chat({"messages": after_a_result("继续")}).turns == 1


@pytest.mark.parametrize("foreign", [None, [], "x"])
def test_a_field_of_another_format_changes_nothing(running, client, foreign):
    body = {"messages": after_a_result("Now write a long poem about all of it."), "input": foreign}
    answer = client(running()).post("/v1/chat/completions", json=body)
    assert answer.status_code == 200


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
