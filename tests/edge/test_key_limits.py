"""What a key may ask for and spend at the Worker; its sums lie in D1 and outlive the isolate."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from edge.workerd import Local
from gateway.asking import EASY, HARD, chat, told
from gateway.running import config_of
from gateway.upstream import Upstream

CHAT = "/v1/chat/completions"
A_CALL = (10 * 10.0 + 4 * 20.0) / 1e6
"""What the powerful upstream says that one call uses, at its prices."""

KEYS: dict[str, dict[str, Any]] = {
    "names": {"models": ["auto", "small"], "policy": "quality=0"},
    "spender": {"money_a_day": 8 * A_CALL},
    "thrifty": {"money_a_day": 1e-7, "over": "light"},
    "rate": {"requests_a_minute": 4},
    "free": {},
}


@pytest.fixture(scope="module")
def raw(upstreams: tuple[Upstream, Upstream]) -> dict[str, Any]:
    keys = [{"name": n, "sha256": sha256(n.encode()).hexdigest(), **m} for n, m in KEYS.items()]
    return config_of(*(one.url for one in upstreams), keys=keys)


@pytest.fixture(scope="module")
def d1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("d1")


@pytest.fixture(scope="module")
def served(program: str, folder: Path, raw: dict[str, Any], d1: Path) -> Iterator[Local]:
    with Local(program, d1, folder, config=raw) as worker:
        yield worker


def call(url: str, key: str) -> httpx.Client:
    headers = {"authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, headers=headers, timeout=300, trust_env=False)


def bounded(**more: Any) -> dict[str, Any]:
    """A chat whose answer is bounded, so that little is reserved."""
    return chat("hi", model="powerful", max_tokens=4, **more)


def check_spent(http: httpx.Client, expected: float) -> None:
    """What a call cost takes its reservation's place after the answer, and is waited for."""
    ends = time.monotonic() + 300
    while (spent := read_spent(http)) != pytest.approx(expected) and time.monotonic() < ends:
        time.sleep(0.1)
    assert spent == pytest.approx(expected)


def read_spent(http: httpx.Client) -> float:
    """Today, in UTC."""
    return float(http.get("/v1/stats").json()["today"]["spent"])


def in_one_day(test: Callable[..., None]) -> Callable[..., None]:
    """The test, and once more where midnight came in between: what is spent is of a day in UTC."""

    @wraps(test)
    def run(**fixtures: Any) -> None:
        day = datetime.now(UTC).date()
        try:
            test(**fixtures)
        except AssertionError:
            if datetime.now(UTC).date() == day:
                raise
            test(**fixtures)

    return run


def test_a_key_asks_for_its_models_alone_and_its_auto_has_its_own_policy(served: Local):
    with call(served.url, "names") as http:
        for model, status in (("auto", 200), ("small", 200), ("powerful", 403), ("big", 403)):
            answer = http.post(CHAT, json=chat(EASY, model=model))
            assert answer.status_code == status, answer.text
        assert answer.json()["error"]["code"] == "model_not_allowed"
        assert [one["id"] for one in http.get("/v1/models").json()["data"]] == ["auto", "small"]
        assert told(http.post(CHAT, json=chat(HARD)))["decision"] == "light"
    with call(served.url, "free") as http:
        assert told(http.post(CHAT, json=chat(HARD)))["decision"] == "powerful"


def test_a_key_makes_no_more_requests_in_a_minute_than_it_may(served: Local):
    """Nine at once fit into two minutes at most."""
    with call(served.url, "rate") as http, ThreadPoolExecutor(9) as pool:
        codes = [
            one.status_code for one in pool.map(lambda _: http.post(CHAT, json=bounded()), range(9))
        ]
        assert set(codes) == {200, 429} and codes.count(200) in (4, 5, 6, 7, 8)
        while (refused := http.post(CHAT, json=bounded())).status_code == 200:
            pass
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"


@in_one_day
def test_over_its_money_a_key_gets_the_cheapest_model_where_it_says_so(served: Local):
    with call(served.url, "thrifty") as http:
        before = read_spent(http)
        for model in ("auto", "powerful"):
            answer = http.post(CHAT, json=chat(HARD, model=model, max_tokens=4))
            assert (told(answer)["served-by"], told(answer)["reason"]) == ("small", "budget")
        check_spent(http, before + 2 * 18e-6)


@in_one_day
def test_what_is_spent_at_once_passes_no_bound_and_a_new_isolate_forgets_nothing(
    program: str,
    folder: Path,
    raw: dict[str, Any],
    upstreams: tuple[Upstream, Upstream],
    tmp_path_factory: pytest.TempPathFactory,
):
    powerful = upstreams[1]
    before, money = len(powerful.calls), 8 * A_CALL
    d1 = tmp_path_factory.mktemp("d1")
    with (
        Local(program, d1, folder, config=raw) as worker,
        call(worker.url, "spender") as http,
        ThreadPoolExecutor(12) as pool,
    ):
        answers = list(pool.map(lambda _: http.post(CHAT, json=bounded()), range(12)))
        assert {one.status_code for one in answers} == {200, 429}
        while (refused := http.post(CHAT, json=bounded())).status_code == 200:
            assert len(powerful.calls) - before <= 8
        assert refused.json()["error"]["code"] == "insufficient_quota"
        assert 1 <= int(refused.headers["retry-after"]) <= 86_400
        spent = (len(powerful.calls) - before) * A_CALL
        check_spent(http, spent)
        assert spent <= money + 1e-12
    with Local(program, d1, folder, config=raw) as worker:
        with call(worker.url, "spender") as http:
            check_spent(http, spent)
            assert http.post(CHAT, json=bounded()).status_code == 429
        with call(worker.url, "free") as http:
            assert http.post(CHAT, json=bounded()).status_code == 200
