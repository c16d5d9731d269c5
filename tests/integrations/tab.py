"""A page in real Chromium that asks AI SDK's models on its own origin."""

import http.client
import shutil
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, run_node
from patience import PATIENCE_S
from upstream import Upstream

TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")


def ask_in_tab(packages: Path, folder: Path, small: Upstream, big: Upstream) -> str:
    """What the page told.

    Args:
        packages: folder with the SDK's node_modules.
        folder: where the bundle and the browser's profile go.
        small: the light model.
        big: the powerful one.
    """
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("chromium is not installed")
    entry = ROOT / "tests/integrations/ai_sdk/tab.mjs"
    done = run_node(
        *(ROOT / "node_modules/.bin/esbuild", entry, "--bundle", "--format=esm"),
        *("--platform=browser", f"--outfile={folder / 'tab.js'}", "--log-level=error"),
        cwd=packages,
        NODE_PATH=str(packages / "node_modules"),
    )
    assert done.returncode == 0, done.stderr
    (folder / "index.html").write_text("<!doctype html><script type=module src=/tab.js></script>")
    server = Site(folder, {"/small/": small, "/big/": big})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    browser = subprocess.Popen(
        [chromium, *CHROMIUM, f"--user-data-dir={folder / 'profile'}", url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert server.is_told.wait(120), "the page told nothing"
    finally:
        browser.terminate()
        browser.wait(PATIENCE_S)
        server.shutdown()
        server.server_close()
    return server.told


class Site(ThreadingHTTPServer):
    """The page, the run time, and two models behind one origin."""

    daemon_threads = True

    def __init__(self, folder: Path, models: dict[str, Upstream]) -> None:
        self.folder, self.models = folder, models
        self.told, self.is_told = "", threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(SimpleHTTPRequestHandler):
    """Files by GET; by POST a model's answers, and what the page tells."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def translate_path(self, path: str) -> str:
        path = path.partition("?")[0]
        if path.startswith("/runtime/"):
            return str(ROOT / "web/router/runtime" / path.removeprefix("/runtime/"))
        return str(self.server.folder / (path.lstrip("/") or "index.html"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/told":
            self.server.told = body.decode()
            self.send_response(204)
            self.end_headers()
            self.server.is_told.set()
            return
        up = next(up for path, up in self.server.models.items() if self.path.startswith(path))
        model = http.client.HTTPConnection(up.url.split("/")[2])
        hang = {"x-hang": self.headers["x-hang"]} if self.headers["x-hang"] else {}
        model.request("POST", "/v1/chat/completions", body, hang)
        answer = model.getresponse()
        self.send_response(answer.status)
        self.send_header("content-type", answer.getheader("content-type"))
        self.end_headers()
        try:
            while data := answer.read1(65_536):
                self.wfile.write(data)
        except OSError:  # the page has gone, and so the model is left
            pass
        finally:
            model.close()
