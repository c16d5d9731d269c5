"""What a gateway adds to a call: direct, through CPython, through workerd, in one run.

    python tests/gateway/overhead.py

Writes docs/results/gateway-overhead.json and draws docs/results/gateway-overhead.svg. The upstream
answers at once, so what is measured is the way there and back. Rounds alternate between the three,
so that a busy moment of the machine meets all of them.
"""

import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))

from gateway.asking import EASY, chat  # noqa: E402
from gateway.processes import cpython, has_workerd, workerd  # noqa: E402
from gateway.running import KEY, config_of  # noqa: E402

RESULTS = ROOT / "docs/results/gateway-overhead.json"
CONNECTIONS = (1, 16, 64)
ROUNDS = 5
REQUESTS = {1: 100, 16: 320, 64: 640}
"""Of one round, over all connections."""
BODY = json.dumps(chat(EASY)).encode()


async def load(
    url: str, connections: int, requests: int
) -> tuple[list[float], float, list[tuple[int, float]]]:
    """Milliseconds of each request, seconds of all, status and seconds of those that failed."""
    parts = urlsplit(url)
    times: list[float] = []
    failed: list[tuple[int, float]] = []
    head = (
        f"POST {parts.path}/chat/completions HTTP/1.1\r\nhost: {parts.netloc}\r\n"
        f"authorization: Bearer {KEY}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(BODY)}\r\n\r\n"
    ).encode()

    async def one(n: int) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for _ in range(n):
            begun = perf_counter()
            writer.write(head + BODY)
            status = await _answer(reader)
            if status != 200:
                failed.append((status, perf_counter() - begun))
            times.append((perf_counter() - begun) * 1e3)
        writer.close()

    begun = perf_counter()
    await asyncio.gather(*(one(requests // connections) for _ in range(connections)))
    return times, perf_counter() - begun, failed


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read an answer; its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" in head:
        size = -1
        while size:
            size = int((await reader.readuntil(b"\r\n")).strip(), 16)
            await reader.readexactly(size + 2)
    else:
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    return int(head.split(b" ")[1])


def measured(urls: dict[str, str]) -> dict[str, Any]:
    """Quantiles and rates by way and number of connections."""
    for url in urls.values():
        asyncio.run(load(url, 1, 50))
    found: dict[str, Any] = {name: {} for name in urls}
    for connections in CONNECTIONS:
        times: dict[str, list[float]] = {name: [] for name in urls}
        rates: dict[str, list[float]] = {name: [] for name in urls}
        failures = dict.fromkeys(urls, 0)
        for _ in range(ROUNDS):
            for name, url in urls.items():
                some, seconds, failed = asyncio.run(load(url, connections, REQUESTS[connections]))
                failures[name] += len(failed)
                if failed:
                    print(f"{name}, {connections} connections: {failed}", file=sys.stderr)
                times[name] += some
                rates[name].append(len(some) / seconds)
        for name in urls:
            row = sorted(times[name])
            found[name][str(connections)] = {
                "p50_ms": round(row[len(row) // 2], 3),
                "p99_ms": round(row[len(row) * 99 // 100], 3),
                "requests_per_s": round(sorted(rates[name])[ROUNDS // 2], 1),
                "requests": len(row),
                "failed": failures[name],
            }
    return found


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = subprocess.Popen(
            [sys.executable, __file__, "--upstream"], stdout=subprocess.PIPE, text=True
        )
        stack.callback(upstream.terminate)
        assert upstream.stdout is not None
        direct = upstream.stdout.readline().strip()
        raw = config_of(direct, direct)
        stored = raw | {"storage": {"path": str(folder / "history.db")}}
        urls = {"direct": direct, "cpython": f"{stack.enter_context(cpython(stored, folder))}/v1"}
        if has_workerd():
            urls["workerd"] = f"{stack.enter_context(workerd(raw, folder))}/v1"
        load_before = os.getloadavg()[0]
        found = measured(urls)
    result = {
        "made_by": "python tests/gateway/overhead.py",
        "machine": {
            "cpus": os.cpu_count(),
            "system": platform.system(),
            "processor": platform.machine(),
            "python": platform.python_version(),
            "load_before": round(load_before, 2),
        },
        "rounds": ROUNDS,
        "ways": found,
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    draw(result)
    print(json.dumps(result, indent=1))


def draw(result: dict[str, Any]) -> None:
    """The figure of docs/gateway.md."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "tiny-dancer"
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    names = ("p50_ms", "p99_ms", "requests_per_s")
    titles = ("p50, ms", "p99, ms", "requests a second")
    for panel, name, title in zip(panels, names, titles, strict=True):
        for at, (way, rows) in enumerate(result["ways"].items()):
            places = [n + 0.27 * (at - 1) for n in range(len(CONNECTIONS))]
            heights = [rows[str(c)][name] for c in CONNECTIONS]
            panel.bar(places, heights, 0.25, label=way)
        panel.set_xticks(range(len(CONNECTIONS)), [str(c) for c in CONNECTIONS])
        panel.set_xlabel("connections")
        panel.set_title(title)
        panel.set_yscale("log")
    panels[0].legend(frameon=False)
    figure.savefig(RESULTS.with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    if "--upstream" in sys.argv:
        import threading

        from gateway.upstream import Upstream

        print(Upstream("m").url, flush=True)
        threading.Event().wait()
    main()
