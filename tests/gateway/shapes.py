"""Answers as servers really write them, byte for byte."""

import gzip
import json
import zlib
from typing import Any

import brotli


def chunk(content: str | None = None, reason: str | None = None, **more: Any) -> str:
    """A chunk of a streamed chat as JSON."""
    delta = {} if content is None else {"role": "assistant", "content": content}
    choice = {"index": more.pop("index", 0), "delta": delta, "finish_reason": reason}
    fields = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return json.dumps({**fields, "choices": [choice], **more})


def chat(content: str = "Hi.") -> dict[str, Any]:
    """A whole chat completion."""
    message = {"role": "assistant", "content": content}
    return {
        "id": "c-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14},
    }


def answer(
    body: bytes | str, kind: str | None = "application/json", status: int = 200, **headers: str
) -> list[bytes]:
    """An HTTP answer whose length is known."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(data)}", "connection: close"]
    lines += [] if kind is None else [f"content-type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ["\r\n".join((*lines, "", "")).encode(), data]


def stream(
    *pieces: bytes | str, kind: str | None = "text/event-stream", **headers: str
) -> list[bytes]:
    """An HTTP answer that ends with its connection."""
    lines = ["HTTP/1.1 200 OK", "connection: close"]
    lines += [] if kind is None else [f"content-type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    data = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]
    return ["\r\n".join((*lines, "", "")).encode(), *data]


USAGE = json.dumps(
    {
        **json.loads(chunk()),
        "choices": [],
        "usage": {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14},
    }
)
PLAIN = f"data: {chunk('Hi')}\n\ndata: {chunk('.', 'stop')}\n\ndata: {USAGE}\n\n"
"""A stream without its `[DONE]`."""
WHOLE = f"{PLAIN}data: [DONE]\n\n"

STREAMS = {
    "as documented": stream(WHOLE),
    "no [DONE]": stream(PLAIN),
    "no [DONE], no usage": stream(f"data: {chunk('Hi')}\n\ndata: {chunk('.', 'stop')}\n\n"),
    "last event without its blank line": stream(PLAIN + "data: [DONE]"),
    "last chunk without its blank line, no [DONE]": stream(PLAIN.rstrip("\n")),
    "[DONE] with a space": stream(f"{PLAIN}data: [DONE] \n\n"),
    "no space after the colon": stream(WHOLE.replace("data: ", "data:")),
    "byte order mark": stream(b"\xef\xbb\xbf" + WHOLE.encode()),
    "byte order mark in pieces": stream(b"\xef", b"\xbb", b"\xbf", WHOLE),
    "CR LF": stream(WHOLE.replace("\n", "\r\n")),
    "CR LF in pieces": stream(
        *(WHOLE.replace("\n", "\r\n").encode()[n : n + 1] for n in range(700))
    ),
    "CR alone": stream(WHOLE.replace("\n", "\r")),
    "CR alone, no last blank line": stream(WHOLE.replace("\n", "\r").rstrip("\r")),
    "empty data lines": stream(
        "data:\n\ndata: \n\n" + WHOLE.replace("data: [", "data:\n\ndata: [")
    ),
    "other fields": stream(WHOLE.replace("data: ", "event: message\nid: 7\nretry: 10\ndata: ")),
    "data in two lines": stream(WHOLE.replace('"created": 1,', '"created": 1,\ndata: ')),
    "comments": stream(": PROCESSING\n\n" + WHOLE.replace("data: [", ": still\n\ndata: [")),
    "Text/Event-Stream": stream(WHOLE, kind="Text/Event-Stream; Charset=UTF-8"),
    "text/plain": stream(WHOLE, kind="text/plain; charset=utf-8"),
    "no content type": stream(WHOLE, kind=None),
    "Azure's first event without choices": stream(
        f'data: {{"id": "", "choices": [], "prompt_filter_results": []}}\n\n{WHOLE}'
    ),
    "a ping between": stream(WHOLE.replace("data: [", 'data: {"type": "ping"}\n\ndata: [')),
    "two choices": stream(
        f"data: {chunk('Hi')}\n\ndata: {chunk('X', index=1)}\n\ndata: {chunk('.', 'stop')}\n\n"
        f"data: {chunk(None, 'length', index=1)}\n\n"
    ),
    "gzip": stream(gzip.compress(WHOLE.encode()), content_encoding="gzip"),
    "gzip of two members": stream(
        gzip.compress(WHOLE[:300].encode()) + gzip.compress(WHOLE[300:].encode()),
        content_encoding="gzip",
    ),
    "deflate": stream(zlib.compress(WHOLE.encode()), content_encoding="deflate"),
    "br": stream(brotli.compress(WHOLE.encode()), content_encoding="br"),
}
"""Streams that say "Hi." and are whole."""

BODY = json.dumps(chat())
ANSWERS = {
    "as documented": answer(BODY),
    "byte order mark": answer(b"\xef\xbb\xbf" + BODY.encode()),
    "white space around": answer(f"\r\n  {BODY}\r\n\n "),
    "status 201": answer(BODY, status=201),
    "text/plain": answer(BODY, "text/plain"),
    "no content type": answer(BODY, None),
    "error: null": answer(json.dumps({**chat(), "error": None})),
    "gzip": answer(gzip.compress(BODY.encode()), content_encoding="gzip"),
    "br": answer(brotli.compress(BODY.encode()), content_encoding="br"),
}
"""Whole answers that say "Hi."."""

ERROR = {"message": "the engine is dead", "type": "server_error", "code": "dead"}
FAILED_STREAMS = {
    "nothing": stream(),
    "[DONE] alone": stream("data: [DONE]\n\n"),
    "an error first": stream(f"data: {json.dumps({'error': ERROR})}\n\n"),
    "an error in a chunk with choices": stream(
        f"data: {json.dumps({**json.loads(chunk('Hi')), 'error': ERROR})}\n\n"
    ),
    "an error as text": stream('data: {"error": "the engine is dead"}\n\n'),
    "an error as JSON": answer(json.dumps({"error": ERROR})),
    "a page": answer("<html>welcome</html>", "text/html"),
    "a chunk without choices": stream('data: {"id": "c-1", "object": "chat.completion.chunk"}\n\n'),
    "no JSON": stream("data: {not JSON\n\n"),
}
"""Answers with HTTP 200 to a request for a stream that are failures before their first byte."""

FAILED_ANSWERS = {
    "an error": answer(json.dumps({"error": ERROR})),
    "an error as text": answer('{"error": "the engine is dead"}'),
    "an error beside choices": answer(json.dumps({**chat(), "error": ERROR})),
    "vLLM's error": answer(json.dumps({"object": "error", **ERROR, "code": 500})),
    "FastAPI's detail": answer('{"detail": "the engine is dead"}'),
    "no choices": answer('{"id": "c-1", "object": "chat.completion"}'),
    "empty choices": answer(json.dumps({**chat(), "choices": []})),
    "choices: null": answer(json.dumps({**chat(), "choices": None})),
    "a list": answer("[]"),
    "nothing": answer(""),
    "a page": answer("<html>welcome</html>", "text/html"),
    "status 204": answer("", status=204),
    "half of its bytes": [answer(BODY)[0], BODY[:50].encode()],
    "half of its gzip": answer(gzip.compress(BODY.encode())[:40], content_encoding="gzip"),
    "no gzip at all": answer(BODY, content_encoding="gzip"),
}
"""The same to a request for a whole answer."""
