"""What frameworks and command-line agents of others get of a gateway; writes the table.

    python tests/gateway/formats/other_clients.py

Each is installed from the locks in tests/gateway/formats/clients, apart from everything else, under
build/clients. The upstream on loopback speaks each format (native), or chat alone (translated).
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))

from gateway.formats import agent_sessions, speaking  # noqa: E402
from gateway.formats.scripted import Scripted  # noqa: E402
from gateway.running import KEY, Running, config_of  # noqa: E402
from patience import WORK_S  # noqa: E402

RESULTS = ROOT / "docs/results/formats-clients.json"
FILES = Path(__file__).parent / "clients"
BUILD = ROOT / "build/clients"
NODE = ROOT / "node_modules/.bin"
AGENTS = {
    "claude": ("@anthropic-ai/claude-code", "messages"),
    "codex": ("@openai/codex", "responses"),
}


def install() -> tuple[Path, Path]:
    """The Python of the frameworks, and the folder of the npm packages."""
    python, npm = BUILD / "env/bin/python", BUILD / "npm"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", BUILD / "env"], check=True)
    command = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r"]
    subprocess.run([*command, FILES / "clients.txt"], check=True)
    npm.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "ai_sdk.mjs"):
        shutil.copy(FILES / name, npm)
    if not (npm / "node_modules").exists():
        path = {"PATH": f"{NODE}:{os.environ['PATH']}"}
        command = ["npm", "ci", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=npm, env=os.environ | path, check=True)
    return python, npm


def ask_frameworks(python: Path, npm: Path) -> list[dict[str, Any]]:
    """A row for each client, way and kind of upstream."""
    upstream = Scripted(speaking.answer)
    raw = config_of(upstream.url, upstream.url)
    raw["upstreams"][1]["api"] = ["chat", "messages", "responses"]
    gateway, rows = Running(raw), []
    try:
        for command, folder in (
            ([python, FILES / "python_clients.py"], npm),
            ([NODE / "node", "ai_sdk.mjs"], npm),
        ):
            for kind, model in (("translated", "light"), ("native", "powerful")):
                done = subprocess.run(
                    [*command, gateway.url, KEY, model],
                    cwd=folder,
                    stdout=subprocess.PIPE,
                    text=True,
                    timeout=WORK_S,
                    check=True,
                )
                for row in json.loads(done.stdout.strip().splitlines()[-1]):
                    rows.append({**row, "upstream": kind})
    finally:
        gateway.close()
        upstream.close()
    return rows


def ask_agents(npm: Path) -> list[dict[str, Any]]:
    """A row for a session of each agent, before an upstream that speaks chat alone."""
    upstream = Scripted(agent_sessions.answer)
    gateway, rows = Running(config_of(upstream.url, upstream.url)), []
    try:
        for agent, (package, format_) in AGENTS.items():
            version = json.loads((npm / f"node_modules/{package}/package.json").read_text())[
                "version"
            ]
            got = agent_sessions.run(npm, gateway.url, KEY, agent)
            did = f"{format_}, streamed: reads a file by its own tool, says what is in it"
            client = f"{package} {version}"
            rows.append({"client": client, "did": did, "got": got, "upstream": "translated"})
    finally:
        gateway.close()
        upstream.close()
    return rows


def main() -> None:
    python, npm = install()
    rows = ask_frameworks(python, npm) + ask_agents(npm)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    RESULTS.write_text(f'{{"rows": [\n{lines}\n]}}\n', "utf-8")
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
