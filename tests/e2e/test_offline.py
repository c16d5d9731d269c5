"""The page without its server, and two releases one after the other."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import Server

pytestmark = pytest.mark.browser
SAVED = "document.getElementById('offline').dataset.state"
RELEASE = "document.documentElement.dataset.release"


def test_the_page_works_after_the_server_is_stopped_a_reload_included(
    visit: Any, dist: Path
) -> None:
    server = Server(dist)
    one = visit()
    try:
        one.open(server.url)
        one.wait(SAVED, "saved")
    finally:
        server.stop()
    before = one.route("Is the server still there?")
    one.console.clear()
    one.page.reload()
    one.wait("document.getElementById('answer').dataset.state", "ready")
    after = one.route("Is the server still there?")
    for field in ("use_lightweight", "confidence", "score", "bundle_hash"):
        assert after[field] == before[field]
    one.wait("document.getElementById('offline-text').textContent", "works offline")
    other = one.context.new_page()
    other.goto(server.url)
    assert other.title().startswith("Tiny Dancer")


def test_a_new_release_shows_at_the_next_visit_and_the_old_one_is_dropped(
    visit: Any, dist: Path, tmp_path: Path
) -> None:
    old = re.search(r'data-release="(\w+)"', (dist / "index.html").read_text())
    assert old
    new = "f" * len(old[1])
    site = tmp_path / "site"
    shutil.copytree(dist, site)
    server = Server(site)
    try:
        one = visit()
        one.open(server.url)
        one.wait(SAVED, "saved")
        assert one.page.evaluate("caches.keys()") == [old[1]]

        (site / "assets" / old[1]).rename(site / "assets" / new)
        for name in ("index.html", "sw.js"):
            text = (site / name).read_text().replace(old[1], new)
            (site / name).write_text(text)
            for suffix in (".br", ".gz"):
                (site / (name + suffix)).unlink(missing_ok=True)
        assert one.route("The old tab is open")["model"]
        one.page.reload()
        one.wait("document.getElementById('answer').dataset.state", "ready")
        assert one.page.evaluate(RELEASE) == new
        one.wait(f"caches.keys().then(names => names.join() === '{new}')")
    finally:
        server.stop()
    one.page.reload()
    one.wait("document.getElementById('answer').dataset.state", "ready")
    assert one.page.evaluate(RELEASE) == new
