"""Server-sent events, read and written."""

import pytest

from tiny_dancer.gateway.config.settings import Limits
from tiny_dancer.gateway.upstream.fault import FaultKind, UpstreamFault
from tiny_dancer.gateway.upstream.sse import Comment, EventSplitter, encode_event

MAX_EVENT_BYTES = Limits().event_bytes
STREAM = (
    b': hello\n\ndata: {"a": 1}\n\n'
    b"event: x\r\ndata:two\r\ndata: lines\r\n\r\nid: 7\n\ndata: [DONE]\n\n"
)
EVENTS = [Comment(b" hello"), b'{"a": 1}', b"two\nlines", b"[DONE]"]


@pytest.mark.parametrize("size", range(1, len(STREAM) + 1))
def test_events_come_out_whole_however_the_bytes_come_in(size):
    splitter = EventSplitter(MAX_EVENT_BYTES)
    pieces = [STREAM[at : at + size] for at in range(0, len(STREAM), size)]
    assert [data for piece in pieces for data in splitter.feed(piece)] == EVENTS


def test_an_event_that_is_written_is_read_again():
    assert [EventSplitter(MAX_EVENT_BYTES).feed(encode_event(data)) for data in EVENTS] == [
        [data] for data in EVENTS
    ]


def test_an_event_without_end_is_given_up():
    splitter = EventSplitter(MAX_EVENT_BYTES)
    with pytest.raises(UpstreamFault) as caught:
        for _ in range(20):
            splitter.feed(b"x" * (MAX_EVENT_BYTES // 16))
    assert caught.value.kind is FaultKind.TOO_LARGE
