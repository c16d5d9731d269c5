"""`python -m whole_way.over_http`: the whole way once, over HTTP: `serve`, `report`, three servers.

From the folder tests. What came of it goes into docs/results/whole-way-http.json.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from gateway.processes import serve
from patience import PATIENCE_S
from whole_way.steps import DELTA, SHARE, TARGET, ask_for, build_config, complete
from whole_way.world import World, find_true_quality

from tiny_dancer.history import SQLiteStore
from tiny_dancer.policy import Policy

ADMIN = "whole-way-admin"
RESULTS = Path(__file__).parents[2] / "docs/results/whole-way-http.json"


@contextmanager
def serve_world(world: World) -> Iterator[dict[str, str]]:
    """Three servers of a world on loopback ports, by name."""
    lock = threading.Lock()

    def make(name: str) -> ThreadingHTTPServer:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with lock:
                    answer = json.dumps(complete(world, name, body)).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        Handler.disable_nagle_algorithm = True
        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    servers = {name: make(name) for name in ("light", "powerful", "judge")}
    for server in servers.values():
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {n: f"http://127.0.0.1:{s.server_address[1]}/v1" for n, s in servers.items()}
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()


class Client:
    """Asks a served gateway.

    Args:
        url: of the gateway.
        world: whose bills say when nothing is on its way any more.
    """

    def __init__(self, url: str, world: World) -> None:
        headers = {"authorization": f"Bearer {ADMIN}"}
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=PATIENCE_S, trust_env=False
        )
        self._world = world
        self.served: dict[tuple[str, str], int] = {}

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def ask(self, prompt: Any) -> dict[str, str]:
        """The headers of the answer to a prompt."""
        answer = self._http.post("/v1/chat/completions", json=ask_for(prompt))
        assert answer.status_code == 200, answer.text
        said = {n.removeprefix("x-tiny-dancer-"): v for n, v in answer.headers.items()}
        key = said["reason"], said["served-by"]
        self.served[key] = self.served.get(key, 0) + 1
        return said

    def post(self, path: str, body: Any) -> Any:
        """The answer of an endpoint for administrators."""
        answer = self._http.post(path, json=body)
        return answer.json() | {"status": answer.status_code}

    def report(self) -> Any:
        """`GET /v1/report`, once no pair is on its way and all is written."""
        before = None
        while True:
            said = self._http.get("/v1/report").json()
            now = sum(self._world.calls.values()), said["pairs"]
            if now == before and "ungraded" not in said["pairs"]["graded_by"]:
                return said
            before = now
            time.sleep(1.0)


def choose_key(path: Path, seed: int) -> None:
    """Make the history with a key of the seed's: each run draws the same prompts for pairs."""
    asyncio.run(SQLiteStore(path).close())
    key = random.Random(seed).randbytes(32)
    with closing(sqlite3.connect(path)) as history, history:
        history.execute("update meta set value = ? where name = 'key'", (key.hex(),))


def go_over_http(
    folder: Path,
    *,
    seed: int = 1,
    requests: int = 3_000,
    more: int = 3_000,
    worse: int = 4_000,
    share: float = SHARE,
    target: float = TARGET,
) -> dict[str, Any]:
    """What came of the whole way, with the files in a folder."""
    world = World(seed)
    admin = {"name": "admin", "sha256": sha256(ADMIN.encode()).hexdigest()}
    storage = {"path": str(folder / "history.db"), "view_age_s": 0.2}
    choose_key(folder / "history.db", seed)
    with serve_world(world) as urls:

        def build(mode: str) -> dict[str, Any]:
            return build_config(urls, mode, share, storage=storage, admin_keys=[admin])

        with (
            serve(build("observe"), folder) as served,
            closing(Client(served.url, world)) as client,
        ):
            for prompt in world.choose_requests(requests, "observe"):
                client.ask(prompt)
            assert client.served == {("observe", "powerful"): requests}
            first = client.report()
            page = folder / "report.html"
            command = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "report"]
            command += [storage["path"], "--html", str(page), "--json"]
            said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            assert said["pairs"] == first["pairs"] and page.stat().st_size > 10_000
            found = {
                "requests": requests,
                "share": share,
                "target": target,
                "pairs": first["pairs"],
                "verdict": first["verdict"],
                "differs": [_compare(world, first)],
            }
            body = {"quality": target, "delta": DELTA}
            certified = client.post("/admin/calibrate", body)
            if not certified.get("certified"):
                return {**found, "refused": certified}
            policy = Policy.from_dict(certified["policy"])
            found["true_quality"], found["light_share"] = find_true_quality(world, policy)
            (folder / "gateway.json").write_text(json.dumps(build("on")))
            assert client.post("/admin/reload", {})["status"] == 200
            for prompt in world.choose_requests(more, "on"):
                client.ask(prompt)
            second = client.report()
            light = sum(n for (_, name), n in client.served.items() if name == "light")
            found["served_light"] = light / more
            found["money"] = second["money"]
            found["differs"].append(_compare(world, second))
            world.light_factor = 0.0
            found["alarm_after"] = None
            for n, prompt in enumerate(world.choose_requests(worse, "worse"), 1):
                if client.ask(prompt)["reason"] == "drift_alarm":
                    found["alarm_after"] = n
                    break
            last = client.report()
            found["differs"].append(_compare(world, last))
            found["alarm"], found["alarm_verdict"] = last["drift"], last["verdict"]
            client.served.clear()
            for prompt in world.choose_requests(50, "after"):
                client.ask(prompt)
            found["after"] = {" ".join(key): n for key, n in client.served.items()}
    return found


def _compare(world: World, report: dict[str, Any]) -> float:
    """What the report says was paid, less what the upstreams billed."""
    money = report["money"]
    return float(money["cost"] + money["shadow"] + money["judge"] - sum(world.spent.values()) / 1e9)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        n = options.requests
        found = go_over_http(Path(folder), requests=n, more=n)
    options.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
