import base64
import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium
from random_bundle import random_bundle

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "web/demo/dist"
LIBRARY = ROOT / "web/router"
START_SECONDS = 120
"""How long a start may take on a busy machine; on a quiet one it takes three."""

sys.path.insert(0, str(ROOT / "web/demo"))


class Server:
    """serve.py in a process of its own, so that stopping it really ends every connection."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        command = [sys.executable, str(ROOT / "web/demo/serve.py"), "--folder", str(folder)]
        self._process = subprocess.Popen(
            [*command, "--port", str(port)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        found = re.search(r"http://localhost:(\d+)/", line)
        assert found, f"serve.py printed {line!r}"
        self.url, self.port = found[0], int(found[1])

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="session")
def dist() -> Path:
    """The built page."""
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built: ./build.sh demo")
    return DIST


@pytest.fixture(scope="session")
def current(dist: Path) -> None:
    """The page holds this very package; else its decisions may differ for no fault of the page."""
    (package,) = dist.glob("assets/*/runtime/tiny_dancer.zip.bin")
    with zipfile.ZipFile(package) as packed:
        (record,) = (name for name in packed.namelist() if name.endswith(".dist-info/RECORD"))
        rows = csv.reader(packed.read(record).decode().splitlines())
    for name, digest, _ in rows:
        source = ROOT / "py" / name
        if name.startswith("tiny_dancer/") and digest != _record_hash(source):
            pytest.fail(f"the page was built with another {name}: ./build.sh demo builds it")


def _record_hash(file: Path) -> str:
    """As a wheel's RECORD writes it."""
    digest = hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b""
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def server(dist: Path) -> Iterator[Server]:
    server = Server(dist)
    yield server
    server.stop()


class Visit:
    """A page in a profile of its own, and everything it said and asked for."""

    def __init__(self, browser: Any, context: Any = None, **options: Any) -> None:
        self.context = context or browser.new_context(**options)
        self.context.set_default_timeout(1000 * START_SECONDS)
        self.page = self.context.new_page()
        self.console: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.console.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda error: self.console.append(f"thrown: {error}"))
        self.context.on("request", lambda request: self.requests.append(request.url))

    @property
    def errors(self) -> list[str]:
        return [line for line in self.console if not line.startswith(("log", "info", "debug"))]

    def another(self) -> "Visit":
        """One more tab of the same profile."""
        return Visit(None, self.context)

    def open(self, url: str, state: str = "ready", unfold: bool = True) -> Any:
        """Open the demo page, wait until its panel is in this state, and unfold what is folded."""
        self.page.goto(url)
        self.wait("document.getElementById('answer').dataset.state", state)
        if unfold:
            self.unfold()
        return self.page

    def unfold(self) -> None:
        """Open every part of the page that a visitor would click open."""
        self.page.evaluate(
            "for (const one of document.querySelectorAll('details')) one.open = true"
        )

    def wait(self, expression: str, expected: object = True) -> None:
        """Poll until the expression has this value; the page's policy forbids injected waits."""
        end = time.monotonic() + START_SECONDS
        value = None
        while time.monotonic() < end:
            value = self.page.evaluate(expression)
            if value == expected:
                return
            if value == "failed":
                break
            self.page.wait_for_timeout(25)
        text = self.page.evaluate("document.body.innerText")
        pytest.fail(f"{expression} is {value!r}, not {expected!r}; {self.console}; {text}")

    def until(self, condition: Callable[[], bool]) -> None:
        """Poll until this is true on our side."""
        end = time.monotonic() + START_SECONDS
        while not condition():
            assert time.monotonic() < end, f"it never came true: {self.console}"
            self.page.wait_for_timeout(25)

    def text(self, name: str) -> str:
        return str(self.page.locator(f"#{name}").text_content()).strip()

    def type(self, prompt: str) -> dict[str, str]:
        """Type a prompt as a person pastes it; what the page then says about it."""
        # Counted as it is typed: a decision on what stood there before may show until then.
        count = f"() => {{ window.seen = {_SEEN}; }}"
        listen = f"box => box.addEventListener('input', {count}, {{ once: true }})"
        self.page.locator("#prompt").evaluate(listen)
        self.page.locator("#prompt").fill(prompt)
        self.wait(f"{_SEEN} > window.seen")
        names = ("model", "reason", "confidence", "uncertainty", "tokens", "time", "score")
        return {name: self.text(name) for name in names}

    def route(self, prompt: str) -> dict[str, Any]:
        """A decision from the page's router, in the wire format."""
        script = "prompt => window.tinyDancer.routeWire({ prompt, candidates: [] })"
        decision: dict[str, Any] = json.loads(self.page.evaluate(script, prompt))
        return decision


_SEEN = "Number(document.getElementById('verdict').dataset.count ?? 0)"


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def make(**options: Any) -> Visit:
        visits.append(Visit(browser, **options))
        return visits[-1]

    yield make
    for one in visits:
        one.context.close()


@pytest.fixture(scope="module")
def opened(browser: Any, server: Server) -> Iterator[Visit]:
    """The demo page, up and running; shared by the tests of a module that do not change it."""
    one = Visit(browser)
    one.open(server.url)
    yield one
    one.context.close()


def readme_examples() -> list[tuple[str, str]]:
    """The examples of the library's README, and what each prints where it says so."""
    text = (LIBRARY / "README.md").read_text()
    return re.findall(r"```js\n(.*?)```(?:\s+```text\n(.*?)```)?", text, re.DOTALL)


@pytest.fixture(scope="session")
def site(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The library as it is published, and an empty page that imports it."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("dist", "runtime"):
        shutil.copytree(LIBRARY / name, folder / "lib" / name)
    scripts = {"index": 'import * as library from "./lib/dist/index.js"; window.library = library;'}
    for number, (example, _) in enumerate(readme_examples()):
        scripts[f"example-{number}"] = example.replace('"tiny-dancer"', '"./lib/dist/index.js"')
    for name, script in scripts.items():
        (folder / f"{name}.js").write_text(script)
        (folder / f"{name}.html").write_text(
            f'<!doctype html><title>A page</title><script type="module" src="{name}.js"></script>'
        )
    (folder / "favicon.ico").write_bytes(b"")  # asked for unbidden
    (folder / "random.bundle").write_bytes(random_bundle(3, h=16))
    (folder / "my.bundle").write_bytes(random_bundle(3, candidates=True, h=32))
    server = Server(folder)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def library(browser: Any, site: Server) -> Iterator[Visit]:
    """A page with the library imported and its run time started."""
    one = Visit(browser)
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    one.page.evaluate("(async () => { await library.init(); })()")
    yield one
    one.context.close()


def evaluate(one: Visit, body: str, argument: object = None) -> Any:
    """Run the body of an async function; an error becomes [name, message, class]."""
    script = f"""argument => (async () => {{ {body} }})().catch(
        error => [error.name, error.message, error instanceof library.TinyDancerError])"""
    return one.page.evaluate(script, argument)
