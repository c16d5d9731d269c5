"""A gateway under mixed traffic, a flapping upstream and every attack, for as long as one likes.

    python tests/gateway/soak.py [--minutes 60]     writes docs/results/gateway-soak.json

Clients of every endpoint ask all the time; the light upstream fails in another way every few
seconds; one client of each attack (attackers.py) does its worst. It passes where no client but the
attackers met an error, nothing answered 500, and memory and descriptors are flat: the last quarter
against the second.
"""

import argparse
import asyncio
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import httpx

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/bench")]

from gateway.asking import EASY, HARD, chat  # noqa: E402
from gateway.attackers import ATTACKS, OTHER_KEY, Target  # noqa: E402
from gateway.process_facts import count_descriptors, read_memory  # noqa: E402
from gateway.processes import serve  # noqa: E402
from gateway.running import KEY, config_of  # noqa: E402
from gateway.upstream import Upstream  # noqa: E402
from patience import PATIENCE_S  # noqa: E402
from random_bundle import random_bundle  # noqa: E402

RESULTS = ROOT / "docs/results/gateway-soak.json"
FLAPS = ("ok", "ok", "500", "429", "garbage", "401", "cut", "ok", "503", "error event")
FLAP_S, LOOK_S = 3.0, 2.0
CLIENTS = 6
GROWTH = 1.15
"""Of memory and descriptors between the second and the last quarter; an allocator is not flat."""


class Tally:
    """What the clients met that mean no harm.

    Attributes:
        answers: by kind of request.
        faults: what was wrong, and how often.
        attacks: rounds of each attack.
        over: time to end.
    """

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.attacks: Counter[str] = Counter()
        self.over = asyncio.Event()


async def ask_whole(http: httpx.AsyncClient, draw: random.Random) -> str | None:
    """A chat, and the outcome of its decision; what was wrong, or None."""
    body = chat(*draw.choices((EASY, HARD, "and in Rust?"), k=draw.randrange(1, 4)))
    answer = await http.post("/v1/chat/completions", json=body)
    if answer.status_code != 200:
        return f"{answer.status_code} {answer.text[:200]}"
    told = {"decision_id": answer.headers["x-tiny-dancer-decision-id"], "light_score": 1.0}
    kept = await http.post("/v1/outcomes", json=told)
    return None if kept.status_code == 200 else f"outcome: {kept.status_code} {kept.text[:200]}"


async def ask_stream(http: httpx.AsyncClient, draw: random.Random) -> str | None:
    """A stream; one that its upstream cuts has to end with an error event."""
    body = chat(draw.choice((EASY, HARD)), stream=True)
    async with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        text = (await answer.aread()).decode()
    if answer.status_code != 200:
        return f"{answer.status_code} {text[:200]}"
    return None if "[DONE]" in text or '"error"' in text else f"stream: {text[-200:]}"


async def ask_messages(http: httpx.AsyncClient, draw: random.Random) -> str | None:
    """A request of another format."""
    turns = [{"role": "user", "content": draw.choice((EASY, HARD))}]
    answer = await http.post(
        "/v1/messages", json={"model": "auto", "max_tokens": 50, "messages": turns}
    )
    return None if answer.status_code == 200 else f"{answer.status_code} {answer.text[:200]}"


async def change_candidates(http: httpx.AsyncClient, draw: random.Random) -> str | None:
    """A candidate that comes, is ranked and goes."""
    name = f"good-{draw.randrange(1 << 40)}"
    one = {"id": name, "text": "a tool for it", "created_at": 1.0, "success_rate": 0.5}
    answers = [
        await http.post("/v1/candidates", json=one),
        await http.post("/v1/route", json={"prompt": "which tool?"}),
        await http.get(f"/v1/candidates/{name}"),
        await http.delete(f"/v1/candidates/{name}"),
    ]
    return next((f"{a.status_code} {a.text[:200]}" for a in answers if a.status_code != 200), None)


async def look_around(http: httpx.AsyncClient, draw: random.Random) -> str | None:
    """What monitors and lists ask."""
    path = draw.choice(("/v1/stats", "/v1/models", "/metrics", "/healthz", "/readyz"))
    answer = await http.get(path)
    return None if answer.status_code == 200 else f"{path}: {answer.status_code} {answer.text}"


async def embed(http: httpx.AsyncClient, draw: random.Random) -> str | None:
    """An embedding."""
    answer = await http.post("/v1/embeddings", json={"model": "vectors", "input": "x"})
    return None if answer.status_code == 200 else f"{answer.status_code} {answer.text[:200]}"


Ask = Callable[[httpx.AsyncClient, random.Random], Awaitable[str | None]]
KINDS: dict[str, tuple[Ask, int]] = {
    "chats": (ask_whole, 8),
    "streams": (ask_stream, 5),
    "messages": (ask_messages, 2),
    "candidates": (change_candidates, 1),
    "embeddings": (embed, 1),
    "looks": (look_around, 2),
}


async def be_good(url: str, number: int, tally: Tally) -> None:
    """One client that means no harm."""
    draw = random.Random(number)
    headers = {"authorization": f"Bearer {KEY}"}
    names, weights = list(KINDS), [weight for _, weight in KINDS.values()]
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=PATIENCE_S, trust_env=False
    ) as http:
        while not tally.over.is_set():
            (name,) = draw.choices(names, weights)
            try:
                fault = await KINDS[name][0](http, draw)
            except httpx.HTTPError as error:
                fault = f"{type(error).__name__}: {error}"
            tally.answers[name] += 1
            if fault is not None:
                tally.faults[f"{name}: {fault}"] += 1
                print(f"{time.strftime('%H:%M:%S')} {name}: {fault}", flush=True)
            await asyncio.sleep(0.02)


async def attack(target: Target, attack_once: Callable[..., Awaitable[None]], tally: Tally) -> None:
    """One client that does."""
    while not tally.over.is_set():
        with suppress(OSError, EOFError):  # that is what it asked for
            await attack_once(target)
        tally.attacks[attack_once.__name__] += 1
        await asyncio.sleep(0.25)


async def flap(upstream: Upstream, tally: Tally) -> None:
    """Let the light upstream fail in another way every few seconds."""
    for at in range(1 << 30):
        if tally.over.is_set():
            break
        upstream.behaviour = FLAPS[at % len(FLAPS)]
        upstream.calls.clear()
        await asyncio.sleep(FLAP_S)


async def run(minutes: float, folder: Path, say: Callable[..., object] = print) -> dict[str, Any]:
    """What was asked, met and used."""
    light, powerful = Upstream("light"), Upstream("powerful")
    bundle = folder / "bundle.safetensors"
    bundle.write_bytes(random_bundle(3, candidates=True))
    raw = config_of(
        light.url,
        powerful.url,
        storage={"path": str(folder / "history.db"), "max_records": 20_000},
        policy={"bundle": str(bundle)},
        breaker={"open_s": 1.0, "max_open_s": 2.0},
    )
    raw["keys"].append({"name": "other", "sha256": sha256(OTHER_KEY.encode()).hexdigest()})
    raw["limits"] |= {"headers_s": 3.0, "body_s": 3.0, "write_s": 3.0}
    tally, looks = Tally(), []
    with serve(raw, folder) as served:
        bundle.unlink()
        os.mkfifo(bundle)  # from now on a reload finds nothing else
        pid, parts = served.process.pid, urlsplit(served.url)
        target = Target(parts.hostname or "", parts.port or 0)
        tasks = [be_good(served.url, n, tally) for n in range(CLIENTS)]
        tasks += [attack(target, one, tally) for one in ATTACKS]
        tasks.append(flap(light, tally))
        running = asyncio.gather(*tasks)
        begun = time.monotonic()
        while (
            (spent := time.monotonic() - begun) < minutes * 60 or set(tally.answers) != set(KINDS)
        ) and not running.done():
            await asyncio.sleep(LOOK_S)
            powerful.calls.clear()
            looks.append((spent, read_memory(pid), count_descriptors(pid)))
            if len(looks) % 15 == 0:
                say(f"{spent:.0f} s: {looks[-1][1]} MB, {looks[-1][2]} descriptors, "
                    f"{tally.answers.total():,} requests, {tally.faults.total()} faults",
                    flush=True)  # fmt: skip
        tally.over.set()
        await running
        found = summarize(looks, tally, minutes)
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
            headers = {"authorization": f"Bearer {KEY}"}
            metrics = (await http.get(f"{served.url}/metrics", headers=headers)).text
            ready = (await http.get(f"{served.url}/readyz")).json()
        found["answers_500"] = [
            line for line in metrics.splitlines() if 'status="500"' in line and "responses" in line
        ]
        found["ready_at_the_end"] = ready
        lines = served.output.splitlines()
        found["tracebacks"] = sum("Traceback" in line for line in lines)
        found["errors_inside"] = [line for line in lines if "Error at " in line][:20]
        found["answers_after_10_s"] = [line for line in lines if re.search(r", \d{5,} ms", line)][
            :20
        ]
    light.close()
    powerful.close()
    return found


def summarize(
    looks: list[tuple[float, float, int]], tally: Tally, minutes: float
) -> dict[str, Any]:
    """Figures of a run."""
    quarter = len(looks) // 4
    second, last = looks[quarter : 2 * quarter], looks[3 * quarter :]
    flat = {
        name: [median(look[column] for look in part) for part in (second, last)]
        for column, name in ((1, "memory_mb"), (2, "descriptors"))
    }
    step = max(1, len(looks) // 20)
    return {
        "minutes": minutes,
        "requests": dict(sorted(tally.answers.items())),
        "faults": dict(tally.faults.most_common(20)),
        "attacks": dict(sorted(tally.attacks.items())),
        "second_and_last_quarter": flat,
        "most": {
            "memory_mb": max(look[1] for look in looks),
            "descriptors": max(look[2] for look in looks),
        },
        "looks_s_mb_descriptors": [[round(s), mb, n] for s, mb, n in looks[::step]],
    }


def find_faults(found: dict[str, Any]) -> list[str]:
    """Why a run did not pass."""
    wrong = [f"{n} × {fault}" for fault, n in found["faults"].items()]
    wrong += found["answers_500"] + found["errors_inside"]
    wrong += [f"{found['tracebacks']} tracebacks"] * bool(found["tracebacks"])
    wrong += [] if found["ready_at_the_end"]["ready"] else ["not ready at the end"]
    for name, (before, after) in found["second_and_last_quarter"].items():
        if after > GROWTH * before + 10:
            wrong.append(f"{name} grew from {before} to {after}")
    return wrong


def main() -> None:
    """Run, print, write."""
    from machine import machine

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(run(chosen.minutes, Path(folder)))
    wrong = find_faults(found)
    command = f"python tests/gateway/soak.py --minutes {chosen.minutes:g}"
    result = {"made_by": command, "machine": machine(), **found, "wrong": wrong}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
