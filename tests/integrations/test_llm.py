"""The command line tool llm with the model `auto`, by its entry point, in a folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

llm = pytest.importorskip("llm")

from conftest import EASY, HARD
from patience import WORK_S

from tiny_dancer.integrations.llm import AsyncAuto, Auto

OPTIONS = {"light": "small", "powerful": "big"}


@pytest.fixture
def folder(tmp_path, monkeypatch, small, big):
    """llm's own folder, with two models of OpenAI's shape."""
    models = [
        {"model_id": up.name, "model_name": up.name, "api_base": up.url, "supports_tools": True}
        | {"supports_schema": True, "vision": True}
        for up in (small, big)
    ]
    (tmp_path / "extra-openai-models.yaml").write_text(json.dumps(models))
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    return tmp_path


def run(*arguments):
    done = subprocess.run(
        [Path(sys.executable).parent / "llm", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=dict(os.environ),
        timeout=WORK_S,
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def test_the_command_finds_auto_and_sends_each_prompt_to_the_model_that_is_needed(folder):
    assert run("models", "options", "set", "auto", "light", "small")[0] == 0
    assert run("models", "options", "set", "auto", "powerful", "big")[0] == 0
    assert run("-m", "auto", EASY) == (0, "Hello from small", "")
    assert run("-m", "auto", "--no-stream", HARD) == (0, "Hello from big", "")
    latest = json.loads(run("logs", "--json", "-n", "1")[1])[0]
    assert (latest["model"], latest["resolved_model"]) == ("auto", "big")


def test_without_models_it_says_what_to_set(folder):
    code, _, said = run("-m", "auto", EASY)
    assert code == 1 and "llm models options set auto light MODEL" in said


def test_a_conversation_a_tool_and_a_schema_reach_the_chosen_model(folder, small, big):
    auto = llm.get_model("auto")
    assert isinstance(auto, Auto)
    conversation = auto.conversation()
    assert conversation.prompt(EASY, system="Be brief.", **OPTIONS).text() == "Hello from small"
    assert conversation.prompt(HARD, **OPTIONS).text() == "Hello from big"
    roles = [message["role"] for message in big.calls[0]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]

    def get_weather(city: str) -> str:
        """Get weather for a given city."""
        return f"It's sunny in {city}."

    chain = auto.chain(EASY, tools=[get_weather], options=OPTIONS)
    assert chain.text().strip() == "Hello from small"
    assert small.calls[-1]["messages"][-1]["content"] == "It's sunny in small."
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    assert json.loads(auto.prompt(HARD, schema=schema, **OPTIONS).text()) == {"name": "big"}


def test_the_answer_says_who_gave_it_why_and_for_how_many_tokens(folder):
    response = llm.get_model("auto").prompt(EASY, stream=False, **OPTIONS)
    usage, decision = response.usage(), response.json()["tiny_dancer"]
    assert (usage.input, usage.output) == (10, 4)
    assert response.resolved_model == "small" and decision["reason"] == "below_threshold"


async def test_awaited_it_answers_the_same(folder):
    auto = llm.get_async_model("auto")
    assert isinstance(auto, AsyncAuto)
    assert await auto.prompt(EASY, **OPTIONS).text() == "Hello from small"
    assert await auto.prompt(HARD, **OPTIONS).text() == "Hello from big"


def test_an_attachment_goes_to_the_powerful_model(folder, big):
    png = llm.Attachment(content=b"\x89PNG\r\n\x1a\n", type="image/png")
    assert llm.get_model("auto").prompt(EASY, attachments=[png], **OPTIONS).text() == (
        "Hello from big"
    )
