"""An upstream that refuses what real ones refuse: ids and signatures that it did not give.

The last user turn says how many calls its tool loop has: `[main turn 2 calls 5]`. The upstream
makes them, two at a time where it can, and then says that it is done.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from gateway.agents import speech
from gateway.formats.scripted import Asked, Scripted

SCRIPT = re.compile(r"\[(\w+) turn (\d+) calls (\d+)\]")


class Served(NamedTuple):
    """A request that was answered: session and turn of the script, results it held, by whom."""

    session: str
    turn: int
    step: int
    upstream: str


class Strict:
    """Answers as the script in the last user turn says.

    Args:
        name: stands in all that it gives: ids, signatures.
        log: gets what was served, in order; shared by the upstreams.

    Attributes:
        status: of its answers; it answers nothing else where that is none of success.
        refused: why it refused a request.
        asked: every request, as it came.
    """

    def __init__(self, name: str, log: list[Served]) -> None:
        self.name, self._log, self.status = name, log, 200
        self.refused: list[str] = []
        self._given: set[str] = set()
        self._server = Scripted(self._answer)
        self.asked, self.url, self.close = self._server.asked, self._server.url, self._server.close

    def _answer(self, asked: Asked) -> Any:
        if self.status != 200:
            return self.status, {"error": {"message": f"{self.name} says {self.status}"}}
        said = speech.read(asked)
        if complaint := next(self._complain(said), None):
            self.refused.append(complaint)
            return 400, {"error": {"message": complaint, "type": "invalid_request_error"}}
        found = SCRIPT.search(said.turn)
        calls = 0
        if found is not None:
            calls = int(found[3]) - len(said.answered)
            served = Served(found[1], int(found[2]), len(said.answered), self.name)
            self._log.append(served)
        return speech.write(asked, self._give, min(calls, 2))

    def _give(self, kind: str) -> str:
        """A new id or signature of its own."""
        one = f"{kind}_{self.name}_{len(self._given)}"
        self._given.add(one)
        return one

    def _complain(self, said: speech.Said) -> Iterator[str]:
        for one in (*said.ids, *said.seals):
            if re.search(r"_td[a-z0-9]{5}$", one):
                yield f"{one} carries a mark"
            if f"_{self.name}_" in one and one not in self._given:
                yield f"{one} was never given"
        for one in said.seals:
            if one not in self._given:
                yield f"{one} is not mine"
        if sorted(said.calls) != sorted(said.results):
            yield f"results of {said.results} do not answer the calls {said.calls}"
        for call in said.bare:
            if call in self._given:
                yield f"{call} came without the thinking before it"


def count_torn(log: list[Served], moved: set[tuple[str, int]] = frozenset()) -> int:
    """How often a loop changed its upstream; once is allowed for those that had to move."""
    loops: dict[tuple[str, int], list[str]] = {}
    for one in log:
        loops.setdefault((one.session, one.turn), []).append(one.upstream)
    torn = 0
    for loop, names in loops.items():
        changes = sum(a != b for a, b in pairwise(names))
        torn += max(0, changes - (loop in moved))
    return torn
