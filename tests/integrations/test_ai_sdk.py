"""AI SDK 7 with `routed` and `decisions` put in, on a real router: Node, Chromium and workerd."""

import json

import pytest
from conftest import EASY, HARD, ROOT, find_node_package, run_node
from isolate import ask_in_workerd
from patience import wait_until
from tab import ask_in_tab
from upstream import Upstream

SCRIPTS = ROOT / "tests/integrations/ai_sdk"


@pytest.fixture(scope="module", params=["node", "tab", "workerd"])
def asked(request, tmp_path_factory):
    """What the SDK got, and the bodies that each model was sent."""
    folder = find_node_package("ai_sdk", "ai")
    small, big = Upstream("small"), Upstream("big")
    if request.param == "tab":
        told = ask_in_tab(folder, tmp_path_factory.mktemp("tab"), small, big)
    elif request.param == "workerd":
        told = ask_in_workerd(folder, tmp_path_factory.mktemp("workerd"), small, big)
    else:
        done = run_node("node", SCRIPTS / "node.mjs", small.url, big.url, cwd=folder)
        assert done.returncode == 0, done.stderr
        told = done.stdout.splitlines()[-1]
    small.close(), big.close()
    return json.loads(told), small, big


def test_each_prompt_is_answered_by_the_model_that_is_needed_and_says_so(asked):
    told, small, _ = asked
    for found, name, served_by, cost in zip(
        told["texts"], ("small", "big"), ("light", "powerful"), (18, 180), strict=True
    ):
        assert (found["text"], found["servedBy"]) == (f"Hello from {name}", served_by)
        assert (found["tokens"], found["finishReason"]) == (14, "stop")
        assert found["cost"] == pytest.approx(cost / 1e6)
        assert found["saved"] == pytest.approx((180 - cost) / 1e6)
        assert 0 < found["confidence"] < 1 and 0 < found["uncertainty"] <= 1
        assert found["warned"] == ["topK"]  # the provider's own
    assert [found["reason"] for found in told["texts"]] == ["below_threshold", "above_threshold"]
    assert small.calls[0]["messages"][-1]["content"] == EASY


def test_tools_schemas_files_and_conversations_reach_it(asked):
    told, small, big = asked
    assert told["tools"] == ["Hello from big", 2, "sunny in big"]
    assert told["structured"] == {"name": "small", "age": 7}
    assert any("response_format" in call for call in small.calls)
    assert told["files"] == ["Hello from big", "capability"]
    assert told["earlier"] == [["Hello from big", "capability"]] * 2  # of a tool, of a model
    assert told["lastTurn"] == "Hello from big"
    assert big.calls[0]["messages"][-1]["content"] == HARD


def test_a_stream_comes_word_by_word_and_ends_with_the_decision(asked):
    told, *_ = asked
    assert told["streamed"] == {
        "words": ["Hello", " from", " big"],
        "servedBy": "powerful",
        "cost": pytest.approx(180 / 1e6),
    }


def test_an_abort_ends_the_models_stream_and_a_call_that_has_not_begun(asked):
    told, _, big = asked
    assert told["aborted"] == "abort"
    wait_until(lambda: big.left == 1)
    assert told["before"] == "before"


def test_a_model_that_is_none_is_refused_by_its_name(asked):
    told, *_ = asked
    light, router = told["wrong"]
    assert light.startswith("TypeError: routed: light: a language model of AI SDK 7")
    assert router.startswith("TypeError: routed: router: a router is needed")


def test_decisions_are_distributions_whose_maximum_is_the_choice(asked):
    told, *_ = asked
    easy, hard = told["decided"]["easy"], told["decided"]["hard"]
    assert easy == ["light", "cheap", True, "light", pytest.approx(1, abs=1e-9), "below_threshold"]
    assert hard[:4] == ["powerful", "dear", False, "powerful"]
    assert hard[4:] == [pytest.approx(1, abs=1e-9), "above_threshold"]


def test_what_is_not_known_is_the_sdks_own_refusal(asked):
    told, *_ = asked
    assert told["unknown"] == "AI_DecisionRefusalError"
    assert told["scored"] == "AI_DecisionUnsupportedQuestionTypeError"
