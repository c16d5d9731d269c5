"""A writer that says what was acknowledged, to run beside others; and what it left in the store."""

from collections.abc import Callable

from stores.samples import decision

from tiny_dancer.history.records import Outcome
from tiny_dancer.history.stores.store import HistoryStore, Versioned


async def write(
    store: HistoryStore, name: str, batches: int, say: Callable[[str], object] = len
) -> None:
    """Ten decisions a batch, one more that all writers write, an outcome, and two states.

    One state is this writer's own; the other is counted up by all of them.
    """
    first = (await store.load_states("breaker")).get(name, Versioned(0, "")).version
    for batch in range(first, first + batches):
        ids = [f"{name}-{batch}-{n}" for n in range(10)]
        await store.record_routings([decision(0, decision_id=i) for i in (*ids, f"all-{batch}")])
        say(f"decision {ids[-1]}")
        assert await store.record_outcomes([Outcome(decision_id=ids[-1], at=1.0, cost=1.0)]) == ()
        say(f"outcome {ids[-1]}")
        assert await store.swap_state("breaker", name, str(batch), batch)
        say(f"state {batch + 1}")
        while True:
            shared = (await store.load_states("drift")).get("x", Versioned(0, "0"))
            if await store.swap_state("drift", "x", str(int(shared.text) + 1), shared.version):
                break


async def look(store: HistoryStore) -> dict:
    """What is there, to be compared with what was said."""
    states, drift = await store.load_states("breaker"), await store.load_states("drift")
    statistics = await store.statistics()
    return {
        "decision": [row[0] for _, row in await store.scan("decision", 0, 100_000)],
        "outcome": [row[0] for _, row in await store.scan("outcome", 0, 100_000)],
        "states": {name: state.version for name, state in states.items()},
        "shared": {name: state.text for name, state in drift.items()},
        "totals": [statistics.total_routes, statistics.cost],
    }


def missing(said: list[str], name: str, found: dict) -> list[str]:
    """What a writer of this name said was stored, and is not."""
    lost = []
    for line in said:
        kind, what = line.split()
        if kind == "state":
            there = found["states"].get(name, 0) >= int(what)
        else:
            there = what in found[kind]
        if not there:
            lost.append(line)
    return lost


def expected(names: str, batches: int) -> dict:
    """What `look` finds after writers of these names, a letter each, wrote side by side."""
    numbers = range(batches)
    own = [f"{name}-{batch}-{n}" for name in names for batch in numbers for n in range(10)]
    total = len(own) + batches
    return {
        "decision": sorted([*own, *(f"all-{batch}" for batch in numbers)]),
        "outcome": sorted(one for one in own if one.endswith("-9")),
        "states": dict.fromkeys(names, batches),
        "shared": {"x": str(len(names) * batches)},
        "totals": [total, len(names) * batches],
    }
