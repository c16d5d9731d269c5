"""What clients get when the upstream is a server that nobody here wrote; writes a table.

    python tests/gateway/other_servers.py [NAME ...]

LiteLLM's proxy, llmock, mockllm and aimock, each in an environment of its own under build/servers,
installed from the locks in tests/gateway/servers. Each plays the light upstream, well or failing in
its own way; the powerful one is well. The official Python and npm clients ask, for whole answers
and for streams, for `auto`, which may fall back, and for `light`, which may not.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, product
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))

from gateway.asking import EASY  # noqa: E402
from gateway.faults import SETTINGS, ask  # noqa: E402
from gateway.processes import find_free_port  # noqa: E402
from gateway.running import KEY, Running, config_of  # noqa: E402
from gateway.upstream import Upstream  # noqa: E402
from patience import PATIENCE_S  # noqa: E402

RESULTS = ROOT / "docs/results/gateway-servers.json"
FILES = Path(__file__).parent / "servers"
BUILD = ROOT / "build/servers"
NODE = ROOT / "node_modules/.bin/node"
START_S = 120
KEY_OF_LITELLM = "sk-of-the-proxy"


@dataclass(frozen=True)
class Play:
    """One way a server answers.

    Attributes:
        name: of the way.
        options: of the server's command.
        model: what the gateway calls the model there.
        key: what it sends as its key.
    """

    name: str
    options: tuple[str, ...] = ()
    model: str = "ok"
    key: str = "k"


@dataclass(frozen=True)
class Server:
    """A server from a registry.

    Attributes:
        name: of its package.
        command: how it is started; `{port}` stands for its port.
        plays: the ways it answers.
        health: a path that answers once it is ready.
    """

    name: str
    command: tuple[str, ...]
    plays: tuple[Play, ...]
    health: str = "/v1/models"
    environment: dict[str, str] = field(default_factory=dict)


def _chaos(name: str, *options: str) -> Play:
    return Play(name, options)


SERVERS = (
    Server(
        "litellm",
        ("bin/litellm", "--config", str(FILES / "litellm.yaml"), "--port", "{port}"),
        (
            Play("ok", key=KEY_OF_LITELLM),
            Play("wrong key", key="sk-wrong"),
            Play("unknown model", model="nobody", key=KEY_OF_LITELLM),
            Play("rate limit", model="rate-limit", key=KEY_OF_LITELLM),
            Play("context window", model="context-window", key=KEY_OF_LITELLM),
            Play("internal error", model="internal-error", key=KEY_OF_LITELLM),
            Play("its own upstream unreachable", model="unreachable", key=KEY_OF_LITELLM),
        ),
        "/health/liveliness",
        {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_DOCS": "True"},
    ),
    Server(
        "llmock",
        ("bin/llmock", "serve", "--host", "127.0.0.1", "--port", "{port}", "--log-level", "error"),
        (
            _chaos("ok", "--response-style", "hello"),
            *(_chaos(f"status {n}", "--error-rate", f"{n}=1") for n in (400, 401, 403, 404, 422)),
            *(_chaos(f"status {n}", "--error-rate", f"{n}=1") for n in (429, 500, 503, 529)),
            _chaos("context window of 3", "--context-window", "3"),
            *(
                _chaos(f"stream fault {kind}", "--stream-fault", f"{kind}=1")
                for kind in ("disconnect", "truncate", "malformed", "stall")
            ),
        ),
    ),
    Server(
        "mockllm",
        (
            *("bin/mockllm", "start", "--responses", str(FILES / "mockllm.yml")),
            *("--host", "127.0.0.1", "--port", "{port}"),
        ),
        (Play("ok"),),
        "/openapi.json",
    ),
    Server(
        "aimock",
        (
            *("node_modules/.bin/llmock", "--fixtures", str(FILES / "aimock.json")),
            *("--port", "{port}", "--log-level", "silent"),
        ),
        (
            Play("ok"),
            Play("tool call", model="tool"),
            Play("no fixture", model="nobody"),
            Play("quota", model="quota"),
            Play("overloaded", model="overloaded"),
            Play("truncated", model="truncated"),
            Play("disconnected", model="disconnected"),
            _chaos("chaos: drop", "--chaos-drop", "1"),
            _chaos("chaos: malformed", "--chaos-malformed", "1"),
            _chaos("chaos: disconnect", "--chaos-disconnect", "1"),
            _chaos("chaos: rate limit", "--chaos-ratelimit", "1"),
        ),
        "/health",
    ),
)


def install(server: Server) -> Path:
    """The folder of its environment, made from the lock if it is not there."""
    folder = BUILD / server.name
    lock = FILES / f"{server.name}.txt"
    if not lock.exists():
        if not (folder / "node_modules").exists():
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(FILES / name, folder)
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True)
        return folder
    if not (folder / "bin/python").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    command = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*command, "-r", lock], check=True)
    return folder


def read_version(server: Server, folder: Path) -> str:
    """The version that its lock names."""
    pins = FILES / f"{server.name}.in"
    if pins.exists():
        return pins.read_text().strip().rpartition("==")[2]
    package = json.loads((folder / "package.json").read_text())
    return str(next(iter(package["dependencies"].values())))


@contextmanager
def serve(server: Server, folder: Path, options: tuple[str, ...]) -> Iterator[str]:
    """Its address, until the end of the block."""
    port = str(find_free_port())
    program, *rest = (part.replace("{port}", port) for part in server.command)
    process = subprocess.Popen(
        [folder / program, *rest, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**os.environ, **server.environment},
    )
    try:
        _wait(f"http://127.0.0.1:{port}{server.health}", process)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + START_S
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except HTTPError:
            return  # it answers
        except OSError:
            if process.poll() is not None or time.monotonic() > ends_at:
                raise
            time.sleep(0.1)


def observe(url: str, play: Play, *, stream: bool, fallback: bool, npm: bool) -> dict[str, Any]:
    """What one client got of one request, and what is known about it afterwards."""
    powerful = Upstream("big-1")
    raw = config_of(url, powerful.url, breaker=SETTINGS)
    raw["upstreams"][0] |= {"model": play.model, "key_env": "LIGHT_KEY"}
    raw["upstreams"][0] |= {"timeout_s": 3.0, "stall_s": 3.0}
    gateway = Running(raw, {"LIGHT_KEY": play.key})
    model = "auto" if fallback else "light"
    try:
        got = (_ask_npm if npm else _ask_python)(gateway.url, model, stream)
        metrics = gateway.router.metrics()
        return {
            **got,
            "breaker": str(metrics.breakers.get("light", "closed")),
            "in_history": len(gateway.decisions()),
        }
    finally:
        gateway.close()
        powerful.close()


def _ask_python(url: str, model: str, stream: bool) -> dict[str, Any]:
    got = ask(url, model, stream=stream)
    return {name: got[name] for name in ("text", "error", "status", "served_by")}


def _ask_npm(url: str, model: str, stream: bool) -> dict[str, Any]:
    command = [NODE, FILES / "client.mjs", f"{url}/v1", KEY, model, str(stream).lower(), EASY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    got = json.loads(done.stdout)
    return {name: got[name] for name in ("text", "error", "status", "served_by")}


def rows_of(server: Server) -> Iterator[dict[str, Any]]:
    """A row for each way, form, model and client."""
    folder = install(server)
    version = read_version(server, folder)
    forms = list(product((False, True), (True, False), (False, True)))
    for options, plays in groupby(server.plays, key=lambda play: play.options):
        with serve(server, folder, options) as url:
            for play, (stream, fallback, npm) in product(plays, forms):
                row = observe(url, play, stream=stream, fallback=fallback, npm=npm)
                yield {
                    "server": server.name,
                    "version": version,
                    "play": play.name,
                    "stream": stream,
                    "fallback": fallback,
                    "client": "npm" if npm else "Python",
                    **row,
                }


def main(names: list[str]) -> None:
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    chosen = [one for one in SERVERS if not names or one.name in names]
    kept = [row for row in known if row["server"] not in {one.name for one in chosen}]
    rows = []
    for server in chosen:
        for row in rows_of(server):
            rows.append(row)
            print(json.dumps(row, ensure_ascii=False), flush=True)
    order = [one.name for one in SERVERS]
    rows = sorted((*kept, *rows), key=lambda row: order.index(row["server"]))
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in rows)
    RESULTS.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main(sys.argv[1:])
