"""Clients of decision models that nobody here wrote, against a gateway; prints what each got.

    python tests/gateway/decision_clients.py

AI SDK 7 (its OpenAI and its System One provider), LiteLLM (both interfaces) and LangChain's types,
installed from the locks in tests/gateway/decision_clients into build/decision-clients.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))

from gateway.running import KEY, Running, config_of  # noqa: E402
from patience import WORK_S  # noqa: E402

FILES = Path(__file__).parent / "decision_clients"
BUILD = ROOT / "build/decision-clients"
NODE = ROOT / "node_modules/.bin"
EXPECTED = {
    "openai": {
        "easy": ["light", "cheap", True, 0],
        "hard": ["powerful", "dear", False, 0],
        "refused": "AI_DecisionRefusalError",
    },
    "systemOne": {
        "easy": ["light", "cheap", True, 0],
        "hard": ["powerful", "dear", False, 0],
        "refused": "AI_InvalidResponseDataError",  # its provider knows no refusal
    },
    **{
        way: {
            "easy": ["light", "cheap", True, "refusal"],
            "hard": ["powerful", "dear", False, "refusal"],
        }
        for way in ("litellm.decisions", "litellm.systemone", "langchain")
    },
}


def install() -> None:
    """Both environments, made from the locks if they are not there."""
    BUILD.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PATH": f"{NODE}:{os.environ['PATH']}"}
    if not (BUILD / "node_modules").exists():
        for name in ("package.json", "package-lock.json"):
            shutil.copy(FILES / name, BUILD)
        command = ["npm", "ci", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=BUILD, env=environment, check=True)
    if not (BUILD / "venv/bin/python").exists():
        subprocess.run([sys.executable, "-m", "venv", BUILD / "venv"], check=True)
    pip = [BUILD / "venv/bin/python", "-m", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*pip, "-r", FILES / "clients.txt"], check=True)


def ask(url: str) -> dict[str, Any]:
    """What each way of asking got."""
    told: dict[str, Any] = {}
    for program, script in (
        (NODE / "node", "decide.mjs"),
        (BUILD / "venv/bin/python", "decide.py"),
    ):
        done = subprocess.run(
            [program, FILES / script, url, KEY],
            cwd=BUILD,
            capture_output=True,
            text=True,
            timeout=WORK_S,
        )
        if done.returncode:
            sys.exit(done.stderr)
        told |= json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Print what each got, and fail where it is not what it should be."""
    install()
    gateway = Running(config_of("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1"))
    try:
        told = ask(gateway.url)
    finally:
        gateway.close()
    for way, got in told.items():
        print(f"{way}: {json.dumps(got)}{'' if got == EXPECTED[way] else '   WRONG'}")
    if told != EXPECTED:
        sys.exit(1)


if __name__ == "__main__":
    main()
