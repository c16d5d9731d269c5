"""The metrics of several processes as one: each keeps its own in a file, and whoever is asked sums.

Counters outlive the process that counted: the one that takes its place goes on from its file.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeAlias

Samples: TypeAlias = dict[str, dict[str, float]]
"""Values by `name{labels}`, by the lines that describe their family."""


def _keep_first(first: float, _: float) -> float:
    return first


MOMENTARY: Final[dict[str, Callable[[float, float], float]]] = {
    "tiny_dancer_breaker_state": _keep_first,  # all read the same state, within seconds
    "tiny_dancer_history_store_up": min,
    "tiny_dancer_unreadable_policies": max,  # all read the same store
    "tiny_dancer_drift_alarm": max,
    "tiny_dancer_drift_warning": max,
    "tiny_dancer_drift_e_value": max,
}
"""How values are joined that are no counts; all others are added."""

OF_A_LIFE: Final = ("tiny_dancer_history_queued_records", *MOMENTARY)
"""Families that say how things stand now, and so end with their process."""

OF_THE_STORE: Final = (
    "tiny_dancer_cost_money_total",
    "tiny_dancer_saved_money",
    "tiny_dancer_saved_on_asked_money",
    "tiny_dancer_shadow_money_total",
    "tiny_dancer_judge_money_total",
)
"""Families that whoever is asked has read from the store."""


class WorkerMetrics:
    """What one process has counted, and how to come by the others'.

    Args:
        folder: shared by the processes that serve together, and by nobody else.
        place: this one's number among them; a successor has the same.
        shares_store: True where all have one store; else each has its own, and money is added.
    """

    def __init__(self, folder: Path, place: int, *, shares_store: bool) -> None:
        self._folder, self._place = folder, place
        self._joins = MOMENTARY | (dict.fromkeys(OF_THE_STORE, _keep_first) if shares_store else {})
        before = _parse(self._read(place))
        self._before = {
            head: rows
            for head, rows in before.items()
            if _name(head) not in (*OF_A_LIFE, *self._joins)
        }

    def write(self, text: str) -> None:
        """Keep this process's metrics, the predecessors' counts included, for the others."""
        own = _render(self._add((self._before, _parse(text))))
        part = self._folder / f"{self._place}.part"
        part.write_text(own, "utf-8")
        os.replace(part, self._folder / f"{self._place}.prom")

    def sum(self, text: str) -> str:
        """The metrics of all, of this process as `text` says."""
        places = sorted(int(one.stem) for one in self._folder.glob("*.prom"))
        others = (_parse(self._read(place)) for place in places if place != self._place)
        return _render(self._add((self._before, _parse(text), *others)))

    def _add(self, every: Iterable[Samples]) -> Samples:
        joined: Samples = {}
        for families in every:
            for head, rows in families.items():
                join = self._joins.get(_name(head))
                known = joined.setdefault(head, {})
                for name, value in rows.items():
                    if name not in known:
                        known[name] = value
                    else:
                        known[name] = join(known[name], value) if join else known[name] + value
        return joined

    def _read(self, place: int) -> str:
        try:
            return (self._folder / f"{place}.prom").read_text("utf-8")
        except FileNotFoundError:
            return ""


def _parse(text: str) -> Samples:
    """The samples of metrics that this package rendered."""
    families: Samples = {}
    head: list[str] = []
    values: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            if line.startswith("# HELP"):
                head = []
            head.append(line)
            values = families.setdefault("\n".join(head), {}) if len(head) == 2 else values
        else:
            name, _, value = line.rpartition(" ")
            values[name] = float(value)
    return families


def _name(head: str) -> str:
    return head.split(" ", 3)[2]


def _render(families: Samples) -> str:
    lines: list[str] = []
    for head, rows in families.items():
        lines.append(head)
        lines += [f"{name} {int(v) if v == int(v) else v!r}" for name, v in rows.items()]
    return "\n".join(lines) + "\n"
