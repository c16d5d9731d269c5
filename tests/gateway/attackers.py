"""Clients that mean harm, one function each: what they send, again and again, while a soak lasts.

None looks at what it gets: whether the others notice is what the soak asks.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from gateway.asking import EASY, chat
from gateway.running import ADMIN, KEY

CHAT: Final = "POST /v1/chat/completions HTTP/1.1"
OTHER_KEY: Final = "other-key"


@dataclass(frozen=True)
class Target:
    """Where a gateway listens."""

    host: str
    port: int

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection."""
        return await asyncio.open_connection(self.host, self.port)

    async def send(self, *pieces: bytes, pause_s: float = 0.0, read: int = 65_536) -> bytes:
        """Send pieces over a connection of their own, and read a little."""
        reader, writer = await self.open()
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause_s)
            async with asyncio.timeout(10):
                return await reader.read(read) if read else b""
        finally:
            writer.close()


def frame(
    body: bytes, line: str = CHAT, *more: str, key: str = KEY, length: int | None = None
) -> bytes:
    """A request as it goes over the wire."""
    lines = [line, "host: x", f"authorization: Bearer {key}", "content-type: application/json"]
    lines += [f"content-length: {len(body) if length is None else length}", *more, "", ""]
    return "\r\n".join(lines).encode() + body


GOOD: Final = json.dumps(chat(EASY)).encode()


async def hold_idle(target: Target) -> None:
    """Three hundred connections that say nothing."""
    lines = [await target.open() for _ in range(300)]
    await asyncio.sleep(4)
    for _, writer in lines:
        writer.close()


async def drip_head(target: Target) -> None:
    """A head that comes byte by byte."""
    head = frame(GOOD)[:60]
    await target.send(*(head[at : at + 1] for at in range(len(head))), pause_s=0.2)


async def drip_body(target: Target) -> None:
    """A body that stops half-way."""
    await target.send(frame(GOOD[:20], length=len(GOOD)), pause_s=5)


async def send_too_much(target: Target) -> None:
    """A body above the bound, sent on after the refusal."""
    await target.send(frame(b"x" * 200_000, length=1 << 30), *[b"x" * 65_536] * 20)


async def smuggle(target: Target) -> None:
    """Two lengths, and headers past the bound."""
    inner = frame(GOOD, "POST /admin/reload HTTP/1.1")
    await target.send(frame(GOOD, CHAT, "transfer-encoding: chunked") + inner)
    await target.send(frame(GOOD, CHAT, "content-length: 3") + inner)
    await target.send(frame(GOOD, CHAT, *[f"x-{n}: {'y' * 100}" for n in range(300)]))


async def guess_keys(target: Target) -> None:
    """Keys that nobody has."""
    for n in range(20):
        await target.send(frame(GOOD, key=f"guess-{n}"))


async def repeat_long_turn(target: Target) -> None:
    """Short turns behind a long one, and arrays in arrays."""
    long = chat("word " * 200_000, *["and?"] * 63)
    await target.send(frame(json.dumps(long).encode()))
    await target.send(frame(b'{"messages": [' + b"[]," * 300_000 + b"[]]}"))
    await target.send(frame(b"[" * 100_000))
    await target.send(frame(b'{"messages": [{"role": "user", "content": "x"}], "n": 1e400}'))


async def report_madness(target: Target) -> None:
    """Outcomes with numbers at every bound, of decisions of another key, for names of nobody."""
    got = await target.send(frame(GOOD))
    head = got.lower().partition(b"x-tiny-dancer-decision-id: ")[2].partition(b"\r\n")[0].decode()
    for change in (
        {"tokens_in": (1 << 53) - 1},
        {"tokens_in": 10**9, "tokens_out": 10**9, "cost": 1e9},
        {"scores": {f"name-{n}": 1.0 for n in range(1_000)}},
        {"scores": 5},
        {"light_score": 1.0},
    ):
        body = json.dumps({"decision_id": head, **change}).encode()
        for key in (KEY, OTHER_KEY):
            await target.send(frame(body, "POST /v1/outcomes HTTP/1.1", key=key))


async def flood_candidates(target: Target) -> None:
    """Hundreds of candidates added and taken away, some malformed."""
    rows = [
        {"id": f"flood-{n}", "text": f"flood {n} " * 50, "created_at": 1.0, "success_rate": 0.5}
        for n in range(200)
    ]
    line = "POST /v1/candidates HTTP/1.1"
    await target.send(frame(json.dumps({"candidates": rows}).encode(), line))
    await target.send(frame(json.dumps({"candidates": [{**rows[0], "text": 5}]}).encode(), line))
    for row in rows[::20]:
        await target.send(frame(b"", f"DELETE /v1/candidates/{row['id']} HTTP/1.1"))


async def reload_often(target: Target) -> None:
    """Reloads of a bundle that is a FIFO, several at once."""
    request = frame(b"{}", "POST /admin/reload HTTP/1.1", key=ADMIN)
    await asyncio.gather(*(target.send(request) for _ in range(4)))


async def leave_early(target: Target) -> None:
    """Clients that leave before, at and behind the first bytes of a stream."""
    streamed = json.dumps(chat(EASY, stream=True)).encode()
    for read in (0, 1, 300):
        for _ in range(10):
            await target.send(frame(streamed), read=read)


async def read_nothing(target: Target) -> None:
    """Ask for much on one connection, and read none of it."""
    await target.send(*[frame(b"", "GET /metrics HTTP/1.1")] * 200, pause_s=0.01, read=0)


ATTACKS: Final[tuple[Callable[[Target], Awaitable[None]], ...]] = (
    hold_idle,
    drip_head,
    drip_body,
    send_too_much,
    smuggle,
    guess_keys,
    repeat_long_turn,
    report_madness,
    flood_candidates,
    reload_often,
    leave_early,
    read_nothing,
)
