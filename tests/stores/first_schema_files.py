"""What stands in the files of the first schema, and whether a store holds all of it."""

import json
from pathlib import Path

from tiny_dancer.history.readings.export import export_lines

FOLDER = Path(__file__).parent / "first_schema"


def given(lines: list[str]) -> list[dict]:
    """The records of an export, in its order."""
    return [json.loads(line) for line in lines[1:]]


async def lost(store, lines: list[str]) -> list[str]:
    """What of an export by the first version the store does not give back as it was.

    Fields that came later are null.
    """
    held = given([line async for line in export_lines(store)])
    wanted = given(lines)
    faults = [f"{len(held)} records, {len(wanted)} are needed"] * (len(held) != len(wanted))
    for old, new in zip(wanted, held, strict=False):
        late = {name: value for name, value in new.items() if name not in old}
        if {name: new.get(name) for name in old} != old or any(
            v is not None for v in late.values()
        ):
            faults.append(f"{old} became {new}")
    return faults


async def totals(store) -> dict:
    """Statistics in the form of `statistics.json`."""
    read = await store.statistics()
    return {
        "models": [[m.model, m.routes, m.scored, m.successes] for m in read.models],
        "candidates": [[c.candidate_id, c.routes, c.scored] for c in read.candidates],
        "totals": [read.total_routes, read.lightweight_routes, read.outcomes],
    }
