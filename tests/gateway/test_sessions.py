"""The dearest model that each conversation has come to."""

from tiny_dancer.gateway.routing.sessions import Sessions


def test_the_map_of_conversations_is_bounded_and_each_callers_own():
    sessions = Sessions(2)
    assert sessions.escalate("me", "c", 1) == 1
    assert sessions.escalate("me", "c", 0) == 1
    assert sessions.escalate("you", "c", 0) == 0
    assert sessions.escalate("me", None, 0) == sessions.escalate("me", "x" * 201, 0) == 0
    sessions.escalate("me", "d", 0)  # pushes out the one not heard of for longest
    assert sessions.escalate("me", "c", 0) == 0
