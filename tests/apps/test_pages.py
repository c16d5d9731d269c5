"""README's examples as frameworks build them, and on a page that nothing builds, in Chromium."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apps.conftest import PRINTED
from apps.site import Site
from e2e.conftest import Visit

pytestmark = pytest.mark.browser
OUTPUT = {"next": "out", "sveltekit": "build", "plain": "."}


def faults(visit: Visit) -> list[str]:
    """What went wrong; Chromium warns besides that it has no model of its own."""
    return [line for line in visit.errors if not line.startswith("warning")]


@pytest.mark.parametrize("name", list(OUTPUT))
def test_the_readme_examples_work_in_this_app(
    browser: Any, make: Callable[[str], Path], name: str
) -> None:
    app = make(name)
    with Site(app / OUTPUT[name]) as site:
        visit = Visit(browser)
        visit.page.goto(site.url)
        visit.until(lambda: "log: Paris. powerful" in visit.console or bool(faults(visit)))
        assert faults(visit) == []
        assert f"log: {PRINTED.strip()}" in visit.console
        asked = [body["messages"] for body in site.asked]
        assert asked == [[{"role": "user", "content": "What is the capital of France?"}]]
        assert {url for url in visit.requests if not url.startswith(site.url)} <= {"data:,"}
        visit.context.close()
