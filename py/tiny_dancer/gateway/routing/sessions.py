"""What this process remembers of sessions, beside what each request says itself.

Best effort, and bounded. The user turns of a request and the marks on its ids say who answers; the
map helps clients that leave old turns or ids out, and tells how long a session has been idle.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..config.settings import PolicyConfig
from .choice import Standing
from .conversation import Conversation
from .pin import Tie
from .session import Session, find_session

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a session.

    Attributes:
        floor: index of the dearest model that it came to.
        first: how many of its user turns lie before its last long pause, and no longer count.
        seen_at: when its last request came, in seconds since 1970.
    """

    floor: int = 0
    first: int = 0
    seen_at: float = 0.0


class Sessions:
    """Bounded maps; what has not been heard of for longest is forgotten first.

    Args:
        most: sessions to remember, and as many loops.

    Attributes:
        salt: the store's key, so that processes name a session alike; empty until the start, since
            on the edge nothing random can be drawn before the first request.
    """

    def __init__(self, most: int) -> None:
        self.salt = b""
        self._memories: _Recent[Memory] = _Recent(most)
        self._makers: _Recent[str] = _Recent(most)

    def find(
        self,
        caller: str,
        conversation_id: str | None,
        conversation: Conversation,
        policy: PolicyConfig,
        now: float,
    ) -> tuple[Session, Standing]:
        """The session of a request, and what it has come to. Nothing is remembered of it.

        Args:
            caller: whose it is.
            conversation_id: the client's own name for it.
            conversation: what the request holds.
            policy: the settings.
            now: seconds since 1970.
        """
        session = find_session(self.salt, caller, conversation_id, conversation)
        pin, turns = conversation.pin, conversation.turns
        maker: str | None = None
        if pin is not None and pin.mark is None:
            keys = session.state if pin.tie is Tie.STATE else (session.loop,)
            maker = next((one for key in keys if (one := self._makers.find(key))), None)
        found = self._memories.find(session.key)
        if found is None:
            return session, Standing(policy.sticky, maker=maker)
        floor = found.floor if session.is_named else None
        if pin is None and now - found.seen_at > policy.idle_s:
            return session, Standing(policy.sticky, floor, max(0, turns - 1), True, maker)
        first = found.first if found.first < turns else 0  # older turns are gone: compacted
        return session, Standing(policy.sticky, floor, first, False, maker)

    def remember(self, session: Session, standing: Standing, floor: int | None, now: float) -> None:
        """Remember what a session has come to by a request.

        Args:
            session: of the request.
            standing: what it had come to before.
            floor: index of the model that it has come to; None where the client named a model.
            now: seconds since 1970.
        """
        known = standing.floor or 0
        memory = Memory(known if floor is None else floor, standing.first, now)
        self._memories.keep(session.key, memory)

    def keep_maker(self, session: Session, mark: str) -> None:
        """Remember who answered: whose the loop is, and the state without a mark."""
        for key in (session.loop, *session.state):
            self._makers.keep(key, mark)


class _Recent(Generic[V]):
    """The values last kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[bytes, V] = OrderedDict()

    def find(self, key: bytes) -> V | None:
        return self._values.get(key)

    def keep(self, key: bytes, value: V) -> None:
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._most:
            self._values.popitem(last=False)
