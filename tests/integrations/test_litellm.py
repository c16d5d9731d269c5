"""LiteLLM's router and its real proxy, with both plug-ins, against models on loopback ports."""

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

litellm = pytest.importorskip("litellm")

import httpx
from conftest import EASY, HARD, ROOT
from gateway.processes import find_free_port
from litellm.types.router import ClassifierPlugin, RoutingContext
from litellm.types.router import RoutingPlugin as RoutingProtocol
from patience import PATIENCE_S
from upstream import Upstream

from tiny_dancer import InvalidInputError, Router
from tiny_dancer.integrations.litellm import Classifier, RoutingPlugin, classifier, routing_plugin

MODELS = ["openai/small", "openai/big"]
MASTER_KEY = f"sk-{os.urandom(24).hex()}"
START_S = 240
"""What the proxy may take to start on a busy machine; it imports half a gigabyte."""


def context_of(prompt, candidates=MODELS):
    messages = [{"role": "user", "content": prompt}]
    return RoutingContext(
        raw_messages=messages, structured_messages=messages, candidate_models=list(candidates)
    )


def narrow(plugin, *context):
    found = asyncio.run(plugin.run(context_of(*context)))
    return found.candidate_models, found.signals["tiny_dancer"]


def test_they_are_what_litellms_protocols_ask_for():
    assert isinstance(routing_plugin, RoutingProtocol) and isinstance(classifier, ClassifierPlugin)


def test_the_made_plugin_takes_the_first_deployment_as_light_and_the_last_as_powerful():
    for prompt, model, name in ((EASY, MODELS[0], "light"), (HARD, MODELS[1], "powerful")):
        left, signal = narrow(routing_plugin, prompt, [MODELS[0], "openai/middle", MODELS[1]])
        assert left == [model] and signal["model"] == name and signal["narrowed"]
        assert 0 < signal["confidence"] < 1 and signal["decision_id"]


def test_named_deployments_are_found_in_any_order_and_unknown_ones_left_as_they_are():
    plugin = RoutingPlugin(models={"light": "openai/small", "powerful": "openai/big"})
    assert narrow(plugin, EASY, MODELS[::-1])[0] == ["openai/small"]
    left, signal = narrow(plugin, EASY, ["openai/other", "openai/big"])
    assert left == ["openai/other", "openai/big"] and signal["narrowed"] is False
    left, signal = narrow(plugin, EASY, [])
    assert left == [] and signal["narrowed"] is False


@pytest.mark.parametrize("content", ["", [{"type": "image_url", "image_url": {"url": "u"}}]])
def test_doubt_is_powerful(content):
    assert narrow(RoutingPlugin(), content)[0] == ["openai/big"]
    nested: list = ["x"]
    for _ in range(100):
        nested = [nested]
    assert narrow(RoutingPlugin(), nested) == (
        ["openai/big"],
        {"reason": "unreadable", "narrowed": True},
    )


def test_a_classifier_names_the_tiers_it_was_given():
    mine = Classifier(tiers={"light": "MEDIUM", "powerful": "REASONING"}, router=Router())
    for prompt, tier, own in ((EASY, "SIMPLE", "MEDIUM"), (HARD, "COMPLEX", "REASONING")):
        assert asyncio.run(classifier.classify(context_of(prompt))) == tier
        assert asyncio.run(mine.classify(context_of(prompt))) == own
    with pytest.raises(InvalidInputError, match="light: a text"):
        Classifier(tiers={"light": 7})


async def test_litellms_router_sends_each_prompt_to_the_deployment_that_is_needed(small, big):
    deployments = [
        {
            "model_name": "auto",
            "litellm_params": {"model": f"openai/{up.name}", "api_base": up.url, "api_key": "k"},
        }
        for up in (small, big)
    ]
    router = litellm.Router(model_list=deployments, plugins=[routing_plugin])
    asked = [(EASY, "small"), (HARD, "big")] * 4
    answers = await asyncio.gather(
        *(
            router.acompletion(model="auto", messages=[{"role": "user", "content": prompt}])
            for prompt, _ in asked
        )
    )
    assert [answer.choices[0].message.content for answer in answers] == [
        f"Hello from {name}" for _, name in asked
    ]
    assert len(small.calls) == len(big.calls) == 4


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """The real proxy, with the YAML of docs/integrations.md."""
    pytest.importorskip("fastapi")
    text = (ROOT / "docs/integrations.md").read_text("utf-8")
    first, second = re.findall(r"^```yaml\n(.*?)^```\n", text, re.M | re.S)
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "config.yaml").write_text(join_configs(first, second))
    up = Upstream()
    port = find_free_port()
    command = [Path(sys.executable).parent / "litellm", "--config", "config.yaml"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,
            env={
                **os.environ,
                "OPENAI_API_BASE": up.url,
                "OPENAI_API_KEY": "k",
                "LITELLM_MASTER_KEY": MASTER_KEY,
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process, folder / "log")
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        up.close()


def join_configs(first, second):
    """One configuration with the models of both, so that one proxy runs both."""
    return first.replace(
        "router_settings:", second.removeprefix("model_list:\n") + "router_settings:"
    )


def wait_for(url, process, log):
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            httpx.get(f"{url}/health/liveliness", timeout=PATIENCE_S, trust_env=False)
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    pytest.fail(f"the proxy did not start: {log.read_text()[-2000:]}")


@pytest.mark.parametrize("name", ["auto", "tiered"])
@pytest.mark.parametrize("stream", [False, True])
def test_the_proxy_routes_by_the_yaml_of_the_docs(proxy, name, stream):
    for prompt, model in ((EASY, "gpt-5-mini"), (HARD, "gpt-5")):
        body = {"model": name, "messages": [{"role": "user", "content": prompt}], "stream": stream}
        answer = httpx.post(
            f"{proxy}/v1/chat/completions",
            json=body,
            headers={"authorization": f"Bearer {MASTER_KEY}"},
            timeout=PATIENCE_S,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        said = re.findall(r'"content":\s*"([^"]*)"', answer.text)
        assert "".join(said) == f"Hello from {model}"
