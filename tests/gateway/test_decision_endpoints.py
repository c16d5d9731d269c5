"""/v1/decisions and /v1/systemone: a router that is asked as a decision model.

tests/edge runs the same before the Worker.
"""

import json
import re
import subprocess
from pathlib import Path

import httpx
import openai
import pytest
from gateway.asking import EASY, HARD, told
from gateway.running import KEY
from patience import PATIENCE_S

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TIER = [{"value": "cheap", "description": "easy work"}, {"value": "dear"}]
MODELS = [{"value": "light"}, {"value": "powerful"}]
ASKED = [
    {"type": "choice", "name": "model", "instructions": "Which model?", "choices": MODELS},
    {"type": "choice", "name": "tier", "instructions": "Which tier?", "choices": TIER},
    {"type": "predicate", "name": "enough", "instructions": "Is the small model enough?"},
    {"type": "predicate", "instructions": "Is it urgent?"},
    {"type": "choice", "name": "colour", "instructions": "Which?", "choices": TIER},
    {"type": "score", "name": "anger", "instructions": "?", "levels": [{"label": "a"}] * 2},
]
QUESTIONS = {
    "model": {"type": "choice", "criteria": {"light": None, "powerful": "hard work"}},
    "tier": {"type": "choice", "instructions": "Which?", "criteria": {"cheap": 1, "dear": [2]}},
    "enough": {"type": "noul", "instructions": "Is the small model enough?"},
    "urgent": {"type": "noul", "criteria": {"true": "now"}},
    "anger": {"type": "score", "criteria": ["calm", "angry"]},
    "where": {"type": "box", "instructions": "the cup"},
}


@pytest.fixture
def api(address):
    with openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
def post(address):
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(
        base_url=address, headers=headers, timeout=PATIENCE_S, trust_env=False
    ) as http:
        yield http.post


def test_the_openai_client_reads_answers_and_refusals_in_order(api):
    for text, model, tier in ((EASY, "light", "cheap"), (HARD, "powerful", "dear")):
        raw = api.decisions.with_raw_response.create(model="auto", input=text, questions=ASKED)
        decision = raw.parse()
        first, second, third, *rest = decision.answers
        assert (first.choice, second.choice) == (model, tier)
        assert [one.value for one in second.probabilities] == ["cheap", "dear"]
        for answer in (first, second):
            values = {one.value: one.probability for one in answer.probabilities}
            assert sum(values.values()) == pytest.approx(1)
            assert values[answer.choice] == max(values.values()) == answer.confidence
        assert third.type == "predicate" and (third.probability > 0.5) == (model == "light")
        assert [(one.type, one.name) for one in rest] == [
            ("refusal", None),
            ("refusal", "colour"),
            ("refusal", "anger"),
        ]
        assert decision.usage.total_tokens == decision.usage.input_tokens == 0
        assert decision.usage.input_tokens_details.cached_tokens == 0
        assert decision.model == "auto"
        figures, headers = first.tiny_dancer, told(raw)
        assert headers["decision"] == model and headers["reason"] == figures["reason"]
        assert headers["decision-id"] == figures["decision_id"]
        assert float(headers["confidence"]) == pytest.approx(figures["confidence"], abs=1e-6)
        low, high = figures["interval"]
        assert low <= figures["confidence"] <= high and 0 < figures["uncertainty"] <= 1


def test_a_decision_takes_outcomes(api, post):
    decision = api.decisions.create(model="auto", input=EASY, questions=ASKED)
    ids = {answer.tiny_dancer["decision_id"] for answer in decision.answers}
    assert len(ids) == 1  # one text, one decision, however many questions
    body = {"decision_id": ids.pop(), "light_score": 1.0}
    assert post("/v1/outcomes", json=body).json()["stored"] is True


def test_four_hundred_questions_are_answered_and_one_more_is_refused(api):
    many = [{**ASKED[0], "name": f"q{n}"} for n in range(400)]
    decision = api.decisions.create(model="auto", input=EASY, questions=many)
    assert [answer.name for answer in decision.answers] == [one["name"] for one in many]
    with pytest.raises(openai.BadRequestError, match="1 to 400"):
        api.decisions.create(model="auto", input=EASY, questions=[*many, ASKED[0]])


def test_items_are_read_as_a_conversation(api):
    call = {"type": "function_call", "name": "f", "call_id": "a", "arguments": "{}"}
    items = [
        {"role": "developer", "content": HARD},
        {"role": "user", "content": HARD},
        {"role": "assistant", "content": [{"type": "output_text", "text": HARD}]},
        call,
        {"type": "function_call_output", "call_id": "a", "output": HARD},
        {"role": "user", "content": [{"type": "input_text", "text": EASY}]},
    ]
    decision = api.decisions.create(model="auto", input=items, questions=ASKED[:1])
    alone = api.decisions.create(model="auto", input=EASY, questions=ASKED[:1])
    assert decision.answers[0].probabilities == alone.answers[0].probabilities


def test_an_image_goes_to_a_model_that_sees(api):
    image = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
    content = [{"type": "input_text", "text": EASY}, image]
    items = [{"role": "user", "content": content}]
    answer = api.decisions.create(model="auto", input=items, questions=ASKED[:1]).answers[0]
    assert answer.choice == "powerful" and answer.tiny_dancer["reason"] == "capability"
    assert answer.confidence == 1.0  # not the score's doing


def test_system_one_leaves_out_what_it_refuses_and_says_so(post):
    for text, model, tier in ((EASY, "light", "cheap"), (HARD, "powerful", "dear")):
        answer = post("/v1/systemone", json={"state": text, "questions": QUESTIONS})
        assert answer.status_code == 200
        body = answer.json()
        assert list(body["answers"]) == ["model", "tier", "enough"]
        assert [one["question"] for one in body["warnings"]] == ["urgent", "anger", "where"]
        assert body["answers"]["model"]["choice"] == model
        chosen = body["answers"]["tier"]
        assert chosen["choice"] == tier and sum(chosen["probabilities"].values()) == 1
        assert chosen["probabilities"][tier] == chosen["confidence"] >= 0.5
        assert (body["answers"]["enough"]["noul"] > 0.5) == (model == "light")
        assert body["usage"] == {"input_tokens": 0, "output_tokens": 0}


def test_both_formats_say_the_same(api, post):
    decision = api.decisions.create(model="auto", input=HARD, questions=ASKED[:3])
    state = [{"type": "text", "text": HARD}]
    body = {"model": "auto", "state": state, "questions": QUESTIONS}
    answers = post("/v1/systemone", json=body).json()["answers"]
    for answer in decision.answers[:2]:
        probabilities = {one.value: one.probability for one in answer.probabilities}
        assert answers[answer.name]["probabilities"] == probabilities
    assert answers["enough"]["noul"] == decision.answers[2].probability


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("decisions", {}, "input: a text or a list"),
        ("decisions", {"input": []}, "input: a text or a list"),
        ("decisions", {"input": 7}, "input: a text or a list"),
        ("decisions", {"input": EASY}, "questions: a list of 1 to 400"),
        ("decisions", {"input": EASY, "questions": ASKED, "model": "light"}, "model: auto"),
        ("decisions", {"input": EASY, "questions": [{"type": "choice"}]}, r"questions\[0\].choic"),
        ("systemone", {}, "state: a text or a value"),
        ("systemone", {"state": EASY, "questions": []}, "questions: an object of 1 to 400"),
        ("systemone", {"state": EASY, "questions": {"a": 7}}, "questions.a: an object of type"),
        ("systemone", {"state": EASY, "questions": QUESTIONS, "model": 7}, "model: a text"),
    ],
)
def test_a_malformed_request_is_refused_with_its_path(post, path, body, message):
    answer = post(f"/v1/{path}", json=body)
    assert answer.status_code == 400
    assert re.search(message, answer.json()["error"]["message"])


def test_an_empty_model_is_auto(post):
    body = {"model": "", "state": EASY, "questions": {"model": QUESTIONS["model"]}}
    answer = post("/v1/systemone", json=body).json()
    assert (answer["model"], answer["answers"]["model"]["choice"]) == ("auto", "light")


def test_a_policy_of_another_quality_moves_the_distribution_with_the_choice(post):
    body = {"state": HARD, "questions": {"model": QUESTIONS["model"]}}
    answers = [
        post("/v1/systemone", json={**body, "model": model}).json()["answers"]["model"]
        for model in ("auto:quality=1", "auto:quality=0.5")
    ]
    assert [answer["choice"] for answer in answers] == ["powerful", "light"]
    assert answers[0]["probabilities"]["light"] < 0.5 <= answers[1]["probabilities"]["light"]
    assert answers[0]["tiny_dancer"]["score"] == answers[1]["tiny_dancer"]["score"]


def test_the_npm_client_reads_answers_and_refusals(address):
    node = ROOT / "node_modules/.bin/node"
    if not (ROOT / "node_modules/openai").is_dir() or not node.exists():
        pytest.skip("no npm packages: ./build.sh setup")
    command = [node, HERE / "npm_decisions.mjs", f"{address}/v1", KEY, json.dumps(ASKED), EASY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    decision = json.loads(done.stdout)
    kinds = ["choice", "choice", "predicate", *["refusal"] * 3]
    assert [answer["type"] for answer in decision["answers"]] == kinds
    assert [answer["choice"] for answer in decision["answers"][:2]] == ["light", "cheap"]
    assert decision["usage"]["total_tokens"] == 0
