"""Kills gateways at work by SIGKILL, and looks whether anything acknowledged is lost.

    python tests/gateway/kills.py [--kills 200] [--workers 1 4]     writes docs/results/kills.json

Clients ask, report outcomes, add candidates and hold a breaker open or closed all the time; one
upstream fails now and then, so that the other breaker opens and closes by itself. With several
workers one of them is killed, and every tenth time all of them with their parent. After each kill
the history's file is read by another process than the one that wrote it.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs/results/kills.json"
sys.path.insert(0, str(ROOT / "tests"))

from gateway.processes import find_free_port, list_workers, wait_for  # noqa: E402
from gateway.running import ADMIN, KEY, config_of  # noqa: E402
from gateway.upstream import Upstream  # noqa: E402
from patience import PATIENCE_S, wait_until  # noqa: E402

from tiny_dancer.breaker.snapshot import from_json  # noqa: E402
from tiny_dancer.breaker.state import Mode  # noqa: E402
from tiny_dancer.history import Storage  # noqa: E402
from tiny_dancer.history.records.codec import from_row  # noqa: E402

FORCED = {"open": Mode.FORCED_OPEN, "closed": Mode.FORCED_CLOSED}
CLIENTS = 6


class Acknowledged:
    """What clients were told is stored; they write it down before they ask for more."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []
        self.candidates: list[str] = []
        self.mode: str | None = None  # the last one acknowledged
        self.asked: str | None = None  # the one asked for after it, if any
        self.over = threading.Event()


def ask(url: str, number: int, told: Acknowledged) -> None:
    """One client, until the gateway is gone."""
    draw, turn = random.Random(number), 0
    user, admin = {"authorization": f"Bearer {KEY}"}, {"authorization": f"Bearer {ADMIN}"}
    with httpx.Client(base_url=url, headers=user, timeout=PATIENCE_S, trust_env=False) as http:
        while not told.over.is_set():
            turn += 1
            try:
                if number == 0:
                    told.asked = draw.choice(("open", "closed"))
                    body = {"model": "big", "mode": told.asked}
                    if http.post("/admin/breaker", json=body, headers=admin).status_code == 200:
                        told.mode, told.asked = told.asked, None
                elif number == 1:
                    name = f"c-{os.getpid()}-{time.monotonic_ns()}"
                    one = {"id": name, "text": "x", "created_at": 1.0, "success_rate": 0.5}
                    if http.post("/v1/candidates", json=one).status_code == 200:
                        if turn % 2:
                            told.candidates.append(name)
                        else:  # whether it is there afterwards is not known
                            http.delete(f"/v1/candidates/{name}")
                else:
                    words = "do:500" if draw.random() < 0.15 else "What is the capital of France?"
                    chat = {"model": "auto", "messages": [{"role": "user", "content": words}]}
                    answer = http.post("/v1/chat/completions", json=chat)
                    decision = answer.headers.get("x-tiny-dancer-decision-id")
                    if decision is None:
                        continue
                    body = {"decision_id": decision, "light_score": 1.0}
                    if http.post("/v1/outcomes", json=body).status_code == 200:
                        told.outcomes.append(decision)
            except (httpx.HTTPError, OSError):
                if number == 0 and told.over.is_set():
                    return
                time.sleep(0.01)


def start(config: Path, port: int, workers: int) -> subprocess.Popen[Any]:
    """A gateway in a session of its own."""
    command = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "serve"]
    command += ["--config", str(config), "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(f"http://127.0.0.1:{port}", process)
    return process


def worker_of(process: subprocess.Popen[Any], draw: random.Random) -> int:
    """The id of one of its serving processes, once there is one."""
    wait_until(lambda: list_workers(process.pid))
    return draw.choice(list_workers(process.pid))


def faults(path: Path, told: Acknowledged) -> list[str]:
    """What was acknowledged and is not there, or is another way."""
    with Storage(path, busy_s=30) as storage:
        storage.check()
        store = storage._store
        outcomes = {row[0] for _, row in asyncio.run(store.scan("outcome", 0, 10_000_000))}
        candidates = {row[0] for _, row in asyncio.run(store.scan("candidate", 0, 10_000_000))}
        states = asyncio.run(store.load_states("breaker"))
        events = [from_row("event", row) for _, row in asyncio.run(store.scan("event", 0, 10**7))]
        total = storage.get_statistics().outcomes
    found = [f"outcome {name} is lost" for name in told.outcomes if name not in outcomes]
    found += [f"candidate {name} is lost" for name in told.candidates if name not in candidates]
    if total != len(outcomes):
        found.append(f"{total} outcomes are counted, {len(outcomes)} are there")
    if "powerful" in states and told.mode is not None:
        mode = from_json(states["powerful"].text).mode
        allowed = {FORCED[name] for name in (told.mode, told.asked) if name}
        if mode not in allowed:
            found.append(f"breaker is {mode}, {sorted(allowed)} was acknowledged")
    for model, state in states.items():
        changes = [json.loads(e.text) for e in events if (e.kind, e.name) == ("breaker", model)]
        modes = ["closed", *(change["after"] for change in changes)]
        if [change["before"] for change in changes] != modes[:-1]:
            found.append(f"breaker of {model}: its changes are no chain")
        if changes and modes[-1] != str(from_json(state.text).mode):
            found.append(f"breaker of {model}: {modes[-1]} by its changes, not by its state")
    return found


def run(kills: int, workers: int, folder: Path, say: Any = print) -> dict[str, Any]:
    """Kill so often; what was found."""
    light, powerful = Upstream("light"), Upstream("powerful")
    path, draw, told = folder / "history.db", random.Random(kills), Acknowledged()
    raw = config_of(
        light.url,
        powerful.url,
        storage={"path": str(path)},
        breaker={"open_s": 0.5, "max_open_s": 1.0, "consecutive_failures": 3},
    )
    config = folder / "gateway.json"
    config.write_text(json.dumps(raw))
    port, found, done = find_free_port(), [], 0
    process = start(config, port, workers)
    clients: list[threading.Thread] = []

    def begin() -> None:
        told.over.clear()
        url = f"http://127.0.0.1:{port}"
        clients[:] = [threading.Thread(target=ask, args=(url, n, told)) for n in range(CLIENTS)]
        for client in clients:
            client.start()

    def end() -> None:
        told.over.set()
        for client in clients:
            client.join()

    began = time.monotonic()
    begin()
    while done < kills:
        wanted, until = len(told.outcomes) + draw.randrange(1, 12), time.monotonic() + PATIENCE_S
        while len(told.outcomes) < wanted and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(draw.uniform(0.0, 0.1))  # somewhere between two writes
        done += 1
        if workers > 1 and done % 10:
            os.kill(worker_of(process, draw), signal.SIGKILL)
            time.sleep(0.5)  # the next kill may hit one that starts
        else:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            end()
            found += [f"kill {done}: {fault}" for fault in faults(path, told)]
            process = start(config, port, workers)
            begin()
        if done % 20 == 0:
            say(f"{done} kills, {len(told.outcomes)} outcomes, {len(found)} faults", flush=True)
    end()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    found += [f"at the end: {fault}" for fault in faults(path, told)]
    light.close()
    powerful.close()
    return {
        "kills": done,
        "workers": workers,
        "outcomes": len(told.outcomes),
        "candidates": len(told.candidates),
        "seconds": round(time.monotonic() - began, 1),
        "faults": found,
    }


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4])
    chosen = parser.parse_args()
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True)
    commit, rows = commit.strip(), []
    for workers in chosen.workers:
        with tempfile.TemporaryDirectory() as folder:
            rows.append({"commit": commit, **run(chosen.kills, workers, Path(folder))})
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    print(json.dumps(rows, indent=1))
    sys.exit(any(row["faults"] for row in rows))


if __name__ == "__main__":
    main()
