"""The npm clients of OpenAI and Anthropic get the same of a native and of a translated upstream."""

import json
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("anthropic")

from gateway.formats.faults import ask_messages, ask_responses
from gateway.formats.same_formats import config_for
from gateway.formats.speaking import answer
from gateway.processes import has_workerd, workerd
from gateway.running import KEY
from patience import PATIENCE_S

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BLOCK = ["content_block_start", "content_block_delta", "content_block_stop"]
MESSAGE = {
    "kinds": ["thinking", "text", "tool_use", "tool_use"],
    "thinking": "Hmm.",
    "text": "Let me see.",
    "inputs": ["Rome", "Oslo"],
    "reason": "tool_use",
    "tokens": [10, 20, 8],
}
RESPONSE = {
    "kinds": ["reasoning", "message", "function_call", "function_call"],
    "text": "Let me see.",
    "calls": ["Rome", "Oslo"],
    "status": "completed",
    "tokens": 38,
}
WANT = {
    "message": MESSAGE,
    "streamedMessage": MESSAGE,
    "messageEvents": ["message_start", *BLOCK * 4, "message_delta", "message_stop"],
    "afterTools": "Sunny.",
    "counts": True,
    "refused": [404, "not_found_error"],
    "response": RESPONSE,
    "streamedResponse": RESPONSE,
    "numbered": True,
    "afterOutputs": "Sunny.",
    "parsed": {"name": "Paris"},
    "chat": ["Rome", "Oslo"],
}


@pytest.mark.parametrize(
    "api", [["chat"], ["chat", "messages", "responses"]], ids=["translated", "native"]
)
def test_the_npm_clients(scripted, gateway_of, api):
    node = ROOT / "node_modules/.bin/node"
    if not (ROOT / "node_modules/@anthropic-ai/sdk").is_dir() or not node.exists():
        pytest.skip("no npm packages: ./build.sh setup")
    upstream = scripted(answer)
    gateway = gateway_of(upstream.url, upstream.url, light={"api": api})
    command = [node, HERE / "npm_clients.mjs", gateway.url, KEY, "light"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == WANT
    paths = {asked.path for asked in upstream.asked}
    assert paths == (
        {"chat/completions"}
        if len(api) == 1
        else {"chat/completions", "messages", "messages/count_tokens", "responses"}
    )


@pytest.mark.full
def test_the_clients_before_the_worker(scripted, tmp_path):
    """Those of npm, and Anthropic's and OpenAI's of Python, translated and native."""
    if not has_workerd() or not (ROOT / "node_modules/@anthropic-ai/sdk").is_dir():
        pytest.skip("no Worker: ./build.sh edge")
    upstream = scripted(answer)
    with workerd(config_for(upstream.url, upstream.url), tmp_path) as url:
        for model in ("light", "powerful"):
            command = [ROOT / "node_modules/.bin/node", HERE / "npm_clients.mjs", url, KEY, model]
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout) == WANT
            for told in (ask_messages, ask_responses):
                for stream in (False, True):
                    assert told(url, model, stream)["text"] == "Sunny."
