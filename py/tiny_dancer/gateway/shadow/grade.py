"""Grading a pair: by what needs no model, then by a judge, in both orders."""

import asyncio
from collections.abc import Mapping
from typing import Any

from ..config.upstream import Upstream
from ..money.bill import find_cost
from ..upstream.call import Caller, build_call
from ..upstream.fault import UpstreamFault
from ..upstream.wire import CHAT
from .check import Marks, check_replies
from .judge import build_question, read_marks
from .pair import Question, read_answer
from .reply import Reply


async def ask_whole(
    caller: Caller, upstream: Upstream, question: Question
) -> tuple[Reply | None, float | None]:
    """An upstream's whole answer, and what it cost; None for what is not known.

    Breakers hear nothing of it: nobody waits for this answer.
    """
    try:
        answer = await caller.fetch_whole(question.call, upstream.timeout_s, question.wire)
        reply = read_answer(question.format, answer.value)
    except UpstreamFault as fault:
        return None, find_cost(upstream, fault.usage)
    return reply, find_cost(upstream, answer.usage)


class Grader:
    """Marks pairs of answers.

    Args:
        caller: reaches the judge.
        judge: marks what checks cannot; None where there is none.
        rubric: that it marks by.
    """

    def __init__(self, caller: Caller, judge: Upstream | None, rubric: str) -> None:
        self._caller, self._judge, self._rubric = caller, judge, rubric

    async def grade(
        self, request: Mapping[str, Any], light: Reply, powerful: Reply
    ) -> tuple[Marks, float | None]:
        """Marks of both answers, and what the judge cost: 0 unasked, None where it is not known.

        Marks that are not known stay None: a judge that fails, or says what cannot be read, in one
        of the two orders.
        """
        marks = check_replies(request, light, powerful)
        judge = self._judge
        if marks.are_whole or judge is None:
            return marks, 0.0
        (one, other), cost = await self._ask_judge(judge, request, light, powerful)
        if one is None or other is None:
            return Marks(), cost
        light_mark, powerful_mark = (one[0] + other[1]) / 2, (one[1] + other[0]) / 2
        return Marks(
            light_mark if marks.light is None else marks.light,
            powerful_mark if marks.powerful is None else marks.powerful,
            f"judge:{judge.name}",
        ), cost

    async def _ask_judge(
        self, judge: Upstream, request: Mapping[str, Any], light: Reply, powerful: Reply
    ) -> tuple[list[tuple[float, float] | None], float | None]:
        """What it says with the light answer first, and with it second; and the cost of both."""
        orders = (light, powerful), (powerful, light)
        questions = [build_question(request, a, b, self._rubric) for a, b in orders]
        said = await asyncio.gather(
            *(
                ask_whole(self._caller, judge, Question(build_call(judge, CHAT, body), CHAT))
                for body in questions
            )
        )
        return [read_marks(reply) for reply, _ in said], add_costs(*(cost for _, cost in said))


def add_costs(*costs: float | None) -> float | None:
    """Their sum; None unless all are known."""
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
