"""The history's rooms import one way, and the breaker knows nothing of where its states lie."""

from pathlib import Path

from unit.test_import_order import own_imports

import tiny_dancer

HISTORY = Path(tiny_dancer.__file__).parent / "history"
ROWS = (("records",), ("stores",), ("readings",), ("states",), ("writer",))
ROW = {room: row for row, rooms in enumerate(ROWS) for room in rooms}


def room(path: tuple[str, ...]) -> int:
    """The row of a file of the history; those outside a room use them all."""
    return ROW.get(path[1], len(ROWS)) if len(path) > 2 else len(ROWS)


def test_every_room_has_a_row() -> None:
    assert {p.name for p in HISTORY.iterdir() if p.is_dir()} - {"__pycache__"} == set(ROW)


def test_rooms_import_lower_ones_only() -> None:
    wrong = [
        (here, there)
        for here, there in own_imports()
        if here[0] == there[0] == "history"
        and here[1] != there[1]
        and room(there) >= room(here)
        and not room(here) == room(there) == len(ROWS)
    ]
    assert not wrong


def test_the_breaker_imports_no_history() -> None:
    assert not [
        pair for pair in own_imports() if pair[0][0] == "breaker" and pair[1][0] == "history"
    ]
