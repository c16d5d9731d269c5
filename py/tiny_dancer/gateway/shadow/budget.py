"""The day's money: a bound that the processes of a store share, and that outlives a restart."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from ...errors import StoreError
from ...history import HistoryStore

KIND: Final = "shadow"
NAME: Final = "budget"
TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Day:
    """What a day's shadow has come to.

    Attributes:
        day: ISO 8601, UTC.
        part: of the configured share that is sampled on it, in (0, 1].
        spent: money, what calls still on their way may cost included.
        pairs: that were asked for.
        skipped: that the bound stopped.
    """

    day: str
    part: float = 1.0
    spent: float = 0.0
    pairs: int = 0
    skipped: int = 0


class Budget:
    """Takes money before a call is made, and gives back what it did not cost.

    Args:
        store: where the day is kept.
        money: that a day may cost; None is no bound, and keeps nothing.
        now: seconds since 1970.

    Attributes:
        day: as last read or written; None before that, and without a bound.
    """

    def __init__(self, store: HistoryStore, money: float | None, now: Callable[[], float]) -> None:
        self._store, self._money, self._now = store, money, now
        self.day: Day | None = None

    async def look(self) -> None:
        """Read the day, so that its share is known before the first request.

        Raises:
            StoreError: it cannot be read.
        """
        if self._money is not None:
            _, self.day = await self._load(self._money)

    async def take(self, amount: float) -> str | None:
        """The day (ISO 8601, UTC) whose money allows it; it counts as spent then. None else.

        Raises:
            StoreError: it could not be stored; nothing may be spent.
        """
        if self._money is None:
            return self._today()
        money = self._money

        def change(day: Day) -> Day:
            if day.spent + amount > money:
                return replace(day, skipped=day.skipped + 1)
            return replace(day, spent=day.spent + amount, pairs=day.pairs + 1)

        before, after = await self._change(change, money)
        return after.day if after.pairs > before.pairs else None

    async def settle(self, day: str, taken: float, spent: float) -> None:
        """Put what a pair cost in the place of what was taken for it; not once the day is over.

        Args:
            day: from `take`.
            taken: money.
            spent: money.

        Raises:
            StoreError: it could not be stored; what was taken stays spent.
        """

        def change(today: Day) -> Day:
            if today.day != day:
                return today
            return replace(today, spent=max(0.0, today.spent - taken) + spent)

        if self._money is not None:
            await self._change(change, self._money)

    async def _change(self, change: Callable[[Day], Day], money: float) -> tuple[Day, Day]:
        for _ in range(TRIES):
            version, day = await self._load(money)
            after = change(day)
            if await self._store.swap_state(KIND, NAME, json.dumps(asdict(after)), version):
                self.day = after
                return day, after
        raise StoreError("shadow budget: others stored theirs at every try")

    def _today(self) -> str:
        return datetime.fromtimestamp(self._now(), UTC).date().isoformat()

    async def _load(self, money: float) -> tuple[int, Day]:
        today = self._today()
        known = (await self._store.load_states(KIND)).get(NAME)
        if known is None:
            return 0, Day(today)
        day = _read(known.text)
        if day is not None and day.day == today:
            return known.version, day
        return known.version, Day(today, 1.0 if day is None else lower_part(money, day))


def lower_part(money: float, before: Day) -> float:
    """The part of the share that fits the money, if the day is as the one before.

    Lowered before any request is seen, so that it is not the late hours that go without.
    """
    if not before.pairs or not before.spent:
        return 1.0
    wanted = before.spent / before.pairs * (before.pairs + before.skipped)
    return min(1.0, before.part * money / wanted)


def _read(text: str) -> Day | None:
    """The day of a state; None where it is damaged: a new one begins then."""
    try:
        raw: Any = json.loads(text)
        day = Day(**raw)
        fits = min(day.spent, day.pairs, day.skipped) >= 0 and 0 < day.part <= 1
    except (ValueError, TypeError):
        return None
    return day if fits and isinstance(day.day, str) else None
