"""History and breaker on the page, in a real browser."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import Server, Visit

pytestmark = pytest.mark.browser
EASY = "What is the capital of France?"
TOTALS = ("total-routes", "light-share", "average-latency", "money-saved")
MODE = "document.getElementById('breaker').dataset.mode"
RECORD_MODES = f"""document.addEventListener("DOMContentLoaded", () => {{
    window.modes = [];
    const failed = document.getElementById("calls").getElementsByClassName("failed");
    new MutationObserver(() => window.modes.push([{MODE}, failed.length]))
        .observe(document.getElementById("breaker"), {{ attributeFilter: ["data-mode"] }});
}})"""
"""Every mode with the failures seen by then: one shown for a moment would slip through a poll."""


def start(visit: Callable[..., Visit], server: Server, **options: Any) -> Visit:
    one = visit(**options)
    one.open(server.url)
    return one


def ask(one: Visit, prompt: str, total: int) -> None:
    """Decide by Ctrl and Enter, and wait until so many decisions are kept."""
    # Set, not typed: what is typed counts as asked after a pause, and this machine may be slow.
    one.page.locator("#prompt").evaluate("(box, text) => { box.value = text; }", prompt)
    one.page.locator("#prompt").press("Control+Enter")
    kept(one, total)


def kept(one: Visit, total: int) -> None:
    one.wait("document.getElementById('total-routes').textContent", str(total))


def seen(one: Visit) -> tuple[list[str], list[str]]:
    """Totals and list, as a person reads them; times of day by their machine form."""
    rows = one.page.evaluate(
        """[...document.querySelectorAll("#log-rows tr")].map(({ cells: [when, ...more] }) =>
        [when.firstChild.dateTime, ...more.map(cell => cell.textContent)].join())"""
    )
    return [one.text(name) for name in TOTALS], rows


def test_decisions_survive_a_reload(visit: Callable[..., Visit], server: Server) -> None:
    one = start(visit, server)
    assert one.page.locator("#history-empty").is_visible()
    ask(one, EASY, 1)
    ask(one, "Prove that there are infinitely many primes.", 2)
    totals, rows = seen(one)
    assert len(rows) == 2 and len({row.split(",")[-1] for row in rows}) == 2, "a hash each"
    one.open(server.url)
    kept(one, 2)
    assert seen(one) == (totals, rows)
    ask(one, EASY, 3)
    again = seen(one)[1]
    assert again[0].split(",")[-1] == rows[1].split(",")[-1], "equal prompts have equal hashes"
    assert one.errors == []


def test_what_is_typed_is_kept_once_it_rests(visit: Callable[..., Visit], server: Server) -> None:
    one = start(visit, server)
    one.page.locator("#prompt").evaluate(  # in one go: a slow machine would pause between letters
        """(box, text) => {
          for (let n = 1; n <= text.length; n++) {
            box.value = text.slice(0, n);
            box.dispatchEvent(new Event("input", { bubbles: true }));
          }
        }""",
        "Name three rivers.",
    )
    kept(one, 1)
    one.wait("document.getElementById('median').textContent !== ''")
    one.page.locator("#request-metadata").fill("kind=code")  # ranks again
    one.type(" ")
    ask(one, EASY, 2)
    assert len(seen(one)[1]) == 2


def test_two_tabs_share_one_history(visit: Callable[..., Visit], server: Server) -> None:
    one = start(visit, server)
    two = one.another()
    two.open(server.url)
    ask(one, EASY, 1)
    ask(two, EASY, 2)
    ask(one, EASY, 3)
    assert len(set(seen(one)[1])) == 3
    assert one.errors == two.errors == []


def test_the_switch_opens_the_breaker_and_it_recovers(
    visit: Callable[..., Visit], server: Server
) -> None:
    one = visit()
    one.context.add_init_script(RECORD_MODES)
    one.open(server.url)
    assert one.type(EASY)["model"] == "Light is enough."
    kept(one, 1)
    one.wait(MODE, "closed")
    one.page.locator("#failing").focus()
    one.page.keyboard.press("Space")
    one.wait(MODE, "open")
    one.wait("document.getElementById('reason').dataset.reason", "breaker_light_open")
    assert one.text("model") == "The powerful model is worth it."
    one.wait(
        "document.getElementById('log-rows').rows[0].cells[2].textContent", "light model fails"
    )
    assert one.page.evaluate("window.modes.slice(0, 2)") == [["closed", 0], ["open", 5]]
    again = one.another()  # a tab that starts meanwhile
    again.open(server.url)
    assert again.page.evaluate("window.modes[0][0]") in ("open", "half_open")
    tabs = (one, again)  # either may make the calls that test the recovery
    one.page.keyboard.press("Space")
    for tab in tabs:
        tab.wait(MODE, "closed")
    modes = [mode for tab in tabs for mode, _ in tab.page.evaluate("window.modes")]
    assert "half_open" in modes
    assert sum(tab.page.locator("#calls .answered").count() for tab in tabs) >= 1
    one.wait("document.getElementById('model').textContent", "Light is enough.")
    assert one.errors == again.errors == []


def test_exported_deleted_and_imported_gives_the_same(
    visit: Callable[..., Visit], server: Server, tmp_path: Path
) -> None:
    one = start(visit, server)
    for n in range(12):
        ask(one, f"Question number {n}, please.", n + 1)
    totals, rows = seen(one)
    assert len(rows) == 8
    one.page.locator("#history-more").click()
    one.wait("document.getElementById('log-rows').rows.length", 12)
    with one.page.expect_download() as download:
        one.page.locator("#history-export").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert lines[0]["format"] == "tiny-dancer-history"
    assert sum(line.get("type") == "decision" for line in lines) == 12
    assert "Question" not in file.read_text("utf-8")

    one.page.locator("#history-delete").click()
    one.page.get_by_role("button", name="Cancel").locator("visible=true").click()
    kept(one, 12)
    one.page.locator("#history-delete").click()
    one.page.locator("#delete-dialog button[type=submit]").click()
    kept(one, 0)
    assert one.page.locator("#history-empty").is_visible()

    one.page.locator("#history-import").set_input_files(file)
    kept(one, 12)
    assert seen(one) == (totals, rows)
    said = "Imported 24 new records, 12 of them decisions."
    one.wait("document.getElementById('history-done').textContent", said)
    one.page.locator("#history-import").set_input_files(file)
    one.wait("document.getElementById('history-done').textContent", "No new records.")
    assert seen(one)[0] == totals

    file.write_text("Dear diary\n")
    one.page.locator("#history-import").set_input_files(file)
    one.wait("document.getElementById('history-fault').hidden", False)
    assert one.text("history-fault").startswith("InvalidInputError: line 1: not JSON")
    assert one.errors == []


def test_a_newer_database_is_left_alone_and_the_page_decides(
    visit: Callable[..., Visit], server: Server
) -> None:
    one = visit()
    newer = one.another()  # a tab of its own: a page without an icon complains of that some time
    newer.page.goto(server.url + "sw.js")
    newer.page.evaluate(
        """new Promise(resolve => {
          const request = indexedDB.open("tiny-dancer", 99);
          request.onsuccess = () => { request.result.close(); resolve(); };
        })"""
    )
    one.open(server.url)
    assert one.type(EASY)["model"]
    assert one.text("history-fault").startswith("SchemaError: ")
    assert one.page.locator("#history-work").is_hidden()
    assert one.page.locator("#history-delete").is_disabled()
    versions = one.page.evaluate("indexedDB.databases().then(all => all.map(d => d.version))")
    assert versions == [99]
    assert one.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_small_phone(
    visit: Callable[..., Visit], server: Server, scheme: str
) -> None:
    one = start(visit, server, viewport={"width": 320, "height": 640}, color_scheme=scheme)
    ask(one, EASY, 1)
    one.page.locator("#failing").check(force=True)
    one.wait(MODE, "open")
    one.page.locator("#history-delete").click()
    assert one.page.evaluate("document.documentElement.scrollWidth") == 320
