"""Tabs of a real Chromium whose workers run Python in Pyodide, with the stores' modules."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hosts.conftest import ROOT, find_node

HERE = Path(__file__).parent
STORE = ROOT / "web/router/src/store/open.ts"
PYODIDE = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)


class Quiet(SimpleHTTPRequestHandler):
    extensions_map: ClassVar[dict[str, str]] = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_: object) -> None:
        pass


def stage(folder: Path) -> None:
    """All that the page and its worker load."""
    node, packages = find_node(), ROOT / "node_modules"
    if node is None or not all((packages / n).is_dir() for n in ("pyodide", "idb", "rolldown")):
        pytest.skip("no Node 22.12 or no npm packages: ./build.sh setup")
    command = [node, packages / "rolldown/bin/cli.mjs", STORE, "--file", folder / "store.js"]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "pyodide").mkdir()
    for name in PYODIDE:
        (folder / "pyodide" / name).symlink_to(packages / "pyodide" / name)
    for file in (HERE / "tab").iterdir():
        (folder / file.name).symlink_to(file)
    parts = {f"/src/stores/{file.name}": file.read_text("utf-8") for file in HERE.glob("*.py")}
    package = ROOT / "py/tiny_dancer"
    for file in package.rglob("*.py"):
        parts[f"/src/tiny_dancer/{file.relative_to(package)}"] = file.read_text("utf-8")
    (folder / "parts.json").write_text(json.dumps(parts))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Address of the page, staged into an empty folder."""
    stage(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


class Tab:
    """A page whose worker runs Python."""

    def __init__(self, context: Any, address: str) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(300_000)
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.goto(address)

    def begin(self, code: str) -> None:
        self.page.evaluate("code => { window.answer = python(code); }", code)

    def answer(self) -> Any:
        return json.loads(self.page.evaluate("window.answer"))

    def run(self, code: str) -> Any:
        self.begin(code)
        return self.answer()
