"""Scripted agent sessions over two processes that share nothing: not one torn loop, counted.

The upstreams refuse what real ones refuse: an id or a signature that they did not give, a result
without its call, a call of the running loop without its thinking.
"""

import pytest
from gateway.agents.agent import AGENTS
from gateway.agents.conftest import NATIVE, hold
from gateway.agents.strict import count_torn
from gateway.asking import EASY, HARD

WAYS = [("chat", NATIVE), ("messages", NATIVE), ("responses", NATIVE)]
WAYS += [("messages", ["chat"]), ("responses", ["chat"])]
NAMES = [f"{name} {'native' if api is NATIVE else 'translated'}" for name, api in WAYS]
every_way = pytest.mark.parametrize(("name", "api"), WAYS, ids=NAMES)


@every_way
def test_no_loop_is_torn_in_a_session_with_subagents_and_a_summary(field, serve, name, api):
    serve(api)
    kind, opened = AGENTS[name], []

    def open_agent(system, **more):
        opened.append(kind(field.urls, system, **more))
        return opened[-1]

    def send_subagent(n):
        if n == 5:
            open_agent("You search.").turn(f"{EASY} [first turn 1 calls 6]")
        if n == 10:
            open_agent("You plan.").turn(f"{HARD} [second turn 1 calls 6]")
        if n == 15:
            open_agent("You sum up.").turn(f"{EASY} [third turn 1 calls 0]")

    main = open_agent("You code.", before=send_subagent)
    main.turn(f"{EASY} [main turn 1 calls 50]")
    main.before = lambda _: None
    main.turn(f"{HARD} [main turn 2 calls 5]")
    main.turn("commit it [main turn 3 calls 3]")
    for one in opened:
        one.close()
    assert field.refused == [] and sum(one.failures for one in opened) == 0
    assert count_torn(field.log) == 0
    by_loop = {(one.session, one.turn): one.upstream for one in field.log}
    assert by_loop.pop(("third", 1))  # the summary, wherever its own text sends it
    assert by_loop == {
        ("main", 1): "small",
        ("first", 1): "small",
        ("second", 1): "big",
        ("main", 2): "big",
        ("main", 3): "big",
    }
    assert sum(one[:2] == ("main", 1) for one in field.log) == 26


@pytest.mark.parametrize("breaks", ["the upstream fails", "its breaker is open"])
@every_way
def test_a_loop_moves_once_or_waits_for_its_owner(field, serve, name, api, breaks):
    """In the midst of a loop its owner fails; then it is well again, and its breaker closed."""
    serve(api)

    def disturb(n):
        if n == 3:
            if breaks == "the upstream fails":
                field.light.status = 503
            else:
                for url in field.urls:
                    hold(url, "light", "open")
        if n == 6:
            field.recover()

    agent = AGENTS[name](field.urls, "You code.", before=disturb, recover=field.recover)
    agent.turn(f"{EASY} [main turn 1 calls 20]")
    agent.before = lambda _: None
    agent.turn(f"{EASY} [main turn 2 calls 4]")
    agent.close()
    assert field.refused == []
    first = [one.upstream for one in field.log if one.turn == 1]
    is_sealed = api == NATIVE and name != "chat"
    assert first == (["small"] * 11 if is_sealed else ["small"] * 3 + ["big"] * 8)
    assert agent.failures == (1 if is_sealed else 0)  # whose thinking it is, alone can go on
    assert count_torn(field.log, {("main", 1)}) == 0
    assert {one.upstream for one in field.log if one.turn == 2} == {"small"}


def test_a_loop_that_has_moved_does_not_move_again(field, serve):
    serve()
    steps = {2: ("small", 503), 4: ("small", 200), 5: ("big", 503)}

    def disturb(n):
        if n in steps:
            field.find(steps[n][0]).status = steps[n][1]

    agent = AGENTS["chat"](field.urls, "You code.", before=disturb, recover=field.recover)
    agent.turn(f"{EASY} [main turn 1 calls 20]")
    agent.close()
    assert agent.failures == 1 and field.refused == []
    assert [one.upstream for one in field.log] == ["small"] * 2 + ["big"] * 9
