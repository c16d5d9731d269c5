"""A small HTTP server that speaks the OpenAI API, and fails on demand."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from patience import PATIENCE_S

WORDS = ("Hello", " from", " here", ".")
STREAMED = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
USAGE = {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14}

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


class Upstream:
    """Serves in a thread of its own until `close`.

    Attributes:
        behaviour: what it does with the next requests; see `BEHAVIOURS`.
        calls: path, headers and JSON of every request.
        raw: bytes that the behaviour `raw` sends, piece by piece, before it closes the connection.
        left: requests that were not answered, until their client went away.
        passes: set once those that are `held` may be answered.
        port: where it listens on the loopback address.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.behaviour = "ok"
        self.calls: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.raw: list[bytes] = []
        self.left = 0
        self.port = 0
        self.passes = threading.Event()
        self._change = threading.Condition()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def wait_for_calls(self, n: int) -> None:
        with self._change:
            assert self._change.wait_for(lambda: len(self.calls) >= n, PATIENCE_S)

    def wait_for_left(self, n: int) -> None:
        with self._change:
            assert self._change.wait_for(lambda: self.left >= n, PATIENCE_S), self.left

    def close(self) -> None:
        self.passes.set()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(PATIENCE_S)

    async def _main(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _request(reader):
                with self._change:
                    self.calls.append(request)
                    self._change.notify_all()
                if not await BEHAVIOURS[self._asked(request[2])](self, request, reader, writer):
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    def _asked(self, body: dict[str, Any]) -> str:
        """The behaviour that the last message asks for by `do:NAME`, else the one that is set."""
        try:
            asked = body["messages"][-1]["content"].rpartition("do:")[2]
        except (AttributeError, LookupError, TypeError):
            asked = ""  # what gateways hand on may be odd
        return asked if asked in BEHAVIOURS else self.behaviour


async def _request(
    reader: asyncio.StreamReader,
) -> tuple[str, dict[str, str], dict[str, Any]] | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return head[0].split(" ")[1], headers, json.loads(body)


async def send(
    writer: asyncio.StreamWriter, status: int, body: bytes, *headers: str, kind: str = "json"
) -> bool:
    lines = (f"HTTP/1.1 {status} X", f"content-type: application/{kind}", *headers)
    head = "\r\n".join((*lines, f"content-length: {len(body)}", "", ""))
    writer.write(head.encode() + body)
    await writer.drain()
    return True


async def piece(writer: asyncio.StreamWriter, data: str | dict[str, Any]) -> None:
    text = data if isinstance(data, str) else json.dumps(data)
    block = f"data: {text}\n\n".encode()
    writer.write(b"%x\r\n%b\r\n" % (len(block), block))
    await writer.drain()


def chunk(name: str, word: str | None) -> dict[str, Any]:
    delta = {} if word is None else {"role": "assistant", "content": word}
    reason = "stop" if word is None else None
    return {
        "id": "c-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": name,
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }


async def head(writer: asyncio.StreamWriter) -> None:
    writer.write(STREAMED)
    await writer.drain()


async def ok(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    path, _, body = request
    if path.endswith("/embeddings"):
        rows = [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}]
        answer: dict[str, Any] = {"object": "list", "data": rows, "model": body["model"]}
        return await send(writer, 200, json.dumps({**answer, "usage": USAGE}).encode())
    if path.endswith("/chat/completions"):
        if body.get("stream"):
            await head(writer)
            for word in WORDS:
                await piece(writer, chunk(up.name, word))
            await piece(writer, chunk(up.name, None))
            if (body.get("stream_options") or {}).get("include_usage"):
                await piece(writer, {**chunk(up.name, None), "choices": [], "usage": USAGE})
            await piece(writer, "[DONE]")
            writer.write(b"0\r\n\r\n")
            await writer.drain()
            return True
        message: dict[str, Any] = {"role": "assistant", "content": "".join(WORDS)}
        if body.get("tools"):
            name = body["tools"][0]["function"]["name"]
            call = {"id": "t-1", "type": "function", "function": {"name": name, "arguments": "{}"}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        kind = "chat.completion"
    else:
        choice = {"index": 0, "text": "".join(WORDS), "finish_reason": "stop", "logprobs": None}
        kind = "text_completion"
    answer = {"id": "c-1", "object": kind, "created": 1, "model": up.name}
    body = json.dumps({**answer, "choices": [choice], "usage": USAGE}).encode()
    return await send(writer, 200, body)


async def held(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    await asyncio.to_thread(up.passes.wait, PATIENCE_S)
    return await ok(up, request, reader, writer)


async def never(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    await reader.read(1)  # nothing comes, until the other side closes
    with up._change:
        up.left += 1
        up._change.notify_all()
    return False


async def begun(up: Upstream, request: Any, writer: asyncio.StreamWriter) -> None:
    if request[2].get("stream"):
        words = (f"data: {json.dumps(chunk(up.name, word))}\n\n" for word in WORDS[:2])
        blocks = (b"%x\r\n%b\r\n" % (len(text), text.encode()) for text in words)
        writer.write(STREAMED + b"".join(blocks))  # at once: a pause between them is a stall too
        await writer.drain()
    else:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
        writer.write(b'content-length: 1000\r\n\r\n{"id": "c-1", ')
        await writer.drain()


async def stall(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    await begun(up, request, writer)
    return await never(up, request, reader, writer)


async def cut(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    await begun(up, request, writer)
    return False


async def error_event(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    await begun(up, request, writer)
    await piece(writer, {"error": {"message": "overloaded", "type": "server_error"}})
    return False


async def garbage(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    if request[2].get("stream"):
        await head(writer)
        await piece(writer, "{not JSON")
        return False
    return await send(writer, 200, b"<html>welcome</html>")


async def huge(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    if request[2].get("stream"):
        await head(writer)
        await piece(writer, "x" * (3 << 20))
        return False
    return await send(writer, 200, b'{"x": "' + b"x" * (3 << 20) + b'"}')


def status(code: int, *headers: str) -> Callable[..., Awaitable[bool]]:
    async def answer(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
        error = {"message": f"upstream says {code}", "type": "x", "param": None, "code": "c"}
        return await send(writer, code, json.dumps({"error": error}).encode(), *headers)

    return answer


async def raw(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    for data in up.raw:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0)
    if writer.can_write_eof():
        writer.write_eof()
    await reader.read(1)  # until the other side has closed, so that nothing is reset on its way
    return False


async def comment(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    await head(writer)
    writer.write(b"e\r\n: PROCESSING\n\n\r\n")
    await writer.drain()
    return await never(up, request, reader, writer)


async def whole_but_open(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    await head(writer)
    await piece(writer, chunk(up.name, "Hi"))
    await piece(writer, chunk(up.name, None))
    await piece(writer, "[DONE]")  # and the body is not said to be over
    return await never(up, request, reader, writer)


async def redirect(up: Upstream, request: Any, reader: Reader, writer: Writer) -> bool:
    return await send(writer, 302, b"", "location: http://127.0.0.1:1/")


BEHAVIOURS: dict[str, Callable[..., Awaitable[bool]]] = {
    "ok": ok,
    "held": held,
    "500": status(500),
    "503": status(503),
    "429": status(429, "retry-after: 7"),
    "400": status(400),
    "401": status(401),
    "302": redirect,
    "raw": raw,
    "whole, but open": whole_but_open,
    "comment, then nothing": comment,
    "slow headers": never,
    "stall": stall,
    "cut": cut,
    "error event": error_event,
    "garbage": garbage,
    "huge": huge,
}
