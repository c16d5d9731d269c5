"""What /v1/stats, /metrics and the history say is what the upstreams counted, to the cent."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway.counting import PRICES, Counting, Request, plan
from gateway.processes import cpython, has_workerd, workerd
from gateway.running import ADMIN
from patience import PATIENCE_S
from prometheus_client.parser import text_string_to_metric_families

from tiny_dancer.history import SQLiteStore
from tiny_dancer.history.records.codec import from_row

KEYS = ("one-key", "other-key")
CENT = 0.01
STALL_S = 5.0


@pytest.fixture
def upstreams() -> Iterator[tuple[Counting, Counting]]:
    both = Counting("small-1"), Counting("big-1")
    yield both
    for one in both:
        one.close()


def config_for(upstreams: tuple[Counting, Counting], **changes: Any) -> dict[str, Any]:
    small, big = upstreams
    rows = (("small", "light", small), ("big", "powerful", big))
    keys = (("one", KEYS[0]), ("other", KEYS[1]))
    return {
        "keys": [{"name": n, "sha256": sha256(k.encode()).hexdigest()} for n, k in keys],
        "admin_keys": [{"name": "admin", "sha256": sha256(ADMIN.encode()).hexdigest()}],
        "aliases": {"gpt-big": "auto"},
        "breaker": {"enabled": False},
        "limits": {"backoff_s": 0.001},
        "shadow": {"share": 0.5},
        "upstreams": [
            {
                **{"name": name, "serves": serves, "base_url": one.url, "model": one.model},
                **PRICES[one.model],
                "api": ["chat", "messages", "responses"]
                if serves == "light"
                else ["chat", "messages"],
            }
            for name, serves, one in rows
        ],
        **changes,
    }


async def send(client: httpx.AsyncClient, url: str, request: Request) -> httpx.Response:
    """The answer; of one that is left, what had come of it."""
    headers = {"authorization": f"Bearer {KEYS[request.owner]}"}
    url = f"{url}/v1/{request.path}"
    async with client.stream("POST", url, json=request.body, headers=headers) as answer:
        if not request.kind.startswith("left"):
            await answer.aread()
        else:
            async for piece in answer.aiter_raw():
                if piece:
                    break
        return answer


async def send_all(url: str, planned: list[Request], at_once: int) -> list[httpx.Response]:
    waiting, answers = iter(planned), []
    limits = httpx.Limits(max_keepalive_connections=at_once)

    async def work(client: httpx.AsyncClient) -> None:
        for request in waiting:
            answers.append(await send(client, url, request))

    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S, limits=limits) as client:
        await asyncio.gather(*(work(client) for _ in range(at_once)))
    return answers


def ask(url: str, path: str, key: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {key}"}
    answer = httpx.get(f"{url}{path}", headers=headers, trust_env=False, timeout=PATIENCE_S)
    assert answer.status_code == 200, answer.text
    return answer


def settle(url: str, pause_s: float) -> dict[str, Any]:
    """/v1/stats once it no longer changes: shadows have answered, all is written."""
    before, ends = None, time.monotonic() + PATIENCE_S
    while before != (now := ask(url, "/v1/stats", ADMIN).json()):
        assert time.monotonic() < ends
        before = now
        time.sleep(pause_s)
    return now


def read_metrics(url: str) -> dict[str, float]:
    families = text_string_to_metric_families(ask(url, "/metrics", ADMIN).text)
    return {
        one.name: one.value
        for family in families
        for one in family.samples
        if "_money" in one.name or "unpriced" in one.name
    }


def check_sums(
    url: str, upstreams: tuple[Counting, Counting], planned: list[Request], pause_s: float = 1.5
) -> Any:
    """The stats at rest with the right sums; on a busy machine a rest may come before the last."""
    ends = time.monotonic() + 180
    while True:
        stats = settle(url, pause_s)
        try:
            check_sums_of(stats, url, upstreams, planned)
        except AssertionError:
            if time.monotonic() > ends:
                raise
        else:
            return stats


def check_sums_of(
    stats: Any, url: str, upstreams: tuple[Counting, Counting], planned: list[Request]
) -> None:
    """The upstreams' counts, the stats of all and of each, and the metrics."""
    counted = sum(one.cost for one in upstreams)
    assert counted > 1  # of 1,000 requests, and more than a hundred cents of them
    spent = stats["cost"] + stats["shadow_cost"] + stats["judge_cost"]
    assert abs(spent - counted) < 1e-6, (spent, counted)
    assert stats["total_routes"] == len(planned)
    own = [ask(url, "/v1/stats", key).json() for key in KEYS]
    for name in ("cost", "money_saved", "saved_on_asked", "total_routes", "outcomes"):
        assert abs(sum(one[name] for one in own) - stats[name]) < 1e-6, name
    for one, owner in zip(own, range(2), strict=True):
        assert one["total_routes"] == sum(request.owner == owner for request in planned)
    metrics = read_metrics(url)
    for name, field in (
        ("tiny_dancer_cost_money_total", "cost"),
        ("tiny_dancer_saved_money", "money_saved"),
        ("tiny_dancer_saved_on_asked_money", "saved_on_asked"),
        ("tiny_dancer_shadow_money_total", "shadow_cost"),
    ):
        assert abs(metrics[name] - stats[field]) < 1e-6, name
        assert abs(metrics[name]) > CENT, name
    unsaid = sum(request.kind in ("cut", "left") and request.is_streamed for request in planned)
    said_before = sum(  # of a message that is cut, its first event has said what the prompt cost
        request.kind == "cut" and request.is_streamed and request.format == "messages"
        for request in planned
    )
    assert metrics["tiny_dancer_gateway_unpriced_answers_total"] == unsaid - said_before


def test_a_thousand_mixed_requests_cost_what_the_upstreams_counted(
    upstreams: tuple[Counting, Counting], tmp_path: Path
) -> None:
    planned, file = plan(1_000), tmp_path / "history.db"
    raw = config_for(upstreams, storage={"path": str(file)})
    with cpython(raw, tmp_path, workers=2) as url:
        answers = asyncio.run(send_all(url, planned, 16))
        stats = check_sums(url, upstreams, planned)
    said = [float(one.headers.get("x-tiny-dancer-cost", "0")) for one in answers]
    assert 0 < sum(said) <= stats["cost"] + 1e-6
    fallbacks = sum(r.kind in ("failed", "charged failure") for r in planned)
    assert fallbacks > 100 and stats["shadow_cost"] > 0 and stats["cost"] > 0
    outcomes = asyncio.run(_read_outcomes(file))
    for name, total in (("cost", "cost"), ("shadow_cost", "shadow_cost")):
        assert abs(sum(getattr(one, name) or 0.0 for one in outcomes) - stats[total]) < 1e-6
    saved = [o.cost_powerful - o.cost for o in outcomes if None not in (o.cost, o.cost_powerful)]
    assert abs(sum(saved) - stats["shadow_cost"] - stats["money_saved"]) < 1e-6
    asked = [o.cost_asked - o.cost for o in outcomes if None not in (o.cost, o.cost_asked)]
    assert abs(sum(asked) - stats["shadow_cost"] - stats["saved_on_asked"]) < 1e-6
    assert stats["saved_on_asked"] < stats["money_saved"]  # `small` by its name saves nothing


async def _read_outcomes(file: Path) -> list[Any]:
    store = SQLiteStore(file)
    try:
        return [from_row("outcome", row) for _, row in await store.scan("outcome", 0, 10_000)]
    finally:
        await store.close()


@pytest.mark.skipif(not has_workerd(), reason="./build.sh edge has not laid out the Worker")
def test_mixed_requests_cost_what_the_upstreams_counted_on_workerd(
    upstreams: tuple[Counting, Counting], tmp_path: Path
) -> None:
    """The Worker hears of a client that has left with the stream's next piece, or its stall."""
    planned, raw = plan(200), config_for(upstreams)
    for one in raw["upstreams"]:
        one["stall_s"] = STALL_S
    with ExitStack() as stack:
        url = stack.enter_context(workerd(raw, tmp_path))
        asyncio.run(send_all(url, planned, 4))
        check_sums(url, upstreams, planned, pause_s=STALL_S + 1)


def test_a_failed_try_that_was_charged_is_in_the_cost_of_who_served(running, client) -> None:
    small, big = Counting("small-1"), Counting("big-1")
    raw = config_for((small, big), shadow={"share": 0.0})
    gateway = running(**raw)
    request = Request(1, "chat", "charged failure", False, "auto", 0)
    answer = client(gateway, KEYS[0]).post("/v1/chat/completions", json=request.body)
    assert answer.headers["x-tiny-dancer-served-by"] == "big"
    both = small.cost + big.cost
    assert small.cost > 0 and abs(float(answer.headers["x-tiny-dancer-cost"]) - both) < 1e-9
    gateway.wait(gateway.router.flush())
    stats = client(gateway, ADMIN).get("/v1/stats").json()
    by_model = {one["model"]: one for one in stats["models"]}
    assert abs(by_model["powerful"]["cost"] - both) < 1e-9
    tokens = sum(small.tokens) + sum(big.tokens)
    assert by_model["powerful"]["tokens_in"] + by_model["powerful"]["tokens_out"] == tokens
    assert abs(stats["money_saved"] + small.cost) < 1e-9  # always powerful had not tried
    small.close()
    big.close()
