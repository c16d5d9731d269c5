"""What a key may ask for and spend: no sum passes its bound, whoever asks at once and restarts."""

import asyncio
from hashlib import sha256

import httpx
import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.running import ADMIN, KEY, config_of
from patience import PATIENCE_S, wait_until

from tiny_dancer.gateway.allowances.allowance import Allowances
from tiny_dancer.gateway.config.key import Key
from tiny_dancer.gateway.http.api_error import ApiError
from tiny_dancer.history import MemoryStore

OTHER = "other-key"
A_CALL = (10 * 10.0 + 4 * 20.0) / 1e6
"""What the powerful upstream says that one call uses, at its prices."""


def keys(**limits):
    rows = [("user", KEY, limits), ("other", OTHER, {})]
    return [{"name": n, "sha256": sha256(k.encode()).hexdigest(), **more} for n, k, more in rows]


def bounded(**more):
    """A chat whose answer is bounded, so that little is reserved."""
    return chat("hi", model="powerful", max_tokens=4, **more)


async def ask_at_once(urls, n, body=None):
    headers = {"authorization": f"Bearer {KEY}"}
    limits = httpx.Limits(max_connections=n)
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S, limits=limits) as client:
        return await asyncio.gather(
            *(
                client.post(
                    f"{urls[k % len(urls)]}/v1/chat/completions",
                    json=body or bounded(),
                    headers=headers,
                )
                for k in range(n)
            )
        )


def test_fifty_at_once_spend_no_more_than_the_day_allows(running, light, powerful, tmp_path):
    money, file = 20 * A_CALL, str(tmp_path / "history.db")
    config = {"keys": keys(money_a_day=money), "storage": {"path": file}}
    gateways = [running(**config), running(**config)]
    answers = asyncio.run(ask_at_once([one.url for one in gateways], 50))
    assert {one.status_code for one in answers} == {200, 429}
    served = sum(one.status_code == 200 for one in answers)
    assert served * A_CALL <= money + 1e-12 and served == len(powerful.calls) > 1
    refused = next(one for one in answers if one.status_code == 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 86_400
    assert refused.json()["error"]["code"] == "insufficient_quota"
    # What was reserved and not used is given back, until no more can be reserved.
    http = httpx.Client(
        headers={"authorization": f"Bearer {KEY}"}, trust_env=False, timeout=PATIENCE_S
    )
    while http.post(f"{gateways[0].url}/v1/chat/completions", json=bounded()).status_code == 200:
        assert len(powerful.calls) <= 20
    body = http.build_request("POST", "http://a.example", json=bounded()).read()
    reserved = (len(body) * 10.0 + 4 * 20.0) / 1e6
    spent = len(powerful.calls) * A_CALL
    assert money - reserved < spent <= money and _spent(http, gateways[1].url) == pytest.approx(
        spent
    )
    # A restart forgets nothing, and another key's money is its own.
    for one in gateways:
        one.close()
    again = running(**config)
    assert http.post(f"{again.url}/v1/chat/completions", json=bounded()).status_code == 429
    http.headers["authorization"] = f"Bearer {OTHER}"
    assert http.post(f"{again.url}/v1/chat/completions", json=bounded()).status_code == 200
    http.close()


def test_over_its_money_a_key_gets_the_cheapest_model_where_it_says_so(running, client, light):
    gateway = running(keys=keys(money_a_day=1e-7, over="light"))
    http = client(gateway)
    for model in ("auto", "powerful", "big"):
        answer = http.post("/v1/chat/completions", json=chat(HARD, model=model, max_tokens=4))
        assert answer.status_code == 200, answer.text
        assert (told(answer)["served-by"], told(answer)["reason"]) == ("small", "budget")
    spent = http.get("/v1/stats").json()["today"]
    assert spent["money_a_day"] == 1e-7 and spent["spent"] == pytest.approx(3 * 18e-6)
    image = [{"type": "image_url", "image_url": {"url": "data:,"}}, {"type": "text", "text": "?"}]
    refused = http.post("/v1/chat/completions", json=chat(image, max_tokens=4))
    assert refused.status_code == 429  # the cheapest model cannot see


def test_a_key_makes_no_more_requests_in_a_minute_than_it_may(running, client, powerful):
    gateway = running(keys=keys(requests_a_minute=3))
    http, now = client(gateway), [1_000_020.0 - 15]
    gateway.gateway.allowances._now = lambda: now[0]
    codes = [http.post("/v1/chat/completions", json=bounded()) for _ in range(5)]
    assert [one.status_code for one in codes] == [200, 200, 200, 429, 429]
    assert codes[-1].headers["retry-after"] == "15"
    now[0] += 15
    assert http.post("/v1/chat/completions", json=bounded()).status_code == 200
    assert client(gateway, OTHER).post("/v1/chat/completions", json=bounded()).status_code == 200


def test_a_streamed_answer_and_one_that_failed_are_settled(running, client, light, powerful):
    upstreams = config_of(light.url, powerful.url)["upstreams"]
    upstreams[2] |= {"price_in": 0.5, "price_out": 0.5}
    gateway = running(keys=keys(money_a_day=1.0), upstreams=upstreams)
    http = client(gateway)
    assert http.post("/v1/chat/completions", json=bounded(stream=True)).status_code == 200
    assert _spent(http) == pytest.approx(A_CALL)
    powerful.behaviour = "400"
    assert http.post("/v1/chat/completions", json=bounded()).status_code == 400
    assert _spent(http) == pytest.approx(A_CALL)
    body = chat([{"type": "file", "file": {}}], max_tokens=4)  # no upstream can, so none is asked
    assert http.post("/v1/chat/completions", json=body).status_code == 400
    assert _spent(http) == pytest.approx(A_CALL)
    powerful.behaviour = "ok"
    vectors = {"model": "vectors", "input": "hello"}
    assert http.post("/v1/embeddings", json=vectors).status_code == 200
    assert _spent(http) == pytest.approx(A_CALL + 10 * 0.5e-6 + 4 * 0.5e-6)


def _spent(http, url=""):
    return http.get(f"{url}/v1/stats").json()["today"]["spent"]


def test_a_call_of_unknown_cost_keeps_what_was_reserved(running, client, light, powerful):
    powerful.behaviour = "raw"
    body = b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}}]}'
    head = b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    powerful.raw = [head % len(body) + body]
    gateway = running(keys=keys(money_a_day=1.0))
    http = client(gateway)
    assert http.post("/v1/chat/completions", json=bounded()).status_code == 200
    size = len(http.build_request("POST", "/", json=bounded()).read())
    assert _spent(http) == pytest.approx(size * 10e-6 + 4 * 20e-6)


def test_a_day_begins_anew_and_a_late_settlement_changes_no_later_day():
    now = [86_400.0 * 20_000 - 10]
    allowances, key = Allowances(MemoryStore(), lambda: now[0]), Key("k", "", money_a_day=1.0)

    async def run():
        first = await allowances.admit(key, 0.8, None)
        with pytest.raises(ApiError) as refused:
            await allowances.admit(key, 0.8, None)
        assert refused.value.headers["retry-after"] == "10"
        now[0] += 20
        second = await allowances.admit(key, 0.9, None)
        assert (first.day, second.day) == ("2024-10-03", "2024-10-04")
        allowances.settle(first, 0.1, is_known=True)
        await allowances.drain()
        assert await allowances.find_spent(key) == 0.9
        allowances.settle(second, 0.95, is_known=True)
        await allowances.drain()
        assert await allowances.find_spent(key) == 0.95

    asyncio.run(run())


def test_a_key_asks_for_its_models_alone_and_its_auto_has_its_own_policy(running, client):
    gateway = running(
        keys=keys(models=["auto", "small"], policy="quality=0"), aliases={"gpt-x": "auto"}
    )
    http = client(gateway)
    for model, status in (("auto", 200), ("gpt-x", 200), ("small", 200), ("auto:quality=1", 200)):
        body = chat(EASY, model=model)
        assert http.post("/v1/chat/completions", json=body).status_code == status, model
    for path, body in (
        ("chat/completions", chat(EASY, model="powerful")),
        ("chat/completions", chat(EASY, model="big")),
        ("embeddings", {"model": "vectors", "input": "x"}),
        ("route", {"model": "big", "messages": [{"role": "user", "content": "x"}]}),
    ):
        answer = http.post(f"/v1/{path}", json=body)
        assert answer.status_code == 403, answer.text
        assert answer.json()["error"]["code"] == "model_not_allowed"
    names = [one["id"] for one in http.get("/v1/models").json()["data"]]
    assert names == ["auto", "small", "gpt-x"]
    assert http.get("/v1/models/big").status_code == 404
    own = told(http.post("/v1/chat/completions", json=chat(HARD)))
    assert own["decision"] == "light"  # at no quality to keep, all goes there
    others = client(gateway, OTHER).post("/v1/chat/completions", json=chat(HARD))
    assert told(others)["decision"] == "powerful" and told(others)["policy"] != own["policy"]


def is_idle(gateway):
    """True where nobody has a place; one that left is heard of by its upstream first."""
    held = gateway.gateway.in_flight
    return not held.bytes and not held._requests


def test_a_key_has_no_more_requests_under_way_than_it_may(running, client, powerful):
    powerful.behaviour = "slow headers"
    gateway = running(keys=keys(connections=2))

    async def run():
        headers = {"authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S, headers=headers) as http:
            url = f"{gateway.url}/v1/chat/completions"
            held = [asyncio.ensure_future(http.post(url, json=bounded())) for _ in range(2)]
            await asyncio.to_thread(powerful.wait_for_calls, 2)
            refused = await http.post(url, json=bounded())
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
            for one in held:
                one.cancel()
            await asyncio.to_thread(powerful.wait_for_left, 2)
            await asyncio.to_thread(wait_until, lambda: is_idle(gateway))
            powerful.behaviour = "ok"
            assert (await http.post(url, json=bounded(stream=True))).status_code == 200
            assert (await http.post(url, json=bounded())).status_code == 200

    asyncio.run(run())
    wait_until(lambda: is_idle(gateway))


def test_the_bodies_of_all_requests_under_way_are_bounded(running, client, powerful):
    powerful.behaviour = "slow headers"
    gateway = running(limits={"bodies_bytes": 2_000, "retries": 0})

    async def run():
        headers = {"authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S, headers=headers) as http:
            url, body = f"{gateway.url}/v1/chat/completions", chat("x" * 1_200, model="powerful")
            held = asyncio.ensure_future(http.post(url, json=body))
            await asyncio.to_thread(powerful.wait_for_calls, 1)
            refused = await http.post(url, json=body)
            assert refused.json()["error"]["code"] == "too_many_bytes", refused.text
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            held.cancel()
            await asyncio.to_thread(powerful.wait_for_left, 1)
            await asyncio.to_thread(wait_until, lambda: is_idle(gateway))
            powerful.behaviour = "ok"
            assert (await http.post(url, json=body)).status_code == 200

    asyncio.run(run())
    wait_until(lambda: is_idle(gateway))


def test_stats_are_ones_own_and_an_admins_are_of_all(running, client):
    gateway = running(keys=keys())
    for key, n in ((KEY, 2), (OTHER, 1)):
        for _ in range(n):
            client(gateway, key).post("/v1/chat/completions", json=chat(EASY))
    gateway.wait(gateway.router.flush())
    routes = [
        client(gateway, key).get("/v1/stats").json()["total_routes"] for key in (KEY, OTHER, ADMIN)
    ]
    assert routes == [2, 1, 3]
