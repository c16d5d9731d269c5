"""What a router promises, on a random bundle (quality is tested elsewhere)."""

import copy
import json
import pickle
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from patience import PATIENCE_S
from random_bundle import random_bundle, random_config, random_tensors

from tiny_dancer import (
    BundleError,
    InvalidInputError,
    KernelError,
    Policy,
    Reason,
    Router,
    RouterConfig,
    RoutingRequest,
)
from tiny_dancer.model import write_bundle
from tiny_dancer.response import FIELDS

BUNDLE = random_bundle(1)
PROMPT = "what is the theorem of the capital"
LIGHT, POWERFUL = Policy(2.0), Policy(-2.0)


@pytest.fixture
def router():
    return Router(model=BUNDLE)


def test_a_decision_carries_every_field(router):
    response = router.route(PROMPT)
    plain = response.to_dict()
    assert tuple(plain) == FIELDS
    assert json.loads(json.dumps(plain)) == plain
    low, high = response.interval
    assert response.confidence == max(low, min(response.probabilities[0], high))
    assert response.model in ("light", "powerful")
    assert response.use_lightweight == (response.model == "light")
    assert response.bundle_hash == router.bundle.bundle_hash
    assert 0 < response.uncertainty <= 1
    assert 0 <= response.interval[0] <= response.interval[1] <= 1
    assert response.n_tokens > 0
    assert not response.truncated


def test_the_same_prompt_gives_the_same_numbers_and_a_new_id(router):
    first, second = router.route(PROMPT).to_dict(), router.route(PROMPT).to_dict()
    assert first.pop("decision_id") != second.pop("decision_id")
    first.pop("inference_time_us"), second.pop("inference_time_us")
    assert first == second


def test_two_routers_draw_different_id_prefixes():
    ids = {Router(model=BUNDLE).route(PROMPT).decision_id for _ in range(8)}
    assert len(ids) == 8


def test_the_threshold_decides(router):
    assert router.route(PROMPT, policy=LIGHT).reason == Reason.BELOW_THRESHOLD
    assert router.route(PROMPT, policy=LIGHT).model == "light"
    assert router.route(PROMPT, policy=POWERFUL).reason == Reason.ABOVE_THRESHOLD
    assert router.route(PROMPT, policy=POWERFUL).model == "powerful"
    score = router.route(PROMPT).score
    assert router.route(PROMPT, policy=Policy(score)).use_lightweight  # at most, not below


@pytest.mark.parametrize("m", [2, 3, 5, 16])
def test_the_cheapest_model_within_the_threshold_is_chosen(m):
    router = Router(model=random_bundle(2, m=m))
    choices = []
    for t in range(-100, 101, 5):
        response = router.route(PROMPT, policy=Policy(t / 100))
        assert len(response.probabilities) == m
        choices.append(router.bundle.config.models.index(response.model))
    assert choices == sorted(choices, reverse=True)
    assert choices[0] == m - 1


def test_precedence_call_then_router_then_gate_then_bundle():
    by_bundle = Router(model=random_bundle(1, threshold=2.0))
    assert by_bundle.route(PROMPT).use_lightweight
    gated = Router(RouterConfig(confidence_threshold=1.0), model=random_bundle(1, threshold=2.0))
    response = gated.route(PROMPT)
    assert (response.reason, response.threshold) == (Reason.GATE_CONFIDENCE, None)
    assert gated.route(PROMPT, policy=LIGHT).reason == Reason.BELOW_THRESHOLD
    given = Router(model=random_bundle(1, threshold=2.0), policy=POWERFUL)
    assert given.route(PROMPT).policy_id == POWERFUL.id
    assert given.route(PROMPT).reason == Reason.ABOVE_THRESHOLD
    assert given.route(PROMPT, policy=LIGHT).use_lightweight


def test_an_unset_bound_of_the_gate_does_not_bind():
    assert Router(RouterConfig(confidence_threshold=0.0), model=BUNDLE).route(PROMPT).reason == (
        Reason.GATE_PASSED
    )
    assert Router(RouterConfig(max_uncertainty=1.0), model=BUNDLE).route(PROMPT).reason == (
        Reason.GATE_PASSED
    )
    assert Router(RouterConfig(max_uncertainty=0.0), model=BUNDLE).route(PROMPT).reason == (
        Reason.GATE_UNCERTAINTY
    )


def test_a_policy_and_a_gate_exclude_each_other():
    with pytest.raises(InvalidInputError, match="exclude each other"):
        Router(RouterConfig(max_uncertainty=0.1), model=BUNDLE, policy=LIGHT)


def test_a_policy_for_another_bundle_is_doubt(router):
    other = replace(LIGHT, bundle_hash="0" * 64)
    response = router.route(PROMPT, policy=other)
    assert (response.model, response.reason) == ("powerful", Reason.POLICY_MISMATCH)
    assert Router(model=BUNDLE, policy=other).route(PROMPT).reason == Reason.POLICY_MISMATCH
    own = replace(LIGHT, bundle_hash=router.bundle.bundle_hash)
    assert router.route(PROMPT, policy=own).use_lightweight


@pytest.mark.parametrize("prompt", ["", " \n\t", "\0\x01", "\ufffd", "\ud800", "\u200b\u0301"])
def test_a_prompt_without_tokens_is_powerful(router, prompt):
    response = router.route(prompt, policy=LIGHT)
    assert (response.model, response.reason, response.n_tokens) == (
        "powerful",
        Reason.EMPTY_PROMPT,
        0,
    )
    assert (response.confidence, response.score, response.interval) == (None, None, None)
    assert (response.uncertainty, response.prediction_set, response.probabilities) == (None, (), ())


def test_a_response_is_copied_and_pickled_with_its_numbers_and_without_the_router(router):
    response = router.route(PROMPT)
    for other in (
        copy.copy(response),
        copy.deepcopy(response),
        pickle.loads(pickle.dumps(response)),
    ):
        assert other == response and other.to_dict() == response.to_dict()
    assert response != router.route(PROMPT), "another decision"


def test_unfamiliar_input_is_powerful():
    data = write_bundle(
        random_tensors(1), random_config(unfamiliar=(0.0, 7.0)), Policy(2.0), {}
    )  # every token has at least 8
    response = Router(model=data).route(PROMPT)
    assert (response.model, response.reason) == ("powerful", Reason.UNFAMILIAR_INPUT)


def test_a_long_prompt_is_cut_and_says_so():
    router = Router(RouterConfig(max_tokens=8), model=BUNDLE)
    assert router.route("a " * 8).to_dict()["truncated"] is False
    response = router.route("a " * 9)
    assert (response.n_tokens, response.truncated) == (8, True)
    assert router.route("a" * 70_000).truncated


def test_without_a_bundle_every_decision_is_powerful(monkeypatch):
    monkeypatch.setattr("tiny_dancer.service.default_bundle", lambda: None)
    response = Router().route(PROMPT)
    assert (response.model, response.reason, response.use_lightweight) == (
        "powerful",
        Reason.NO_MODEL,
        False,
    )
    assert (response.confidence, response.uncertainty, response.prediction_set) == (None, None, ())
    json.dumps(response.to_dict())


def test_a_kernel_that_fails_is_replaced_by_the_twin(router):
    expected = router.route(PROMPT).to_dict()

    class Broken:
        kind = "kernel"

        def score_text(self, text, **_):
            raise KernelError("trapped")

    failing = Router(model=BUNDLE, scorer=lambda *_: Broken())
    assert failing.scorer == "kernel"
    got = failing.route(PROMPT).to_dict()
    assert failing.scorer == "twin"
    for plain in (expected, got):
        plain.pop("decision_id"), plain.pop("inference_time_us")
    assert got == expected


@pytest.mark.parametrize("request_", [None, b"text", 7, ["text"], {"prompt": "x"}])
def test_what_is_not_text_is_refused_by_name(router, request_):
    with pytest.raises(
        InvalidInputError, match="request: a str, a query vector or a RoutingRequest"
    ):
        router.route(request_)


def test_a_request_object_is_routed_like_its_prompt(router):
    assert router.route(RoutingRequest(PROMPT)).score == router.route(PROMPT).score
    with pytest.raises(InvalidInputError, match="prompt: a str"):
        RoutingRequest(b"x")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"confidence_threshold": 1.5}, "confidence_threshold"),
        ({"max_uncertainty": -0.1}, "max_uncertainty"),
        ({"max_uncertainty": float("nan")}, "max_uncertainty"),
        ({"level": 1.0}, "level"),
        ({"level": True}, "level"),
        ({"max_tokens": 3}, "max_tokens"),
        ({"max_tokens": 513}, "max_tokens"),
        ({"max_tokens": 8.0}, "max_tokens"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(values, message):
    with pytest.raises(InvalidInputError, match=message):
        RouterConfig(**values)


def test_wrong_types_of_arguments_are_refused_by_name(router):
    with pytest.raises(InvalidInputError, match="config: a RouterConfig"):
        Router({"level": 0.9})
    with pytest.raises(InvalidInputError, match="policy: a Policy"):
        router.route(PROMPT, policy=0.5)
    with pytest.raises(InvalidInputError, match="policy: a Policy"):
        Router(model=BUNDLE, policy="auto")
    with pytest.raises(BundleError):
        Router(model=b"nothing")


def test_threads_share_a_router(router):
    prompts = [f"{PROMPT} {'city ' * i}" for i in range(16)]
    expected = [router.route(p).score for p in prompts]
    wrong = []

    def work():
        for _ in range(20):
            for prompt, score in zip(prompts, expected, strict=True):
                if router.route(prompt).score != score:
                    wrong.append(prompt)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_importing_the_package_stays_inside_the_standard_library():
    """No third-party module, no socket, no environment, no file outside package and library."""
    code = """
import os, pathlib, sys, sysconfig
site = pathlib.Path(sysconfig.get_path("purelib"))
library = [pathlib.Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")]
before, events = set(sys.modules), []
sys.addaudithook(lambda event, args: events.append((event, args)))

class Closed(dict):
    def __getitem__(self, key, *_):
        raise AssertionError(f"environment read: {key}")
    get = __getitem__

real, os.environ = os.environ, Closed()
import tiny_dancer
os.environ = real
package = pathlib.Path(tiny_dancer.__file__).parent
for slow in ("asyncio", "sqlite3", "wasmtime", "ssl", "socket", "subprocess"):
    assert slow not in sys.modules, slow
for event, args in list(events):
    assert not event.startswith("socket"), event
    if event == "open" and isinstance(args[0], str):
        path = pathlib.Path(args[0])
        inside = path.is_relative_to(package)
        assert inside or any(path.is_relative_to(folder) for folder in library), path
        assert inside or not path.is_relative_to(site), path
for name in set(sys.modules) - before:
    file = getattr(sys.modules[name], "__file__", None)
    if file and name.partition(".")[0] != "tiny_dancer":
        assert not pathlib.Path(file).is_relative_to(site), name
assert any(event == "open" for event, _ in events)
"""
    subprocess.run([sys.executable, "-I", "-c", code], check=True, timeout=PATIENCE_S)
