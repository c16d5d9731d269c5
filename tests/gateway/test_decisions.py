"""Each turn is scored once, the decision recorded once, for the model that served it."""

import asyncio
import json

import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.running import config_of
from gateway.shapes import chat as answer_of

from tiny_dancer import Router
from tiny_dancer.gateway import Gateway, Request
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.history import MemoryStore
from tiny_dancer.hosts import open_scorer


class Counting:
    """A scorer that counts the calls of the kernel."""

    def __init__(self, scorer):
        self._scorer = scorer
        self.calls = 0

    def __getattr__(self, name):
        return getattr(self._scorer, name)

    def score_text(self, *arguments, **options):
        self.calls += 1
        return self._scorer.score_text(*arguments, **options)

    def score_request(self, *arguments, **options):
        self.calls += 1
        return self._scorer.score_request(*arguments, **options)


class Answer:
    """A whole answer of an upstream."""

    def __init__(self):
        self.status, self.headers = 200, {"content-type": "application/json"}

    async def pieces(self):
        yield json.dumps(answer_of()).encode()

    async def aclose(self):
        pass


def count_calls(body, **changes):
    """Kernel calls of one request, and the decisions that were recorded."""
    scorers = []

    def open_counting(bundle, max_tokens):
        scorers.append(Counting(open_scorer(bundle, max_tokens)))
        return scorers[-1]

    async def fetch(call):
        return Answer()

    async def play():
        raw = config_of("http://a.example/v1", "http://b.example/v1", **changes)
        config = read_config(raw | {"keys": [], "anonymous": True}, lambda _: None)
        store = MemoryStore()
        router = Router(config.router, store=store, scorer=open_counting)
        gateway = Gateway(config, router, store, fetch, log=str)
        headers = {"content-type": "application/json"}
        request = Request("POST", "/v1/chat/completions", headers, json.dumps(body).encode())
        response = await gateway.handle(request)
        assert response.status == 200
        await router.flush()
        records = await store.query_routings(10)
        await router.aclose()
        return sum(one.calls for one in scorers), len(records)

    return asyncio.run(play())


TURNS = [EASY, HARD, f"{EASY} And of Spain?", "Now translate all of it into French, please."]


@pytest.mark.parametrize("n", [1, 2, 4])
def test_a_chat_of_n_turns_makes_n_kernel_calls_and_one_record(n):
    assert count_calls(chat(*TURNS[:n])) == (n, 1)


@pytest.mark.parametrize("model", ["light", "small"])
def test_a_model_asked_for_by_name_is_scored_once(model):
    assert count_calls(chat(*TURNS, model=model)) == (1, 1)


def test_where_turns_do_not_stick_the_last_one_alone_is_scored():
    assert count_calls(chat(*TURNS), policy={"sticky": False}) == (1, 1)


@pytest.mark.parametrize("is_streamed", [False, True])
def test_after_a_fallback_money_and_share_belong_to_who_served(running, client, light, is_streamed):
    gateway = running(limits={"retries": 0})
    http = client(gateway)
    light.behaviour = "503"
    answer = http.post("/v1/chat/completions", json=chat(EASY, stream=is_streamed))
    said = told(answer)
    assert (said["decision"], said["served-by"]) == ("light", "big")
    stats = gateway.stats()
    assert (stats["total_routes"], stats["lightweight_routes"]) == (1, 0)
    assert stats["cost"] == pytest.approx(180e-6) and stats["money_saved"] == 0
    models = {row["model"]: row for row in stats["models"]}
    assert models["powerful"]["cost"] == pytest.approx(180e-6)
    assert models["powerful"]["tokens_out"] == 4 and models["powerful"]["routes"] == 1
    assert "light" not in models or models["light"]["cost"] == 0
    assert gateway.router.metrics().light == 0
    (kept,) = gateway.decisions()
    assert kept.decision_id == said["decision-id"]
    assert (kept.model, kept.reason) == ("powerful", said["reason"])  # why light was chosen


def test_where_nobody_serves_it_the_decision_stays_with_the_one_chosen(
    running, client, light, powerful
):
    gateway = running(limits={"retries": 0})
    light.behaviour = powerful.behaviour = "503"
    answer = client(gateway).post("/v1/chat/completions", json=chat(EASY))
    assert answer.status_code == 502
    record = gateway.decisions()[0]
    assert (record.model, record.decision_id) == ("light", told(answer)["decision-id"])


def test_the_time_of_a_decision_is_not_that_of_the_answer(running, client, light):
    gateway = running(limits={"retries": 0, "deadline_s": 60})
    light.behaviour = "slow headers"
    rows = config_of(light.url, light.url)["upstreams"]
    rows[0]["timeout_s"] = 0.3
    slow = running(upstreams=rows, limits={"retries": 0})
    client(slow).post("/v1/chat/completions", json=chat(EASY, model="light"))
    assert slow.decisions()[0].inference_time_us < 300_000
    assert not gateway.decisions()
