"""From nothing to a client that talks to the gateway: `serve --init`, `serve --for`."""

import os
import re
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from gateway.asking import EASY, chat, told
from gateway.processes import find_free_port, wait_for
from patience import PATIENCE_S

from tiny_dancer.gateway import parse_toml
from tiny_dancer.gateway.config.providers import PROVIDERS
from tiny_dancer.gateway.server.config_file import check_config

COMMAND = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "serve"]
EXPORT = re.compile(r"^export (\w+)=(\S+)$", re.M)
OPENAI = f"""
import openai
messages = [{{"role": "user", "content": "{EASY}"}}]
answer = openai.OpenAI().chat.completions.create(model="auto", messages=messages)
print(answer.choices[0].message.content)
"""
ANTHROPIC = f"""
import os, anthropic
messages = [{{"role": "user", "content": "{EASY}"}}]
create = anthropic.Anthropic().messages.create
answer = create(model=os.environ["ANTHROPIC_MODEL"], max_tokens=99, messages=messages)
print(answer.content[0].text)
"""


def init(folder, *arguments, light="ollama:llama3.2:3b", powerful="openai:large"):
    command = [*COMMAND, "--init", "--light", light, "--powerful", powerful, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S)


@contextmanager
def serving(folder, *arguments):
    """The command's address, and what it has printed once it answers."""
    port, printed = find_free_port(), folder / "printed.txt"
    command = [*COMMAND, *arguments, "--port", str(port)]
    environment = {**os.environ, "COLUMNS": "200"}
    with printed.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, env=environment)
    try:
        wait_for(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}", printed.read_text()
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def test_a_config_that_was_written_is_served(light, powerful, tmp_path):
    assert init(tmp_path, light="lmstudio:small", powerful="vllm:big").returncode == 0
    file = tmp_path / "gateway.toml"
    text = file.read_text()
    for provider, upstream in (("lmstudio", light), ("vllm", powerful)):
        assert text.count(PROVIDERS[provider].base_url) == 1
        text = text.replace(PROVIDERS[provider].base_url, upstream.url)
    file.write_text(text)
    with serving(tmp_path, "--config", "gateway.toml") as (url, printed):
        assert url in printed
        answer = httpx.post(
            f"{url}/v1/chat/completions", json=chat(EASY), trust_env=False, timeout=PATIENCE_S
        )
        assert (told(answer)["served-by"], told(answer)["cost"]) == ("lmstudio", "0")
    assert [call[2]["model"] for call in light.calls] == ["small"] and not powerful.calls
    assert (tmp_path / "history.db").exists()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_makes_a_config_that_loads(provider, tmp_path):
    file = "there.toml"
    done = init(tmp_path, "--config", file, light=f"{provider}:a:b", powerful=f'{provider}:"c"')
    assert done.returncode == 0 and file in done.stdout
    text = (tmp_path / file).read_text()
    for secret in re.findall(r'key_env = "(\w+)"', text):
        assert f"export {secret}=" in text
    assert f"tiny-dancer serve --config {file}" in text
    config = parse_toml(text, lambda _: "key")
    check_config(config, Path("gateway.toml"))
    assert [(one.name, one.serves, one.model) for one in config.upstreams] == [
        (f"{provider}-light", "light", "a:b"),
        (f"{provider}-powerful", "powerful", '"c"'),
    ]


def test_every_setting_that_a_comment_shows_can_be_taken(tmp_path):
    assert init(tmp_path).returncode == 0
    lines = (tmp_path / "gateway.toml").read_text().splitlines()
    shown = [re.sub(r'^# ((\[|"|[a-z_0-9]+ = ).*)$', r"\1", line) for line in lines]
    assert sum(a != b for a, b in zip(lines, shown, strict=True)) >= 15
    text = "\n".join(line for line in shown if not line.startswith("anonymous"))
    config = parse_toml(text.replace('"..."', f'"{"0" * 64}"'), lambda _: "key")
    check_config(config, Path("gateway.toml"))
    assert [key.name for key in config.keys] == ["team"] and config.policy.quality == 0.95
    assert config.aliases == {"gpt-4o": "auto"} and "tier" in config.decisions


def test_a_file_that_is_there_stays(tmp_path):
    file = tmp_path / "gateway.toml"
    file.write_text("mine")
    done = init(tmp_path)
    assert done.returncode == 1 and "gateway.toml: it is there already" in done.stderr
    assert file.read_text() == "mine" and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--init"], 2, "--init needs --light"),
        (["--init", "--light", "openai:a"], 2, "--init needs --light"),
        (["--init", "--light", "opnai:a", "--powerful", "openai:b"], 1, "a provider of anthropic"),
        (["--init", "--light", "openai", "--powerful", "openai:b"], 1, "the model is missing"),
        (["--init", "--light", "openai:a", "--powerful", "openai:\n"], 1, "the model is missing"),
        (["--demo", "--light", "openai:a"], 2, "go with --init"),
        (["--demo", "--for", "emacs"], 2, "claude-code"),
    ],
)
def test_wrong_usage_is_said(tmp_path, arguments, code, message):
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == code and message in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr and not list(tmp_path.iterdir())


@pytest.mark.parametrize(("client", "program"), [("openai", OPENAI), ("claude-code", ANTHROPIC)])
def test_a_client_that_is_set_so_is_answered(tmp_path, client, program):
    with serving(tmp_path, "--demo", "--for", client) as (url, printed):
        found = dict(EXPORT.findall(printed))
        assert any(value.startswith(url) for value in found.values())
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("OPENAI", "ANTHROPIC"))}
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**clean, **found},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert "This is the light model" in done.stdout, printed + done.stderr


def test_what_codex_is_told_is_toml_of_the_gateway(tmp_path):
    with serving(tmp_path, "--demo", "--for", "codex") as (url, printed):
        _, _, rest = printed.partition("config.toml:\n")
        toml, _, shell = rest.partition("And in")
        config = tomllib.loads(toml)
        provider = config["model_providers"][config["model_provider"]]
        assert provider["base_url"] == f"{url}/v1" and provider["wire_api"] == "responses"
        assert config["model"] == "auto" and provider["env_key"] in dict(EXPORT.findall(shell))


def test_a_gateway_that_asks_for_a_key_says_so(light, powerful, tmp_path):
    assert init(tmp_path, light="lmstudio:small", powerful="vllm:big").returncode == 0
    file = tmp_path / "gateway.toml"
    keys = f'[[keys]]\nname = "a"\nsha256 = "{"0" * 64}"'
    file.write_text(re.sub(r"^anonymous.*$", keys, file.read_text(), flags=re.M))
    with serving(tmp_path, "--config", "gateway.toml", "--for", "openai") as (_, printed):
        assert dict(EXPORT.findall(printed))["OPENAI_API_KEY"] == "YOUR-KEY"
