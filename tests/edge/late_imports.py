"""Uses what imports parts of the library late; run by faults.mjs in Pyodide, on the trimmed one."""

import asyncio
import logging
import sys
import traceback
from contextlib import aclosing
from importlib import resources

from tiny_dancer import Candidate, Router
from tiny_dancer.gateway import Gateway, Request, parse_json
from tiny_dancer.history import MemoryStore, Outcome, Storage
from tiny_dancer.history.readings.prometheus import render

CONFIG = """{"anonymous": true, "upstreams": [
    {"name": "light", "serves": "light", "base_url": "http://127.0.0.1:9", "model": "a"},
    {"name": "powerful", "serves": "powerful", "base_url": "http://127.0.0.1:9", "model": "b"}]}"""


async def main() -> str:
    """Names of what was tried."""
    config, store = parse_json(CONFIG, lambda _: None), MemoryStore()
    router = Router(config.router, store=store)
    await files(router)
    await gateway(config, router, store)
    words()
    return "late imports work"


async def files(router: Router) -> None:
    """SQLite on a file, exported and imported again; a metric page."""
    with Storage("history.db") as one, Storage("other.db") as other:
        one.insert_candidate(Candidate("a", text="x", created_at=1.0, success_rate=0.5))
        decision_id = one.record_routing("a", [0.5], 0.9, True, 0.1, 5.0)
        one.record_outcome(Outcome(decision_id=decision_id, at=2.0, scores={"light": 1.0}))
        other.import_(one.export())
        assert other.get_statistics().total_routes == 1
        one.check()
    router.route("ℌéllo\ud800 \u00df", metadata={"a": "b"})
    assert "tiny_dancer" in render(router.metrics())


async def gateway(config: object, router: Router, store: MemoryStore) -> None:
    """An answer, an upstream that fails, and a body that comes too late."""

    async def fetch(call: object) -> None:
        raise ValueError("a fault inside") from KeyError("its cause")

    async def body():
        yield b"{"
        await asyncio.sleep(0.01)
        yield b'"prompt": 1}'

    said = []
    served = Gateway(config, router, store, fetch, log=said.append)
    await served.start()
    kind = {"content-type": "application/json"}
    async with aclosing(body()) as pieces:
        answer = await served.handle(Request("POST", "/v1/route", kind, pieces))
    assert answer.status == 400, answer
    chat = b'{"model": "auto", "messages": [{"role": "user", "content": "hello"}]}'
    answer = await served.handle(Request("POST", "/v1/chat/completions", kind, chat))
    assert answer.status == 500 and said, answer
    await served.after_answer()


def words() -> None:
    """A traceback with a cause, a log line, text in other encodings, the package's own facts."""
    try:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise ValueError("outer") from error
    except ValueError:
        assert "direct cause" in traceback.format_exc()
        logging.getLogger("late").exception("logged")
    for name in ("ascii", "latin-1", "utf-16", "utf-8-sig", "cp437"):
        assert "a".encode(name).decode(name) == "a"
    assert resources.files("tiny_dancer").joinpath("data/kernel.wasm").read_bytes()[:4] == b"\0asm"
    assert sys.exc_info() == (None, None, None)


await main()  # noqa: F704
