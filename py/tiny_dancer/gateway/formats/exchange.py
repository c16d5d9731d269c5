"""One request of a client, as each upstream gets it, and the answer as the client gets it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..config.upstream import Upstream
from ..http.api_error import ApiError
from ..http.json_text import dump_compact
from ..routing.conversation import Conversation
from ..routing.mark import find_mark
from ..routing.pin import Pin
from ..shadow.pair import Question, leave_out
from ..upstream.call import Caller, StreamedAnswer, WholeAnswer, build_call
from ..upstream.event_reader import ChatEvents, EventReader
from ..upstream.fault import UpstreamFault
from ..upstream.fetch import Call
from ..upstream.wire import CHAT, Wire
from .chat_ownership import leave_own_chat, mark_chat, mark_translated
from .fields import Translation
from .format import Format, Native
from .translated_events import TranslatedEvents


@dataclass(frozen=True, slots=True)
class Reply:
    """An upstream's answer.

    Attributes:
        answer: as it came.
        body: of a whole answer, as the client gets it; empty for a streamed one.
        dropped: names of fields that the upstream did not get.
    """

    answer: WholeAnswer | StreamedAnswer
    body: bytes = b""
    dropped: tuple[str, ...] = ()


class Exchange:
    """A request, and how it is asked of an upstream: in its own format, or as chat.

    Args:
        format_: of the request.
        body: of the request.
        headers: of the request, names in small letters.

    Attributes:
        conversation: what is routed.

    Raises:
        ApiError: 400 where the request is malformed.
    """

    def __init__(
        self, format_: Format, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        self.format, self.body, self._headers = format_, body, headers
        self.conversation: Conversation = format_.read(body)
        if type(body.get("stream", False)) is not bool and body["stream"] is not None:
            raise ApiError(400, "stream: true or false is needed.", param="stream")
        self._translation: Translation | None = None
        if format_.native is not None:
            pin, asked = _find_pins(format_.native, body, self.conversation)
            self.conversation = replace(self.conversation, pin=pin, asked=asked)
        if format_.bridge is not None:
            self._translate(format_)

    @property
    def is_streamed(self) -> bool:
        """True where the client asked for a stream."""
        return self.body.get("stream") is True

    async def ask(self, caller: Caller, upstream: Upstream, seconds: float) -> Reply:
        """An upstream's answer, or the begin of a streamed one.

        Raises:
            UpstreamFault: there is none, or none that can be translated.
        """
        if not self.is_native(upstream):
            return await self._ask_chat(caller, upstream, seconds)
        native, wire = self.format.native, self.format.wire
        call, dropped = self.build_native(upstream, wire)
        if self.is_streamed:
            return Reply(await caller.open_stream(call, seconds, wire), dropped=dropped)
        answer = await caller.fetch_whole(call, seconds, wire)
        sent = answer.body
        if native is not None:
            sent = native.mark_answer(answer, find_mark(upstream.name))
        return Reply(answer, sent, dropped)

    def build_native(self, upstream: Upstream, wire: Wire) -> tuple[Call, tuple[str, ...]]:
        """The call in the request's own format, and names of what is left out of it."""
        native = self.format.native
        if native is None:
            return build_call(upstream, wire, self.body), ()
        tail = self.conversation.tail
        body, left_out = native.leave_own(self.body, find_mark(upstream.name), tail)
        call = build_call(upstream, wire, body, self._pick_headers(native.headers))
        return call, left_out

    @property
    def unmarked(self) -> Mapping[str, Any]:
        """The body of the request without the marks on its ids."""
        native = self.format.native
        return self.body if native is None else native.leave_own(self.body, "", 0)[0]

    @property
    def chat(self) -> Mapping[str, Any] | None:
        """The request as chat or completion, without marks; None where it cannot be said so."""
        if self.format.bridge is None:
            return self.unmarked
        translation = self._translation
        return leave_own_chat(translation.body, "", 0)[0] if translation is not None else None

    def ask_again(self, upstream: Upstream) -> Question:
        """The question that has one whole answer of an upstream, kept nowhere."""
        if not self.is_native(upstream):
            assert self.chat is not None  # else no answers are compared
            return Question(build_call(upstream, CHAT, leave_out(self.chat)), CHAT)
        wire, native = self.format.wire, self.format.native
        if native is None or self.format.bridge is None:
            return Question(build_call(upstream, wire, leave_out(self.unmarked)), wire)
        body, _ = native.leave_own(self.body, find_mark(upstream.name), self.conversation.tail)
        keeps = {"store": False} if self.format.name == "responses" else {}
        headers = self._pick_headers(native.headers)
        call = build_call(upstream, wire, leave_out(body) | keeps, headers)
        return Question(call, wire, self.format.name)

    def open_events(self, upstream: Upstream) -> EventReader:
        """What makes the client's events of those of an upstream."""
        mark = find_mark(upstream.name)
        if not self.is_native(upstream) and self.format.bridge is not None:
            return TranslatedEvents(self.format.bridge.open_events(self.body), mark, self._place)
        if self.format.native is not None and self.format.native.open_events is not None:
            return self.format.native.open_events(mark)
        options = self.body.get("stream_options")
        wants_usage = isinstance(options, dict) and bool(options.get("include_usage"))
        return ChatEvents(hides_usage=not wants_usage, mark=partial(mark_chat, mark=mark))

    def is_native(self, upstream: Upstream) -> bool:
        """True where an upstream speaks the request's own format."""
        return self.format.name in upstream.api

    @property
    def _place(self) -> int:
        """How many messages stand before the answer in the chat that is asked."""
        return len(self._translation.body["messages"]) if self._translation is not None else 0

    async def _ask_chat(self, caller: Caller, upstream: Upstream, seconds: float) -> Reply:
        """The answer of an upstream that speaks chat alone."""
        bridge, translation = self.format.bridge, self._translation
        assert bridge is not None and translation is not None  # else it was not able to serve
        mark = find_mark(upstream.name)
        body, _ = leave_own_chat(translation.body, mark, 0)
        call, dropped = build_call(upstream, CHAT, body), translation.dropped
        if self.is_streamed:
            return Reply(await caller.open_stream(call, seconds, CHAT), dropped=dropped)
        answer = await caller.fetch_whole(call, seconds, CHAT)
        mark_translated(answer.value, mark, self._place)
        try:
            translated = bridge.build_answer(answer.value, self.body)
        except UpstreamFault as fault:
            fault.usage = answer.usage
            raise
        return Reply(answer, dump_compact(translated), dropped)

    def _translate(self, format_: Format) -> None:
        """Translate once; what cannot be is asked of upstreams that speak the format alone."""
        assert format_.bridge is not None
        try:
            translation = format_.bridge.translate(self.body)
        except ApiError as error:
            self.conversation = replace(self.conversation, refusal=error)
            return
        betas = tuple(name for name in ("anthropic-beta",) if self._headers.get(name))
        self._translation = replace(translation, dropped=(*translation.dropped, *betas))

    def _pick_headers(self, names: tuple[str, ...]) -> dict[str, str]:
        """Those of the client's headers that an upstream of its format gets."""
        return {
            name: value
            for name in names
            if (value := self._headers.get(name)) and value.isascii() and value.isprintable()
        }


def _find_pins(
    native: Native, body: Mapping[str, Any], conversation: Conversation
) -> tuple[Pin | None, Pin | None]:
    """What ties a request to an upstream; else the results before its last turn to who asked."""
    pin = native.find_pin(body, conversation.tail)
    if pin is not None or not conversation.behind:
        return pin, None
    name = "input" if conversation.format == "responses" else "messages"
    before = {**body, name: body[name][: -conversation.tail]}
    return None, native.find_pin(before, conversation.behind)
