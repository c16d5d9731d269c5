"""Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
START_MS = 180_000
"""How long its start may take on a busy machine."""
ANOTHER_MACHINE = "another-machine.test"
"""A name of this machine that browsers trust no more than that of another one."""
ARGUMENTS = [
    f"--host-resolver-rules=MAP {ANOTHER_MACHINE} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Any]:
    """Playwright's browser; the test is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = {"executable_path": CHROMIUM, "args": ARGUMENTS, "timeout": START_MS}
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()
