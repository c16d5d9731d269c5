"""The page for everyone: keyboard, touch, screen readers, chosen colours, paper, installed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import ARGUMENTS, CHROMIUM, START_MS
from e2e.conftest import ROOT, Server, Visit

pytestmark = pytest.mark.browser
EASY = "What is the capital of France?"


@pytest.fixture(scope="module")
def page(browser: Any, server: Server) -> Iterator[Visit]:
    one = Visit(browser)
    one.open(server.url)
    yield one
    one.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Any, server: Server, scheme: str) -> None:
    one = visit(color_scheme=scheme, reduced_motion="reduce")  # no colour on its way to another
    page = one.open(server.url)
    one.type(EASY)
    one.wait("document.getElementById('moved').hidden", False)
    page.locator("#batch-example").click()
    one.wait("document.getElementById('batch-rows').rows.length", 40)
    page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_there_are_three_live_regions(page: Visit) -> None:
    regions = "output, [aria-live], [role=alert], [role=status], [role=log], [role=timer]"
    found = page.page.locator(regions).evaluate_all("all => all.map(({ id }) => id)")
    assert sorted(found) == ["announcements", "errors", "verdict"]


def test_everything_is_reached_and_done_by_keyboard(visit: Any, server: Server) -> None:
    one = visit()
    page = one.open(server.url, unfold=False)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    wanted = (
        "money-link",
        "SUMMARY",
        "batch-file",
        "batch-example",
        "calc-requests",
        "install-copy",
    )
    for name in (*wanted, "share", "proof-try", "history-export", "mark", "report", "certify"):
        assert name in seen, (name, seen)
    page.locator("#prompt").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Name a river.")
    page.keyboard.press("Control+Enter")
    one.wait("document.getElementById('total-routes').textContent !== '0'")
    assert one.errors == []


def test_on_a_phone_the_verdict_stands_above_the_keyboard(visit: Any, server: Server) -> None:
    one = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = one.open(server.url, unfold=False)
    assert not page.locator("#brief").is_visible()
    page.locator("#prompt").tap()
    page.keyboard.press("Control+A")
    page.keyboard.type("Name a river.")
    page.keyboard.press("Enter")
    page.keyboard.type("Or a lake.")
    one.wait("document.getElementById('count').textContent", "24 characters")
    assert page.locator("#prompt").input_value() == "Name a river.\nOr a lake."
    page.set_viewport_size({"width": 390, "height": 460})  # the keyboard takes the rest
    box = page.locator("#brief").bounding_box()
    assert page.locator("#brief").is_visible() and box["y"] + box["height"] <= 460
    page.get_by_role("button", name="A proof").tap()
    one.wait("document.getElementById('model').textContent", "The powerful model is worth it.")


def test_chosen_colours_leave_the_sides_apart(visit: Any, server: Server) -> None:
    one = visit(forced_colors="active")
    page = one.open(server.url)
    style = "getComputedStyle(document.getElementById('verdict')).borderTopStyle"
    one.type(EASY)
    light = page.evaluate(style)
    one.type("Prove that every bounded sequence of real numbers has a convergent subsequence.")
    assert {light, page.evaluate(style)} == {"solid", "dashed"}
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.button')).borderTopWidth") == "1px"
    )


def test_nothing_moves_where_that_is_not_wanted(visit: Any, server: Server) -> None:
    one = visit(reduced_motion="reduce")
    page = one.open(server.url)
    moving = page.evaluate(
        """[...document.querySelectorAll("*")].filter(one =>
        getComputedStyle(one).transitionDuration.split(",").some(time => parseFloat(time) > 0.001)
        && getComputedStyle(one).transitionProperty !== "none").length"""
    )
    assert moving == 0


def test_paper_gets_the_verdict_and_its_details(page: Visit) -> None:
    page.type(EASY)
    pdf = page.page.pdf(format="A4")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 3
    page.page.emulate_media(media="print")
    assert page.page.locator("#verdict").is_visible()
    assert page.page.locator("#uncertainty").is_visible()
    for name in ("batch", "history", "trust", "language"):
        assert not page.page.locator(f"#{name}").is_visible()
    page.page.emulate_media(media="screen")


def test_at_twice_the_size_nothing_scrolls_sideways(visit: Any, server: Server) -> None:
    one = visit(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    page = one.open(server.url)
    one.type(EASY)
    assert page.evaluate("document.documentElement.scrollWidth") == 640


def test_the_page_can_be_installed(browser: Any, server: Server, tmp_path: Path) -> None:
    context = browser.browser_type.launch_persistent_context(
        str(tmp_path),
        executable_path=CHROMIUM,
        timeout=START_MS,
        args=[*ARGUMENTS, "--bypass-app-banner-engagement-checks"],
    )
    try:
        one = Visit(None, context)
        one.open(server.url)
        button = one.page.locator("#pwa-install")
        button.wait_for(state="visible")  # the browser itself said that it would install the page
        button.click()
        button.wait_for(state="hidden")  # it asks once
        one.wait("document.getElementById('offline').dataset.state", "saved")
        session = context.new_cdp_session(one.page)
        assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        manifest = session.send("Page.getAppManifest")
        assert manifest["errors"] == [] and "standalone" in manifest["data"]
    finally:
        context.close()


def test_another_tab_shows_what_this_one_decides_and_deletes(visit: Any, server: Server) -> None:
    one = visit()
    one.open(server.url)
    two = one.another()
    two.open(server.url)
    one.page.locator("#prompt").press("Control+Enter")
    for tab in (one, two):
        tab.wait("document.getElementById('total-routes').textContent", "1")
    one.page.locator("#failing").check(force=True)
    one.wait("document.getElementById('breaker').dataset.mode", "open")
    one.page.locator("#history-delete").click()
    one.page.locator("#delete-dialog button[type=submit]").click()
    for tab in (one, two):
        tab.wait("document.getElementById('total-routes').textContent", "0")
    assert not one.page.locator("#failing").is_checked()
    one.wait("document.getElementById('breaker').dataset.mode", "closed")
    assert one.errors == two.errors == []
