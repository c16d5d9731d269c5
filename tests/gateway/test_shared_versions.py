"""What one process tells the others of its changes."""

import asyncio

from tiny_dancer.gateway.versions import SharedVersions
from tiny_dancer.history import MemoryStore


def test_processes_learn_of_each_others_changes_until_they_have_taken_them():
    async def play():
        store = MemoryStore()
        one, other = SharedVersions(), SharedVersions()
        await one.announce(store, "bundle")
        await one.announce(store, "bundle")
        assert await one.find_changes(store) == {}
        assert await other.find_changes(store) == {"bundle": 2}
        assert await other.find_changes(store) == {"bundle": 2}
        other.take("bundle", 2)
        assert await other.find_changes(store) == {}
        await other.announce(store, "candidates")
        assert await one.find_changes(store) == {"candidates": 1}

    asyncio.run(play())


def test_a_look_is_due_every_five_seconds():
    versions = SharedVersions()
    assert [versions.is_due(t) for t in (10, 11, 14.9, 15, 16, 3)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]
