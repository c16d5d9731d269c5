"""One scripted session of each command-line agent before a gateway on loopback.

The agent reads a file by its own tool, because the upstream calls it, and says what was in it: so
the request, the call, its result and the last answer go through the gateway, streamed.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from gateway.formats import chats
from gateway.formats.scripted import Asked

ROOT = Path(__file__).parents[3]
SECRET = "the otter sleeps at noon"
TASK = "Read the file note.txt and tell me what it says."
TIMEOUT_S = 120

Object = dict[str, Any]


def answer(asked: Asked) -> Any:
    """A chat upstream that has the agent read the file, and then repeats what it read."""
    body = asked.body
    last = body["messages"][-1]
    if last["role"] == "tool":
        found = SECRET if SECRET in json.dumps(last["content"]) else "something else"
        said = [chats.chunk(content=f"It says: {found}.")]
    elif (call := _find_call(body)) is not None:
        name, arguments = call
        pieces = [chats.piece(0, id="call_1", name=name), chats.piece(0, json.dumps(arguments))]
        return chats.stream(*pieces, finish="tool_calls")
    else:
        said = [chats.chunk(content="A note")]
    if body.get("stream"):
        return chats.stream(*said)
    return chats.whole(content=said[0]["choices"][0]["delta"]["content"])


def _find_call(body: Object) -> tuple[str, Object] | None:
    """The call that reads the file with one of the agent's tools."""
    for tool in body.get("tools") or ():
        function = tool["function"]
        name, known = function["name"], function["parameters"].get("properties", {})
        if name == "Read":
            return name, {"file_path": os.path.join(FOLDER, "note.txt")}
        if name in ("exec_command", "shell_command"):
            return name, {"cmd" if "cmd" in known else "command": "cat note.txt"}
        if name == "shell":
            return name, {"command": ["cat", "note.txt"]}
    return None


FOLDER = ""
"""Where the agent works; set by `run`."""


def run(folder: Path, url: str, key: str, agent: str) -> str:
    """What the agent said at last, or what went wrong.

    Args:
        folder: of its npm package's environment.
        url: of the gateway.
        key: of the gateway.
        agent: `claude` or `codex`.
    """
    global FOLDER
    with tempfile.TemporaryDirectory() as work:
        FOLDER = work
        Path(work, "note.txt").write_text(SECRET + "\n")
        home = Path(work, "home")
        home.mkdir()
        path = f"{ROOT}/node_modules/.bin:/usr/bin:/bin"
        environment = {"HOME": str(home), "PATH": path, "NO_COLOR": "1", "TMPDIR": work}
        command = COMMANDS[agent](folder, url, key, environment)
        try:
            done = subprocess.run(
                command,
                cwd=work,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            return f"nothing within {TIMEOUT_S} s"
        said = done.stdout.strip().splitlines()
        if done.returncode or not said:
            return f"exit {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}"
        return f"“{said[-1]}”"


def _claude(folder: Path, url: str, key: str, environment: dict[str, str]) -> list[str]:
    environment |= {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_AUTH_TOKEN": key,
        "ANTHROPIC_MODEL": "auto",
        "ANTHROPIC_SMALL_FAST_MODEL": "light",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    return [str(folder / "node_modules/.bin/claude"), "-p", TASK, "--allowedTools", "Read"]


def _codex(folder: Path, url: str, key: str, environment: dict[str, str]) -> list[str]:
    environment["GATEWAY_KEY"] = key
    settings = {
        "model_provider": "gateway",
        "model_providers.gateway.name": "gateway",
        "model_providers.gateway.base_url": f"{url}/v1",
        "model_providers.gateway.env_key": "GATEWAY_KEY",
        "model_providers.gateway.wire_api": "responses",
        "web_search": "disabled",
    }
    options = [f"-c{name}={json.dumps(value)}" for name, value in settings.items()]
    command = [str(folder / "node_modules/.bin/codex"), "exec", *options, "-m", "auto"]
    return [*command, "--skip-git-repo-check", "--sandbox", "danger-full-access", TASK]


COMMANDS = {"claude": _claude, "codex": _codex}
