"""What tells sessions apart, and what a process remembers of them."""

import pytest
from gateway.asking import chat

from tiny_dancer.gateway.config.settings import PolicyConfig
from tiny_dancer.gateway.routing.conversation import read_chat
from tiny_dancer.gateway.routing.sessions import Sessions

TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object"}}}
SYSTEM = {"role": "system", "content": "You are a planner."}
POLICY = PolicyConfig()


def find(sessions, body, caller="me", name=None, now=0.0):
    return sessions.find(caller, name, read_chat(body), POLICY, now)


def come_to(sessions, floor, body, caller="me", name=None, now=0.0):
    """The floor of a session before a request that brings it to another one."""
    session, standing = find(sessions, body, caller, name, now)
    sessions.remember(session, standing, floor, now)
    return standing.floor


def test_the_map_of_sessions_is_bounded_and_each_callers_own():
    sessions = Sessions(2)
    assert come_to(sessions, 1, chat(), name="c") is None
    assert come_to(sessions, 1, chat(), name="c") == 1
    assert come_to(sessions, 0, chat(), caller="you", name="c") is None
    assert come_to(sessions, 0, chat(), name="d") is None  # pushes out the one longest unheard of
    assert come_to(sessions, 0, chat(), name="c") is None


@pytest.mark.parametrize("name", [None, "", "x" * 201])
def test_without_a_name_the_turns_alone_say_what_a_session_came_to(name):
    """Many conversations begin alike: one of them must not bring all to the dearer model."""
    sessions = Sessions(9)
    come_to(sessions, 1, chat("hello"), name=name)
    assert come_to(sessions, 0, chat("hello"), name=name) is None


def test_a_session_is_the_clients_name_or_how_it_begins_and_the_system_prompt():
    sessions = Sessions(9)

    def key(body, name=None, caller="me"):
        return find(sessions, body, caller, name)[0].key

    first = key(chat("begin", tools=[TOOL]))
    assert key(chat("begin", "and so on", tools=[TOOL])) == first
    assert key(chat("begin elsewhere", tools=[TOOL])) != first
    assert key(chat("begin")) != first  # other tools
    assert key(chat("begin", tools=[TOOL]), caller="you") != first
    planned = chat("begin", tools=[TOOL])
    planned["messages"].insert(0, SYSTEM)
    assert key(planned) != first
    assert key(chat("one"), "c-1") == key(chat("two"), "c-1") != key(chat("two"), "c-2")
    assert key(planned, "c-1") != key(chat("one"), "c-1")  # a subagent under the same name


def test_what_changes_from_request_to_request_in_a_system_prompt_is_not_of_it():
    sessions, bodies = Sessions(9), []
    for n in range(2):
        bodies.append(chat("begin"))
        head = f"x-anthropic-billing-header: v={n};\nYou are a planner."
        bodies[-1]["messages"].insert(0, {"role": "system", "content": head})
    assert find(sessions, bodies[0])[0] == find(sessions, bodies[1])[0]


def test_processes_with_one_salt_name_a_session_alike_and_nobody_else_can():
    one, two, other = Sessions(9), Sessions(9), Sessions(9)
    one.salt = two.salt = b"k" * 32
    other.salt = b"o" * 32
    names = [find(sessions, chat("begin"))[0].name for sessions in (one, two, other)]
    assert names[0] == names[1] != names[2]
    assert len(names[0]) == 12 and names[0].isalnum()


def test_a_long_pause_ends_a_session_but_no_tool_loop():
    sessions = Sessions(9)
    turns = ["a first turn of more than five words", "a second turn of more than five words"]
    come_to(sessions, 1, chat(turns[0]), now=1_000.0)
    _, standing = find(sessions, chat(*turns), now=4_600.0)
    assert not standing.is_idle
    session, standing = find(sessions, chat(*turns), now=4_600.5)
    assert standing.is_idle and standing.first == 1
    sessions.remember(session, standing, 0, 4_600.5)
    _, standing = find(sessions, chat(*turns), now=4_601.0)  # the same again: it began anew
    assert not standing.is_idle and standing.first == 1
    _, standing = find(sessions, chat(turns[0]), now=4_602.0)  # the client compacted its history
    assert standing.first == 0
