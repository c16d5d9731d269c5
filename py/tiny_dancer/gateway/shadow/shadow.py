"""From a sampled request to a graded pair; nothing a client sees depends on it.

What waits lies in a plain deque, and whoever has sent an answer works it off: on the edge nothing
that can be awaited is shared between requests, and any of them may be ended at any await.
"""

import json
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from ...errors import StoreFullError
from ...history import HistoryStore, OutcomeFields
from ...history.records.outcome import UNGRADED
from ...history.records.prompt_hash import prompt_hash
from ...history.records.state import CLAIMS, TEXTS
from ...router import Router
from ..config.shadow import ShadowConfig
from ..config.upstream import Upstream
from ..http.response import Response
from ..upstream.call import Caller
from ..upstream.counters import GatewayCounters
from .budget import Budget, Day
from .grade import Grader, add_costs, ask_whole
from .judge import RUBRIC
from .pair import Pair, Question, Sampled, has_only_text, is_drawn

MOST_WAITING: Final = 100
MOST_BYTES: Final = 16 << 20
"""Bounds of what waits; what comes on top is dropped and counted."""

MOST_ANSWER_BYTES: Final = 1 << 20
"""A longer answer makes no pair."""

AT_A_TIME: Final = 4
LOST_S: Final = 900.0
"""A pair that is worked on for longer was ended by the platform, and holds no place any more."""

MOST_REMEMBERED: Final = 10_000


class Shadow:
    """Samples requests, asks the other model too, has both answers graded, and keeps the outcome.

    Args:
        router: takes the outcomes.
        store: holds what all processes share.
        counters: count what became of the samples.
        now: seconds since 1970.
        log: told in one line what went wrong.
    """

    def __init__(
        self,
        router: Router,
        store: HistoryStore,
        counters: GatewayCounters,
        now: Callable[[], float],
        log: Callable[[str], object],
    ) -> None:
        self._router, self._store, self._counters = router, store, counters
        self._now, self._log = now, log
        self._key: bytes | None = None
        self._waiting: deque[Pair] = deque()
        self._bytes = 0
        self._running: dict[int, float] = {}
        self._begun = 0
        self._remembered: OrderedDict[str, None] = OrderedDict()

    def configure(
        self, config: ShadowConfig, judge: Upstream | None, caller: Caller, *, keeps_text: bool
    ) -> None:
        """Put settings into service; pairs that wait are graded by the new ones."""
        self._config, self._caller, self._keeps_text = config, caller, keeps_text
        self._judge, self._rubric = judge, config.rubric or RUBRIC
        self._grader = Grader(caller, judge, self._rubric)
        self._budget = Budget(self._store, config.money_a_day, self._now)

    async def look(self) -> None:
        """Read the store's key and the day's money. Until then nothing is sampled.

        Raises:
            StoreError: they cannot be read.
        """
        if self._config.share:
            self._key = self._key or await self._store.prompt_key()
            await self._budget.look()

    @property
    def has_waiting(self) -> bool:
        """True where a pair waits."""
        return bool(self._waiting)

    @property
    def day(self) -> Day | None:
        """What the day has come to, where there is a bound on its money."""
        return self._budget.day

    def sample(
        self,
        text: bytes | None,
        format_: str,
        body: Mapping[str, Any],
        size: int,
        upstreams: tuple[Upstream, Upstream],
        ask: Callable[[Upstream], Question],
    ) -> Sampled | None:
        """The request where its prompt is drawn for the first time, and all of it is text.

        Args:
            text: what was scored.
            format_: of what the client gets.
            body: the request as chat, or as a completion.
            size: bytes of it.
            upstreams: of the light and of the powerful model; both can serve it.
            ask: from an upstream to the question that asks it the same.
        """
        if text is None or self._key is None or not self._config.share:
            return None
        day = self._budget.day
        share = self._config.share * (day.part if day is not None else 1.0)
        prompt = prompt_hash(self._key, text)
        if not is_drawn(self._key, prompt, share) or prompt in self._remembered:
            return None
        if not has_only_text(body):
            return None
        return Sampled(prompt, format_, body, size, upstreams, ask)

    async def watch(
        self,
        sampled: Sampled | None,
        decision_id: str,
        served_by: Upstream,
        response: Response,
        is_whole: Callable[[], bool] = lambda: True,
    ) -> Response:
        """The response as it is; once it is over, the pair waits for its second answer.

        Args:
            sampled: the request; None where no pair is wanted.
            decision_id: of its decision.
            served_by: who answers.
            response: the answer.
            is_whole: asked once a stream is over; one that its upstream broke off makes no pair.
        """
        if sampled is None or served_by not in sampled.upstreams:
            return response
        is_light = served_by is sampled.upstreams[0]

        def add(answer: bytes, *, is_streamed: bool) -> None:
            if len(answer) <= MOST_ANSWER_BYTES and is_whole():
                self._add(Pair(sampled, decision_id, is_light, answer, is_streamed))

        if isinstance(response.body, bytes):
            add(response.body, is_streamed=False)
            return response
        copy = _copy(response.body, partial(add, is_streamed=True))
        await anext(copy)  # it has begun, so that closing it closes what it copies
        return replace(response, body=copy)

    async def drain(self) -> bool:
        """True where there were pairs to work off, a few at a time. Raises nothing."""
        has_worked, now = False, self._now()
        for number, begun in list(self._running.items()):
            if not 0 <= now - begun < LOST_S:
                del self._running[number]
        while self._waiting and len(self._running) < AT_A_TIME:
            has_worked, pair = True, self._waiting.popleft()
            self._bytes -= pair.size
            self._begun += 1
            number = self._begun
            self._running[number] = self._now()
            try:
                result = await self._complete(pair)
            except Exception as error:
                self._log(f"tiny-dancer gateway: shadow: {type(error).__name__}")
                result = "failed"
            finally:
                self._running.pop(number, None)
            self._counters.count_shadow(result)
        return has_worked

    def _add(self, pair: Pair) -> None:
        """Put a pair at the end of the queue, where there is room."""
        if len(self._waiting) >= MOST_WAITING or self._bytes + pair.size > MOST_BYTES:
            self._counters.count_shadow("dropped")
            return
        self._remember(pair.sampled.prompt)
        self._waiting.append(pair)
        self._bytes += pair.size

    def _remember(self, prompt: str) -> None:
        self._remembered[prompt] = None
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    async def _complete(self, pair: Pair) -> str:
        """Ask the other model, grade, keep; a word for what became of the pair.

        It is kept as ungraded before anybody is asked: a pair that is lost on the way counts as
        the worst case, whatever made it so.
        """
        said, other = pair.read_reply(), pair.other  # not where the client waits: it may raise
        if said is None:
            return "failed"
        if self._router.circuit_breaker_status(other.breaker) is False:
            self._remembered.pop(pair.sampled.prompt, None)
            return "breaker_open"
        taken = pair.bound_cost(said, self._judge, self._rubric)
        day = await self._budget.take(taken)
        if day is None:
            self._remembered.pop(pair.sampled.prompt, None)
            return "over_budget"
        if not await self._store.swap_state(CLAIMS, pair.sampled.prompt, pair.decision_id, 0):
            await self._budget.settle(day, taken, 0.0)
            return "repeated"
        self._record(pair, {"graded_by": UNGRADED})
        reply, cost = await ask_whole(self._caller, other, pair.sampled.ask(other))
        known: OutcomeFields = {}
        if cost is not None:
            known["shadow_cost"] = cost
        if reply is None:
            self._record(pair, known)
            await self._settle(day, taken, cost)
            return UNGRADED
        light, powerful = pair.order(said, reply)
        marks, judge_cost = await self._grader.grade(pair.sampled.body, light, powerful)
        if judge_cost:
            known["judge_cost"] = judge_cost
        scores: dict[str, float] = {}
        if marks.light is not None and marks.powerful is not None and marks.source is not None:
            scores = {"light": marks.light, "powerful": marks.powerful}
            known["graded_by"] = marks.source
        self._record(pair, known, scores)
        await self._settle(day, taken, add_costs(cost, judge_cost))
        if self._keeps_text:
            texts = {"light": light.text, "powerful": powerful.text, "request": pair.sampled.body}
            await self._store.swap_state(TEXTS, pair.decision_id, json.dumps(texts), 0)
        return "graded" if scores else UNGRADED

    async def _settle(self, day: str, taken: float, spent: float | None) -> None:
        """Where it is not known what was spent, all stays taken."""
        if spent is not None:
            await self._budget.settle(day, taken, spent)

    def _record(
        self, pair: Pair, known: OutcomeFields, scores: Mapping[str, float] | None = None
    ) -> None:
        scores = scores or {}
        try:
            self._router.record_outcome(
                pair.decision_id,
                light_score=scores.get("light"),
                powerful_score=scores.get("powerful"),
                **known,
            )
        except StoreFullError:
            self._counters.count_lost_outcome()


async def _copy(
    body: AsyncGenerator[bytes, None], add: Callable[[bytes], None]
) -> AsyncGenerator[bytes, None]:
    """The pieces as they come; once all are through, they are handed over, unread."""
    pieces: list[bytes] = []
    size = 0
    try:
        yield b""
        async for piece in body:
            size += len(piece)
            if size <= MOST_ANSWER_BYTES:
                pieces.append(piece)
            yield piece
        if size <= MOST_ANSWER_BYTES:
            add(b"".join(pieces))
    finally:
        await body.aclose()
