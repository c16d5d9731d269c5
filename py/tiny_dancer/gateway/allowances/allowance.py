"""What a key may still spend: reserved before a request is made, settled after it.

The sums lie in the store, so that all processes share them and a restart forgets nothing. A store
that cannot be written refuses: nothing is spent that is not counted.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ...errors import StoreError
from ...history import HistoryStore
from ..config.key import Key
from ..config.upstream import Upstream
from ..http.api_error import ApiError
from ..routing.conversation import BYTES_A_TOKEN, Conversation

ANSWER_TOKENS: Final = 1_024
"""What an answer without a bound is taken to have, for what is reserved."""

MEDIA_TOKENS: Final = 16_384
"""What images, audio and files of a request are taken to have, all together."""

UNBOUNDED: Final = 1e300
"""Larger than any sum; a number in JSON, unlike infinity."""

MINUTE_S: Final = 60
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that a key may make.

    Attributes:
        is_over: True where the key's limit is reached, so that the cheapest model answers.
        name: of the key, where its money is counted.
        day: ISO 8601, UTC, whose money is reserved.
        reserved: money.
    """

    is_over: bool = False
    name: str | None = None
    day: str = ""
    reserved: float = 0.0


FREE: Final = Admission()
"""A request of a key without limits."""


class Allowances:
    """Admits requests by what their keys may spend.

    Args:
        store: holds the sums.
        now: seconds since 1970.
    """

    def __init__(self, store: HistoryStore, now: Callable[[], float]) -> None:
        self._store, self._now = store, now
        self._unsettled: deque[tuple[str, str, float]] = deque()

    async def admit(self, key: Key | None, dearest: float, cheapest: float | None) -> Admission:
        """Count a request and reserve its money.

        Args:
            key: the caller's; None where no key is asked for.
            dearest: money that it costs at most, wherever it goes.
            cheapest: the same at the cheapest model; None where that cannot serve it.

        Raises:
            ApiError: 429 where a limit is reached, with the seconds until it is lifted.
            StoreError: nothing can be counted.
        """
        if key is None or not key.is_counted:
            return FREE
        await self.drain()
        wait_s, what = 0.0, ""
        if key.requests_a_minute is not None:
            minute = self._find_period(MINUTE_S)
            name = f"requests/{key.name}"
            if await self._store.spend(name, minute, 1.0, key.requests_a_minute) is None:
                wait_s, what = self._measure_rest(MINUTE_S), "requests a minute"
        if key.money_a_day is None:
            if what and (key.over == "refuse" or cheapest is None):
                raise refuse(key, what, wait_s)
            return Admission(is_over=bool(what))
        name, day = f"money/{key.name}", self._find_period(DAY_S)
        if not what:
            if await self._store.spend(name, day, dearest, key.money_a_day) is not None:
                return Admission(False, key.name, day, dearest)
            wait_s, what = self._measure_rest(DAY_S), "money a day"
        if key.over == "refuse" or cheapest is None:
            raise refuse(key, what, wait_s)
        await self._store.spend(name, day, cheapest, UNBOUNDED)
        return Admission(True, key.name, day, cheapest)

    def settle(self, admission: Admission, cost: float | None, *, is_known: bool) -> None:
        """Put what a request cost in the place of what was reserved; stored by `drain`.

        Args:
            admission: of the request.
            cost: money, as far as it is known; None where nothing is.
            is_known: False where there may be more to it: then all stays reserved.
        """
        if admission.name is None:
            return
        spent = cost or 0.0
        if not is_known:
            spent = max(spent, admission.reserved)
        if spent != admission.reserved:
            self._unsettled.append((admission.name, admission.day, spent - admission.reserved))

    async def drain(self) -> None:
        """Store what is settled.

        Raises:
            StoreError: it failed; the rest waits, and stays reserved meanwhile.
        """
        while self._unsettled:
            change = self._unsettled.popleft()
            name, day, amount = change
            try:
                await self._store.spend(f"money/{name}", day, amount, UNBOUNDED)
            except StoreError:
                self._unsettled.appendleft(change)
                raise

    async def find_spent(self, key: Key) -> float:
        """Money that a key's requests have cost today, with what is reserved."""
        spent = await self._store.spend(
            f"money/{key.name}", self._find_period(DAY_S), 0.0, UNBOUNDED
        )
        return spent or 0.0

    def _find_period(self, seconds: int) -> str:
        """The day or minute it is, UTC, in ISO 8601."""
        begun = datetime.fromtimestamp(self._now() // seconds * seconds, UTC)
        return begun.date().isoformat() if seconds == DAY_S else begun.strftime("%Y-%m-%dT%H:%M")

    def _measure_rest(self, seconds: int) -> float:
        """Seconds until the next day or minute."""
        return seconds - self._now() % seconds


def bound_cost(upstreams: Sequence[Upstream], tokens_in: int, tokens_out: int) -> float:
    """Money that these tokens cost at the dearest of some upstreams."""
    costs = [one.price.cost(tokens_in, tokens_out) for one in upstreams if one.price is not None]
    return max(costs, default=0.0)


def bound_tokens(conversation: Conversation, size: int) -> tuple[int, int]:
    """Tokens of prompt and answer that a request is taken to have at most.

    A token has at least a byte. What images, audio and files cost does not follow from their bytes.

    Args:
        conversation: what the request holds.
        size: bytes of the request.
    """
    tokens_out = conversation.answer_tokens
    if conversation.needs & {"vision", "audio", "files"}:
        texts = BYTES_A_TOKEN * (conversation.tokens - tokens_out)
        size = min(size, texts + MEDIA_TOKENS)
    return size, tokens_out or ANSWER_TOKENS


def refuse(key: Key, what: str, wait_s: float) -> ApiError:
    """The error of a limit that is reached."""
    return ApiError(
        429,
        f"The key {key.name} has reached its {what}.",
        code="rate_limit_exceeded" if what.startswith("requests") else "insufficient_quota",
        retry_after_s=wait_s,
    )
