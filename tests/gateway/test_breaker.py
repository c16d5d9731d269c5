"""The breaker of each upstream, as a client meets it."""

import asyncio
import threading
import time

import pytest
from gateway.asking import EASY, chat, told
from gateway.running import ADMIN
from gateway.shapes import answer as answer_of

QUICK = {"consecutive_failures": 5, "open_s": 0.001, "max_open_s": 0.001, "jitter": 0.0}
LONG = {"consecutive_failures": 5, "open_s": 600.0, "jitter": 0.0}
NO_RETRY = {"retries": 0}


def post(http, **more):
    return http.post("/v1/chat/completions", json=chat(EASY, **more))


def test_it_opens_after_five_failures_and_the_upstream_is_left_alone(running, client, light):
    http = client(running(breaker=LONG, limits=NO_RETRY))
    light.behaviour = "500"
    for _ in range(5):
        assert told(post(http))["served-by"] == "big"
    assert len(light.calls) == 5
    said = told(post(http))
    assert (said["decision"], said["reason"]) == ("powerful", "breaker_light_open")
    assert len(light.calls) == 5


def test_streams_that_break_open_it_as_well(running, client, light):
    http = client(running(breaker=LONG, limits=NO_RETRY))
    light.behaviour = "cut"
    for _ in range(5):
        assert "broke off" in post(http, stream=True).text
    assert told(post(http, stream=True))["reason"] == "breaker_light_open"


def test_every_breaker_open_is_503_with_retry_after(running, client, light, powerful):
    http = client(running(breaker=LONG, limits=NO_RETRY))
    light.behaviour = powerful.behaviour = "503"
    for _ in range(5):
        assert post(http).status_code == 502
    answer = post(http)
    assert answer.status_code == 503
    assert 480 <= int(answer.headers["retry-after"]) <= 600
    assert answer.json()["error"]["code"] == "breakers_open"
    assert told(answer)["reason"] == "both_breakers_open"


def test_retry_after_is_honoured(running, client, light):
    http = client(running(breaker=LONG))
    light.behaviour, light.raw = "raw", answer_of("{}", status=429, retry_after="600")
    assert told(post(http))["served-by"] == "big"
    light.behaviour = "ok"
    assert told(post(http))["reason"] == "breaker_light_open"
    answer = post(http, model="light")
    assert answer.status_code == 503 and 480 <= int(answer.headers["retry-after"]) <= 660
    assert len(light.calls) == 1


def test_probes_close_it_again(running, client, light):
    gateway = running(breaker=QUICK, limits=NO_RETRY)
    http = client(gateway)
    light.behaviour = "500"
    for _ in range(5):
        post(http)
    light.behaviour = "ok"
    for stream in (False, True):  # two answered probes
        assert told(post(http, stream=stream))["served-by"] == "small"
    assert gateway.stats()["breakers"]["small"] == "closed"


def test_an_admin_holds_it_open_and_sets_it_free(running, client, light):
    gateway = running()
    http, admin = client(gateway), client(gateway, ADMIN)
    answer = admin.post("/admin/breaker", json={"model": "small", "mode": "open"})
    assert answer.json() == {"model": "small", "state": "forced_open"}
    assert told(post(http))["reason"] == "breaker_light_open"
    assert admin.post("/admin/breaker", json={"model": "light", "mode": "automatic"}).is_success
    assert told(post(http))["served-by"] == "small"


@pytest.mark.parametrize(
    "body",
    [{}, {"model": "small", "mode": "ajar"}, {"model": "nobody", "mode": "open"}, {"mode": "open"}],
)
def test_a_mode_that_is_none_is_refused(running, client, body):
    assert client(running(), ADMIN).post("/admin/breaker", json=body).status_code == 400


def test_without_breakers_an_upstream_is_always_asked(running, client, light):
    http = client(running(breaker={"enabled": False}, limits=NO_RETRY))
    light.behaviour = "500"
    for _ in range(7):
        assert told(post(http))["served-by"] == "big"
    assert len(light.calls) == 7


def test_no_answer_waits_for_a_store_that_gives_no_lease(running, client, light, monkeypatch):
    gateway = running(breaker={"open_s": 0.05, "jitter": 0.0, "consecutive_failures": 1})
    http = client(gateway)
    light.behaviour = "500"
    assert told(http.post("/v1/chat/completions", json=chat(EASY)))["served-by"] == "big"
    light.behaviour = "ok"

    over = threading.Event()

    async def wait_long(*_: object) -> None:
        while not over.is_set():
            await asyncio.sleep(0.05)

    store = gateway.gateway.store
    with monkeypatch.context() as patch:
        for name in ("load_states", "swap_state"):
            patch.setattr(store, name, wait_long)
        for _ in range(2):
            time.sleep(0.1)  # it is half-open: a probe needs a lease
            said = told(http.post("/v1/chat/completions", json=chat(EASY)))
            assert (said["served-by"], said["reason"]) == ("big", "breaker_light_open")
    over.set()  # the gateway waits for it when it is closed
