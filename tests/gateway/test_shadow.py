"""The shadow: for a share of prompts the other model is asked too, and nobody notices."""

import json
from html import unescape

import httpx
import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.judge import USAGE
from gateway.running import ADMIN, KEY, Running, config_of
from gateway.upstream import Upstream, chunk
from patience import PATIENCE_S, wait_until

from tiny_dancer.gateway.shadow.pair import has_only_text
from tiny_dancer.history.records.codec import from_row

JUDGED = 2 * USAGE["total_tokens"] * 1e-6
"""Money that two questions cost."""


@pytest.fixture
def judge():
    upstream = Upstream("judge-1")
    upstream.behaviour = "judge"
    yield upstream
    upstream.close()


@pytest.fixture
def shadowed(running, light, powerful, judge):
    """Starts a gateway that shadows every request; keyword arguments change its settings."""
    light.behaviour = powerful.behaviour = "signed"

    def run(shadow=None, **changes):
        settings = {"share": 1.0, "judge": "judge", **(shadow or {})}
        raw = {"name": "judge", "base_url": judge.url, "model": "judge-1"}
        upstreams = config_of(light.url, powerful.url)["upstreams"]
        upstreams[0]["vision"] = True
        upstreams.append({**raw, "price_in": 1.0, "price_out": 1.0, "timeout_s": PATIENCE_S})
        changes = {"policy": {"mode": "observe"}, "upstreams": upstreams, **changes}
        return running(shadow=settings, **changes)

    return run


def ask(gateway: Running, body: dict) -> httpx.Response:
    headers = {"authorization": f"Bearer {KEY}"}
    url = f"{gateway.url}/v1/chat/completions"
    return httpx.post(url, json=body, headers=headers, timeout=PATIENCE_S, trust_env=False)


def outcomes(gateway: Running) -> list:
    gateway.wait(gateway.router.flush())
    rows = gateway.wait(gateway.gateway.store.scan("outcome", 0, 10_000))
    return [from_row("outcome", row) for _, row in rows]


def results(gateway: Running) -> dict[str, int]:
    """What became of the samples."""
    return dict(gateway.gateway.counters._shadow)


def wait_for(gateway: Running, n: int = 1) -> dict[str, int]:
    """The same, once n samples have come to something."""
    wait_until(lambda: sum(results(gateway).values()) >= n)
    return results(gateway)


def test_a_pair_is_asked_for_graded_in_both_orders_and_kept(shadowed, light, powerful, judge):
    gateway = shadowed()
    ask(gateway, chat(EASY))
    assert wait_for(gateway) == {"graded": 1}
    assert [len(up.calls) for up in (light, powerful, judge)] == [1, 1, 2]
    sent, received = powerful.calls[0][2], light.calls[0][2]
    assert {**sent, "model": 0} == {**received, "model": 0}
    (kept,) = outcomes(gateway)
    # Shown second, an answer loses 0.2: the average over both orders is fair.
    assert kept.scores == {"light": pytest.approx(0.8), "powerful": pytest.approx(0.6)}
    assert kept.graded_by == "judge:judge"
    assert kept.cost == pytest.approx(180e-6)  # the client's answer: 10 in, 4 out
    assert kept.shadow_cost == pytest.approx(18e-6)
    assert kept.judge_cost == pytest.approx(JUDGED)
    assert gateway.decisions()[0].decision_id == kept.decision_id


def test_what_it_cost_is_not_saved(shadowed):
    gateway = shadowed(policy={"mode": "on"})
    ask(gateway, chat(EASY))
    wait_for(gateway)
    stats = gateway.stats()
    saved = 180e-6 - 18e-6 - 180e-6 - JUDGED  # by the light answer, less shadow and judge
    assert stats["money_saved"] == pytest.approx(saved)
    assert gateway.router.metrics().money_saved == pytest.approx(saved)
    assert stats["shadow_cost"] == pytest.approx(180e-6)
    assert stats["judge_cost"] == pytest.approx(JUDGED)


def test_it_goes_on_in_mode_on_and_asks_the_model_that_did_not_answer(shadowed, light, powerful):
    gateway = shadowed(policy={"mode": "on"})
    assert told(ask(gateway, chat(EASY)))["served-by"] == "small"
    assert told(ask(gateway, chat(HARD)))["served-by"] == "big"
    assert wait_for(gateway, 2) == {"graded": 2}
    assert (len(light.calls), len(powerful.calls)) == (2, 2)


def test_a_streamed_answer_makes_a_pair_too(shadowed, light):
    gateway = shadowed()
    answer = ask(gateway, chat(EASY + " do:ok", stream=True))  # light and powerful say the same
    assert b"[DONE]" in answer.content
    assert wait_for(gateway) == {"graded": 1}
    assert "stream" not in light.calls[0][2]
    (kept,) = outcomes(gateway)
    assert kept.graded_by == "equal" and kept.scores == {"light": 1.0, "powerful": 1.0}


@pytest.mark.parametrize("is_odd", [True, False])
def test_a_client_gets_its_stream_whatever_the_shadow_makes_of_it(shadowed, powerful, is_odd):
    delta = {"tool_calls": [{"index": [0], "function": {"name": [], "arguments": {"q": 1}}}]}
    event = {**chunk("big-1", "Hi"), "choices": [{"index": 0, "delta": delta if is_odd else {}}]}
    said = f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n".encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    powerful.behaviour, powerful.raw = "raw", [head + said]
    gateway = shadowed()
    answer = ask(gateway, chat(EASY, stream=True))
    assert answer.content.endswith(b"data: [DONE]\n\n")
    assert json.dumps(delta).encode() in answer.content or not is_odd
    assert wait_for(gateway) == {"graded": 1}


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_that_cannot_be_read_is_counted_as_failed(shadowed, monkeypatch, stream):
    def fail(*_):
        raise TypeError

    for name in ("read_reply", "read_streamed_reply"):
        monkeypatch.setattr(f"tiny_dancer.gateway.shadow.pair.{name}", fail)
    gateway = shadowed()
    answer = ask(gateway, chat(EASY + " do:ok", stream=stream))
    assert answer.status_code == 200 and (b"[DONE]" in answer.content) is stream
    assert wait_for(gateway) == {"failed": 1}


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_of_more_bytes_than_the_bound_makes_no_pair(shadowed, light, monkeypatch, stream):
    gateway = shadowed()
    with monkeypatch.context() as low:
        low.setattr("tiny_dancer.gateway.shadow.shadow.MOST_ANSWER_BYTES", 100)
        assert ask(gateway, chat(EASY + " do:ok", stream=stream)).status_code == 200
    ask(gateway, chat(HARD))
    assert wait_for(gateway) == {"graded": 1}
    assert [call[2]["messages"][0]["content"] for call in light.calls] == [HARD]


def test_retrying_makes_no_second_pair(shadowed, light):
    gateway = shadowed()
    for _ in range(5):
        ask(gateway, chat(EASY))
    wait_for(gateway)
    ask(gateway, chat(HARD))
    assert wait_for(gateway, 2) == {"graded": 2} and len(light.calls) == 2


def test_a_prompt_makes_one_pair_after_a_restart_too(shadowed, light, tmp_path):
    storage = {"path": str(tmp_path / "history.db")}
    first = shadowed(storage=storage)
    ask(first, chat(EASY))
    wait_for(first)
    first.close()
    second = shadowed(storage=storage)
    ask(second, chat(EASY))
    assert wait_for(second) == {"repeated": 1} and len(light.calls) == 1


def test_a_share_is_of_prompts_and_always_of_the_same(shadowed, light, tmp_path):
    storage = {"path": str(tmp_path / "history.db")}
    gateway = shadowed({"share": 0.3}, storage=storage)
    gateway.gateway.shadow._key = bytes(32)  # else another share of them in every run
    prompts = [f"What is {n} plus {n}?" for n in range(60)]
    for prompt in prompts:
        ask(gateway, chat(prompt))
    pairs = len(outcomes(gateway)) and sum(wait_for(gateway, 8).values())
    assert 8 <= pairs <= 30  # of 60, about 18
    asked = {call[2]["messages"][0]["content"] for call in light.calls}
    assert len(asked) == len(light.calls)


def test_named_models_and_mode_off_are_not_shadowed(shadowed, light, powerful):
    gateway = shadowed()
    ask(gateway, chat(EASY, model="light"))
    ask(gateway, chat(HARD, model="big"))
    off = shadowed(policy={"mode": "off"})
    ask(off, chat(EASY))
    ask(gateway, chat(EASY))
    assert wait_for(gateway) == {"graded": 1} and results(off) == {}
    assert (len(light.calls), len(powerful.calls)) == (2, 3)


@pytest.mark.parametrize("fault", ["500", "429", "garbage", "401", "cut"])
def test_a_shadow_that_fails_is_an_ungraded_pair_and_nobody_hears_of_it(shadowed, light, fault):
    gateway = shadowed()
    light.behaviour = fault
    for n in range(8):
        said = ask(gateway, chat(f"{EASY} {n}"))
        assert said.status_code == 200 and told(said)["would"] == "light"
    assert wait_for(gateway, 8) == {"ungraded": 8}
    assert {one.graded_by for one in outcomes(gateway)} == {"ungraded"}
    assert all(not one.scores for one in outcomes(gateway))
    assert gateway.router.circuit_breaker_status("light") is True


@pytest.mark.parametrize("fault", ["500", "garbage", "ok"])
def test_a_judge_that_says_nothing_is_an_ungraded_pair(shadowed, judge, fault):
    gateway = shadowed()
    judge.behaviour = fault
    ask(gateway, chat(EASY))
    assert wait_for(gateway) == {"ungraded": 1}
    (kept,) = outcomes(gateway)
    assert kept.graded_by == "ungraded" and kept.shadow_cost == pytest.approx(18e-6)


def test_an_answer_does_not_wait_for_its_shadow(shadowed, light):
    gateway = shadowed()
    light.behaviour = "stall"  # never answers
    assert ask(gateway, chat(EASY)).status_code == 200
    light.wait_for_calls(1)
    assert ask(gateway, chat(HARD)).status_code == 200
    assert results(gateway) == {}
    (kept, *_) = outcomes(gateway)
    assert kept.graded_by == "ungraded"  # known before anybody was asked: a crash loses no pair


def test_what_finds_no_room_is_dropped_and_counted(shadowed, light, monkeypatch):
    monkeypatch.setattr("tiny_dancer.gateway.shadow.shadow.MOST_WAITING", 2)
    gateway = shadowed()
    light.behaviour = "stall"
    for n in range(10):  # 4 on their way, 2 wait
        assert ask(gateway, chat(f"{EASY} {n}")).status_code == 200
    assert wait_for(gateway, 4) == {"dropped": 4}


def test_money_a_day_is_a_bound_that_a_restart_does_not_lift(shadowed, light, judge, tmp_path):
    storage = {"path": str(tmp_path / "history.db")}
    # A pair costs 238e-6, and while it runs is taken for much more.
    gateway = shadowed({"money_a_day": 0.01}, storage=storage)
    for n in range(40):
        ask(gateway, chat(f"{EASY} {n}", max_tokens=20))
        wait_for(gateway, n + 1)
    day = gateway.stats(ADMIN)["shadow"]
    assert day["pairs"] + day["skipped"] == 40 and day["skipped"]
    spent = sum(one.shadow_cost + one.judge_cost for one in outcomes(gateway) if one.scores)
    assert day["spent"] == pytest.approx(spent) and spent <= 0.01
    calls = len(light.calls)
    gateway.close()
    again = shadowed({"money_a_day": 0.01}, storage=storage)
    ask(again, chat(f"{EASY} 99", max_tokens=20))
    assert wait_for(again) == {"over_budget": 1} and len(light.calls) == calls


@pytest.mark.parametrize("behaviour", ["500", "judge once", "judge, unpriced"])
def test_money_that_a_judge_may_have_cost_stays_taken(shadowed, judge, behaviour):
    gateway = shadowed({"money_a_day": 1.0})
    judge.behaviour = behaviour
    ask(gateway, chat(EASY, max_tokens=20))
    wait_for(gateway)
    (kept,) = outcomes(gateway)
    assert kept.judge_cost is None and kept.shadow_cost == pytest.approx(18e-6)
    assert gateway.stats(ADMIN)["shadow"]["spent"] > 2 * 2_000e-6  # two judges' answers at most


def test_where_no_judge_is_asked_the_rest_is_given_back(shadowed, judge):
    gateway = shadowed({"money_a_day": 1.0})
    ask(gateway, chat(EASY + " do:ok", max_tokens=20))
    assert wait_for(gateway) == {"graded": 1} and not judge.calls
    assert gateway.stats(ADMIN)["shadow"]["spent"] == pytest.approx(18e-6)
    (kept,) = outcomes(gateway)
    assert kept.judge_cost is None


def test_one_answer_is_asked_for_and_kept_nowhere(shadowed, light, powerful):
    gateway = shadowed()
    ask(gateway, chat(EASY, n=3, store=True, seed=7))
    wait_for(gateway)
    assert powerful.calls[0][2]["n"] == 3 and powerful.calls[0][2]["store"] is True
    asked = light.calls[0][2]
    assert asked["seed"] == 7 and not {"n", "best_of", "store"} & set(asked)


@pytest.mark.parametrize(
    ("body", "is_text"),
    [
        (chat(EASY), True),
        (chat([{"type": "text", "text": EASY}]), True),
        (chat([{"type": "text", "text": EASY}, {"type": "image_url", "image_url": {}}]), False),
        (chat([{"type": "text", "text": EASY}, "an odd part"]), False),
        ({**chat(EASY), "audio": {"voice": "any"}}, False),
        ({"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, False),
        ({"messages": [{"role": "assistant", "content": None}]}, True),
        ({"prompt": EASY}, True),
        ({"prompt": [EASY, HARD]}, False),
        ({"prompt": [1, 2]}, False),
    ],
)
def test_a_request_is_text_where_all_of_it_is(body, is_text):
    assert has_only_text(body) is is_text


def test_a_conversation_with_an_image_is_answered_and_not_shadowed(shadowed, light):
    gateway = shadowed()
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
    assert ask(gateway, chat([{"type": "text", "text": EASY}, image])).status_code == 200
    ask(gateway, chat(HARD))
    assert wait_for(gateway) == {"graded": 1}
    assert [call[2]["messages"][0]["content"] for call in light.calls] == [HARD]


def test_an_open_breaker_is_left_alone(shadowed, light):
    gateway = shadowed()
    for _ in range(6):
        gateway.router.report("light", ok=False, status=500)
    ask(gateway, chat(EASY))
    assert wait_for(gateway) == {"breaker_open": 1} and not light.calls


def test_people_replace_the_judge(shadowed):
    gateway = shadowed()
    said = told(ask(gateway, chat(EASY)))
    wait_for(gateway)
    body = {"decision_id": said["decision-id"], "light_score": 0.0, "powerful_score": 1.0}
    headers = {"authorization": f"Bearer {KEY}"}
    httpx.post(
        f"{gateway.url}/v1/outcomes",
        json=body,
        headers=headers,
        trust_env=False,
        timeout=PATIENCE_S,
    )
    (kept,) = outcomes(gateway)
    assert kept.scores == {"light": 0.0, "powerful": 1.0} and kept.graded_by == "people"
    assert kept.judge_cost  # it was paid for all the same


def test_texts_are_kept_only_where_that_is_wished(shadowed):
    gateway = shadowed()
    ask(gateway, chat(EASY))
    wait_for(gateway)
    states = gateway.gateway.store.load_states("pair_texts")
    assert gateway.wait(states) == {}
    keeping = shadowed(storage={"keep_text": True})
    ask(keeping, chat(EASY))
    wait_for(keeping)
    (text,) = keeping.wait(keeping.gateway.store.load_states("pair_texts")).values()
    assert "small-1" in json.loads(text.text)["light"]


def test_the_report_is_that_of_the_store(shadowed):
    gateway = shadowed()
    for n in range(4):
        ask(gateway, chat(f"{EASY} {n}"))
    wait_for(gateway, 4)
    gateway.wait(gateway.router.flush())
    headers = {"authorization": f"Bearer {KEY}"}
    url = f"{gateway.url}/v1/report"
    said = httpx.get(url, headers=headers, trust_env=False, timeout=PATIENCE_S).json()
    assert said["traffic"]["requests"] == said["traffic"]["observed"] == 4
    assert said["pairs"]["graded_by"] == {"judge:judge": 4}
    assert said["money"]["judge"] == pytest.approx(4 * JUDGED)
    page = httpx.get(
        url, headers={**headers, "accept": "text/html,*/*"}, trust_env=False, timeout=PATIENCE_S
    )
    assert page.headers["content-type"].startswith("text/html") and said["verdict"] in unescape(
        page.text
    )
    assert httpx.get(url, trust_env=False, timeout=PATIENCE_S).status_code == 401


@pytest.mark.parametrize("ending", ["an error", "nothing"])
def test_a_stream_that_its_upstream_broke_off_makes_no_pair(shadowed, light, powerful, ending):
    pieces = [chunk("big-1", "Half of an answer, and then")]
    if ending == "an error":
        pieces.append({"error": {"message": "overloaded", "type": "server_error"}})
    said = "".join(f"data: {json.dumps(one)}\n\n" for one in pieces).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    gateway = shadowed()
    powerful.behaviour, powerful.raw = "raw", [head + said]
    assert b"error" in ask(gateway, chat(EASY, stream=True)).content
    powerful.behaviour = "signed"
    ask(gateway, chat(HARD))
    assert wait_for(gateway) == {"graded": 1}
    assert [call[2]["messages"][0]["content"] for call in light.calls] == [HARD]
