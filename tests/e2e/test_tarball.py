"""What the packed library holds, as a script of Node and from a staged folder."""

import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import LIBRARY, Server, evaluate, readme_examples
from e2e.test_bundlers import app, node  # noqa: F401

pytestmark = pytest.mark.browser
LICENCES = {
    "LICENSE": "MIT License",
    "NOTICE": "Pyodide",
    "licenses/Apache-2.0.txt": "Apache License",
    "licenses/MPL-2.0.txt": "Mozilla Public License Version 2.0",
    "licenses/Python-2.0.txt": "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2",
    "licenses/Unicode-3.0.txt": "UNICODE LICENSE V3",
}
SMALL = 1000
MOST_BYTES = {"runtime": 33_000_000, "brotli": 10_400_000}
"""Of what a first visit fetches; a change that needs more says so here."""


def test_the_tarball_holds_every_licence(app: Path) -> None:  # noqa: F811
    (file,) = app.glob("*.tgz")
    with tarfile.open(file) as packed:
        for name, words in LICENCES.items():
            held = packed.extractfile(f"package/{name}")
            assert held and words in held.read().decode(), name


def test_the_readme_example_works_as_a_script_of_node(node: str, app: Path) -> None:  # noqa: F811
    done = subprocess.run([node, "main.js"], cwd=app, capture_output=True, text=True, timeout=300)
    *shares, printed = done.stdout.splitlines()
    assert done.stderr == ""
    assert printed == readme_examples()[0][1].strip()
    assert shares[-1] == "1" and [float(x) for x in shares] == sorted(map(float, shares))


def test_node_names_a_folder_that_lacks_the_files(node: str, app: Path) -> None:  # noqa: F811
    script = """
        import { Router } from "tiny-dancer";
        const base = new URL("nowhere/", import.meta.url);
        await Router.load({ base }).catch((error) => console.log(error.name, error.message));
    """
    (app / "wrong.mjs").write_text(script)
    done = subprocess.run([node, "wrong.mjs"], cwd=app, capture_output=True, text=True, timeout=300)
    assert done.stdout.startswith("LoadError ") and "nowhere/" in done.stdout
    assert "`base`" in done.stdout


def test_a_staged_folder_starts_has_compressed_versions_and_keeps_to_its_budget(
    visit: Any,
    node: str,  # noqa: F811
    app: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    stage = app / "node_modules/tiny-dancer/stage.mjs"
    done = subprocess.run([node, stage, tmp_path / "own"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = [file for file in (tmp_path / "own").iterdir() if file.suffix not in (".br", ".gz")]
    sizes = {"runtime": 0, "brotli": 0}
    for file in files:
        raw = file.stat().st_size
        if raw >= SMALL:
            assert file.with_name(f"{file.name}.gz").stat().st_size < raw
            sizes["brotli"] += file.with_name(f"{file.name}.br").stat().st_size
        sizes["runtime"] += raw
    assert all(sizes[name] <= most for name, most in MOST_BYTES.items()), sizes
    assert "node.js" not in {file.name for file in files}
    (tmp_path / "index.js").write_bytes(
        (app / "node_modules/tiny-dancer/dist/index.js").read_bytes()
    )
    (tmp_path / "main.js").write_text('import * as l from "./index.js"; window.library = l;')
    (tmp_path / "index.html").write_text('<script type="module" src="main.js"></script>')
    (tmp_path / "favicon.ico").write_bytes(b"")
    server = Server(tmp_path)
    try:
        one = visit()
        one.page.goto(server.url)
        one.wait("typeof window.library", "object")
        body = 'return (await (await library.Router.load({ base: "/own/" })).route("Hi")).model;'
        assert evaluate(one, body) in ("light", "powerful")
        assert one.errors == []
    finally:
        server.stop()


def test_the_manifest_names_what_it_exports(app: Path) -> None:  # noqa: F811
    package = app / "node_modules/tiny-dancer"
    exports = json.loads((LIBRARY / "package.json").read_text())["exports"]
    for target in exports.values():
        for file in [target] if isinstance(target, str) else target.values():
            assert (package / file).is_file(), file
