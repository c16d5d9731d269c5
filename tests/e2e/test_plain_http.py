"""The page over plain http from another machine, which is no secure context."""

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import ANOTHER_MACHINE
from e2e.conftest import Server, Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def insecure(browser: Any, server: Server) -> Iterator[Visit]:
    """The page as from another machine."""
    one = Visit(browser)
    one.open(f"http://{ANOTHER_MACHINE}:{server.port}/")
    yield one
    one.context.close()


def test_the_context_is_really_not_secure(insecure: Visit) -> None:
    seen = insecure.page.evaluate("[isSecureContext, typeof navigator.storage, typeof caches]")
    assert seen == [False, "undefined", "undefined"]


def test_it_decides_over_plain_http(insecure: Visit) -> None:
    assert insecure.type("What is the capital of France?")["model"] == "Light is enough."
    hard = "Prove that every bounded sequence of real numbers has a convergent subsequence."
    assert insecure.type(hard)["model"] == "The powerful model is worth it."


def test_it_says_what_it_cannot_keep_over_plain_http(insecure: Visit) -> None:
    insecure.type("Name three rivers.")
    insecure.wait("Number(document.getElementById('total-routes').textContent) > 0")
    assert insecure.text("storage-text") == (
        "This page came over plain http: the history is stored, but the browser may delete it, "
        "does not say how much space is left, and cannot save the page for offline use."
    )
    insecure.wait("document.getElementById('offline-text').textContent", "needs the network")
    assert not insecure.page.locator("#storage-persist").is_visible()


def test_the_history_survives_a_reload_over_plain_http(insecure: Visit) -> None:
    total = "Number(document.getElementById('total-routes').textContent)"
    insecure.type("Name three lakes.")
    insecure.wait(f"{total} > 0")
    before = insecure.page.evaluate(total)
    insecure.page.reload()
    insecure.wait("document.getElementById('answer').dataset.state", "ready")
    insecure.wait(f"{total} >= {before}")


def test_storage_calls_of_the_library_do_not_fail_over_plain_http(visit: Any, site: Server) -> None:
    one = visit()
    one.page.goto(f"http://{ANOTHER_MACHINE}:{site.port}/")
    one.wait("typeof window.library", "object")
    script = "Promise.all([library.persist(), library.estimate()])"
    assert one.page.evaluate(script) == [False, None]
