"""The README's first example in apps outside the repository, which installed the packed library."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import LIBRARY, ROOT, Server, Visit, readme_examples
from hosts.conftest import find_node

pytestmark = pytest.mark.browser
SCRIPT = ROOT / "tests/e2e/bundle.mjs"
TAG = {
    "vite": None,  # writes a page of its own
    "webpack": '<script src="main.js"></script>',
    "esbuild": '<script type="module" src="main.js"></script>',
}


@pytest.fixture(scope="module")
def node() -> str:
    program = find_node()
    if program is None or not (ROOT / "node_modules/webpack").is_dir():
        pytest.skip("no Node 22.12 or no npm packages: ./build.sh setup")
    return program


@pytest.fixture(scope="module")
def app(node: str, dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tarball installed, and the example."""
    folder = tmp_path_factory.mktemp("app")
    path = f"{ROOT / 'node_modules/.bin'}:{Path(node).parent}:{os.environ['PATH']}"

    def npm(*arguments: str, cwd: Path) -> str:
        done = subprocess.run(
            ["npm", *arguments], cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        return done.stdout.decode()

    packed = json.loads(
        npm("pack", "--ignore-scripts", "--json", "--pack-destination", str(folder), cwd=LIBRARY)
    )
    (folder / "package.json").write_text('{"name": "app", "private": true, "type": "module"}')
    tarball = f"./{packed[0]['filename']}"
    npm("install", "--offline", "--no-audit", "--no-fund", tarball, cwd=folder)
    (folder / "main.js").write_text(readme_examples()[0][0])
    (folder / "index.html").write_text(
        '<!doctype html><title>An app</title><script type="module" src="./main.js"></script>'
    )
    return folder


def run(node: str, *arguments: object) -> None:
    done = subprocess.run([node, SCRIPT, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """With the strict policy of the demo page, which README.md gives."""
    (folder / "favicon.ico").write_bytes(b"")  # asked for unbidden
    server = Server(folder)
    yield server
    server.stop()


def check_output(one: Visit) -> None:
    """What the README says is printed, after the progress."""
    printed = f"log: {readme_examples()[0][1].strip()}"
    one.until(lambda: printed in one.console or bool(one.errors))
    assert one.errors == []
    assert one.console[-2:] == ["log: 1", printed]


@pytest.mark.parametrize("tool", list(TAG))
def test_the_readme_example_works_as_this_bundler_builds_it(
    visit: Any, node: str, app: Path, tmp_path: Path, tool: str
) -> None:
    out = tmp_path / "out"
    run(node, tool, app, out)
    if tag := TAG[tool]:
        (out / "index.html").write_text(f"<!doctype html><title>An app</title>{tag}")
    with served(out) as server:
        one = visit()
        one.page.goto(server.url)
        check_output(one)
        assert {url for url in one.requests if not url.startswith(server.url)} == set()


def test_the_readme_example_works_in_the_development_server_of_vite(
    visit: Any, node: str, app: Path
) -> None:
    process = subprocess.Popen(
        [node, SCRIPT, "vite-dev", app], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        one = visit()
        one.page.route("**/favicon.ico", lambda route: route.fulfill(status=200))
        one.page.goto(process.stdout.readline().strip())
        check_output(one)
    finally:
        process.kill()
        process.communicate()


def test_esbuild_without_the_plugin_fails_with_a_message_that_names_it(
    visit: Any, node: str, app: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(node, "plain-esbuild", app, out)
    (out / "index.html").write_text(f"<!doctype html><title>An app</title>{TAG['esbuild']}")
    with served(out) as server:
        one = visit()
        one.page.goto(server.url)
        one.until(lambda: any("thrown" in line for line in one.console))
        (line,) = (line for line in one.console if line.startswith("thrown"))
    assert "/runtime/worker.js: the server responded with status 404; `base` has to be" in line
    assert "tiny-dancer/esbuild" in line


def test_the_library_can_be_imported_where_there_is_no_page(node: str, app: Path) -> None:
    script = 'import { Router } from "tiny-dancer"; console.log(typeof Router.load)'
    (app / "server.mjs").write_text(script)
    done = subprocess.run([node, app / "server.mjs"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("function\n", "")
