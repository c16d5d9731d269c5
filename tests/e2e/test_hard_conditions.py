"""Browsers that deny storage, room or SIMD, and one that has no network any more."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from chromium import ARGUMENTS, CHROMIUM, START_MS
from e2e.conftest import Server, Visit, evaluate

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
ROUTE = """
    const decision = await router.route("Prove that there is no largest prime.");
    const { model, confidence } = decision;
"""


@contextmanager
def persistent(browser: Any, profile: Path, arguments: tuple[str, ...]) -> Iterator[Visit]:
    """Chromium with a profile on the disk."""
    options = {"executable_path": CHROMIUM, "args": [*ARGUMENTS, *arguments], "timeout": START_MS}
    context = browser.browser_type.launch_persistent_context(str(profile), **options)
    yield Visit(None, context)
    context.close()


@pytest.fixture
def profile(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens the profile of this test; closes the browser that had it open."""
    with ExitStack() as stack:

        def open_profile(*arguments: str, preferences: dict[str, Any] | None = None) -> Visit:
            stack.pop_all().close()
            folder = tmp_path / "Default"
            folder.mkdir(exist_ok=True)
            if preferences:
                (folder / "Preferences").write_text(json.dumps(preferences))
            return stack.enter_context(persistent(browser, tmp_path, arguments))

        yield open_profile


def import_library(one: Visit, site: Server) -> None:
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")


def test_where_storage_is_denied_the_router_decides_and_says_so(
    profile: Open, site: Server
) -> None:
    one = profile(preferences={"profile": {"default_content_setting_values": {"cookies": 2}}})
    import_library(one, site)
    body = f"""
        const denied = await new Promise(resolve => {{
            try {{
                const request = indexedDB.open("x");
                request.onsuccess = () => resolve(false);
                request.onerror = () => resolve(true);
            }} catch {{ resolve(true); }}
        }});
        const router = await library.Router.load({{ storage: "indexeddb" }});
        const {{ storageFault }} = await router.ready;
        {ROUTE}
        return [denied, storageFault?.name, model];
    """
    assert evaluate(one, body) == [True, "StoreError", "powerful"]


def test_without_simd_the_twin_decides_the_same(
    profile: Open, library: Visit, site: Server
) -> None:
    body = f"""
        const router = await library.Router.load();
        {ROUTE}
        return [(await router.ready).scorer, model, confidence];
    """
    scorer, *kernel = evaluate(library, body)
    assert scorer == "kernel"
    one = profile("--js-flags=--no-enable-sse4-1")
    import_library(one, site)
    scorer, *twin = evaluate(one, body)
    assert scorer == "twin"
    assert twin == kernel


def test_a_browser_opened_again_without_a_server_still_decides(profile: Open, dist: Path) -> None:
    server = Server(dist)
    try:
        one = profile()
        one.open(server.url)
        one.wait("document.getElementById('offline').dataset.state", "saved")
        before = one.route("Is the server still there?")
    finally:
        server.stop()
    again = profile()
    again.open(server.url)
    after = again.route("Is the server still there?")
    assert (after["confidence"], after["model"]) == (before["confidence"], before["model"])


def test_a_page_that_cannot_be_saved_says_so_and_why(visit: Any, dist: Path) -> None:
    server = Server(dist)
    try:
        one: Visit = visit()
        session = one.context.new_cdp_session(one.page)
        quota = {"origin": server.url.rstrip("/"), "quotaSize": 2_000_000}
        session.send("Storage.overrideQuotaForOrigin", quota)
        one.open(server.url)
        one.wait("document.getElementById('offline').dataset.state", "unavailable")
        said = one.page.evaluate("document.getElementById('offline').title")
        assert said == "StoreFullError: no space is left for this site's data"
        assert one.page.evaluate("caches.keys()") == []
    finally:
        server.stop()
