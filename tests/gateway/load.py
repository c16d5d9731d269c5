"""What a gateway does under load, on this tree and on an older revision, in one run.

    python tests/gateway/load.py [--revision c4b8a2e] [--rounds 3]

writes docs/results/gateway-load.json:

1, 16, 128 and 1,000 connections that ask one chat after the other, and 300 streams at a time;
requests a second, quantiles, memory and descriptors of the serving process. It starts with a soft
limit of 1,024 descriptors, as most systems give. The upstream answers at once. Rounds alternate
between the trees, so that a busy moment of the machine meets both.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/bench")]

from gateway.asking import EASY, chat  # noqa: E402
from gateway.process_facts import Descriptors, count_descriptors, read_memory  # noqa: E402
from gateway.processes import find_free_port, wait_for  # noqa: E402
from gateway.running import KEY, config_of  # noqa: E402

RESULTS = ROOT / "docs/results/gateway-load.json"
LEVELS = {"1": (1, 150), "16": (16, 20), "128": (128, 6), "1000": (1000, 2), "streams": (300, 2)}
"""Connections at a time, and requests over each of them, in one round."""

KNOWN = ("keys", "admin_keys", "upstreams", "storage")
"""Settings that every revision knows; all else is as it comes."""

SOFT_LIMIT = 1_024
PATIENCE_S = 60.0
"""After this a request has failed."""


class Client:
    """Connections that ask, and what came of it.

    Args:
        url: of the gateway.
        is_streamed: ask for streams.

    Attributes:
        times: milliseconds of each request that was answered, from its first byte to its last.
        waits: those to the first event of each stream.
        failed: what else came, and how often.
    """

    def __init__(self, url: str, *, is_streamed: bool) -> None:
        self.times: list[float] = []
        self.waits: list[float] = []
        self.failed: Counter[str] = Counter()
        self._parts = urlsplit(url)
        body = json.dumps(chat(EASY, **({"stream": True} if is_streamed else {}))).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: {self._parts.netloc}\r\n"
            f"authorization: Bearer {KEY}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        self._request = head.encode() + body

    async def run(self, connections: int, requests: int) -> float:
        """Seconds that all of them took together."""
        begun = perf_counter()
        await asyncio.gather(*(self._ask(requests) for _ in range(connections)))
        return perf_counter() - begun

    async def _ask(self, requests: int) -> None:
        reader: asyncio.StreamReader | None = None
        writer: asyncio.StreamWriter | None = None
        for _ in range(requests):
            begun = perf_counter()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    if reader is None or writer is None:
                        reader, writer = await asyncio.open_connection(
                            self._parts.hostname, self._parts.port
                        )
                    writer.write(self._request)
                    status = await self._read(reader, begun)
            except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError) as error:
                self.failed[type(error).__name__] += 1
                if writer is not None:
                    writer.close()
                reader = writer = None
                continue
            if status == 200:
                self.times.append((perf_counter() - begun) * 1e3)
            else:
                self.failed[str(status)] += 1
        if writer is not None:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, begun: float) -> int:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b"transfer-encoding: chunked" in head:
            size = -1
            while size:
                size = int((await reader.readuntil(b"\r\n")).strip(), 16)
                await reader.readexactly(size + 2)
                if size and b"event-stream" in head and b"\0" not in head:
                    self.waits.append((perf_counter() - begun) * 1e3)
                    head += b"\0"  # the first one only
        else:
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        return int(head.split(b" ")[1])


def limit_descriptors() -> None:
    """The serving process begins with as many as most systems give."""
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (SOFT_LIMIT, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    )


class Tree:
    """A gateway of one revision, and what was measured of it.

    Args:
        path: where its files are.
        folder: for config and history.
        upstream: address of both upstreams.
        stack: ends the process.
    """

    def __init__(self, path: Path, folder: Path, upstream: str, stack: ExitStack) -> None:
        folder.mkdir()
        raw = config_of(upstream, upstream, storage={"path": str(folder / "history.db")})
        raw = {name: raw[name] for name in KNOWN}
        (folder / "gateway.json").write_text(json.dumps(raw))
        port = find_free_port()
        command = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "serve"]
        command += ["--config", str(folder / "gateway.json"), "--port", str(port)]
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(path / "py")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=limit_descriptors,
        )
        stack.callback(self._end)
        self._url = f"http://127.0.0.1:{port}"
        wait_for(self._url, self._process)
        self._rows: dict[str, list[dict[str, Any]]] = {name: [] for name in LEVELS}
        self._idle = self._facts()

    def _facts(self) -> dict[str, Any]:
        pid = self._process.pid
        return {"memory_mb": read_memory(pid), "descriptors": count_descriptors(pid)}

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def load(self, level: str) -> None:
        """One round of one level."""
        client = Client(self._url, is_streamed=level == "streams")
        with Descriptors(self._process.pid) as descriptors:
            seconds = asyncio.run(client.run(*LEVELS[level]))
        self._rows[level].append(
            {
                "times": client.times,
                "waits": client.waits,
                "failed": client.failed,
                "rate": len(client.times) / seconds,
                "memory": read_memory(self._process.pid),
                "descriptors": descriptors.most,
            }
        )

    def read(self) -> dict[str, Any]:
        """Quantiles over all rounds, the median of their rates, the most memory and descriptors."""
        after = self._facts() | {"most_memory_mb": read_memory(self._process.pid, "VmHWM")}
        return {
            "idle": self._idle,
            "afterwards": after,
            "levels": {name: summarize(rows) for name, rows in self._rows.items() if rows},
        }


def summarize(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of one level."""
    times = sorted(time for row in rows for time in row["times"])
    waits = sorted(time for row in rows for time in row["waits"])
    failed = sum((row["failed"] for row in rows), Counter())
    rates = sorted(row["rate"] for row in rows)
    found = {
        "requests": len(times) + failed.total(),
        "failed": dict(sorted(failed.items())),
        "requests_per_s": round(rates[len(rates) // 2], 1),
        "memory_mb": max(row["memory"] for row in rows),
        "descriptors": max(row["descriptors"] for row in rows),
    }
    for name, values in (("", times), ("first_event_", waits)):
        if values:
            found[f"{name}p50_ms"] = round(values[len(values) // 2], 2)
            found[f"{name}p99_ms"] = round(values[len(values) * 99 // 100], 2)
    return found


def main() -> None:
    """Run, print, write."""
    from machine import machine
    from revision import checked_out, commit_of

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--revision", default="c4b8a2e")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # of this process, the clients
    commits = {"before": commit_of(chosen.revision), "now": commit_of("HEAD")}
    paths = {"before": checked_out(commits["before"]), "now": ROOT}
    on = machine()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        code = [sys.executable, str(Path(__file__).with_name("overhead.py")), "--upstream"]
        upstream = subprocess.Popen(code, stdout=subprocess.PIPE, text=True)
        stack.callback(upstream.kill)
        assert upstream.stdout is not None
        url = upstream.stdout.readline().strip()
        trees = {name: Tree(path, folder / name, url, stack) for name, path in paths.items()}
        for level in LEVELS:
            for number in range(chosen.rounds):
                for name, tree in trees.items():
                    print(f"{level}: round {number + 1}, {name}", file=sys.stderr, flush=True)
                    tree.load(level)
        found = {name: {"commit": commits[name][:7], **tree.read()} for name, tree in trees.items()}
    result = {
        "made_by": "python tests/gateway/load.py",
        "machine": on,
        "rounds": chosen.rounds,
        "soft_limit_of_descriptors": SOFT_LIMIT,
        "connections_and_requests_each": {name: list(both) for name, both in LEVELS.items()},
        **found,
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
