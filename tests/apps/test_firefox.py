"""README's first example in Debian's Firefox, which nothing drives: the page tells by itself."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from apps.conftest import PRINTED
from apps.site import Site

SECONDS = 300
"""How long a start may take on a busy machine."""
QUIET = (
    "app.update.enabled",
    "browser.aboutwelcome.enabled",
    "browser.shell.checkDefaultBrowser",
    "datareporting.policy.dataSubmissionEnabled",
    "network.captive-portal-service.enabled",
    "network.connectivity-service.enabled",
)
TELL = """<script>
  const tell = (...parts) => fetch("/told", { method: "POST", body: parts.join(" ") });
  console.log = tell;
  addEventListener("error", (event) => tell("error:", event.message));
  addEventListener("unhandledrejection", (event) => tell("error:", event.reason));
</script>"""


def test_the_readme_example_works_in_firefox(make: Callable[[str], Path], tmp_path: Path) -> None:
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    if firefox is None:
        pytest.skip("no Firefox: apt-get install firefox-esr")
    app = make("plain")
    page = app / "index.html"
    page.write_text(page.read_text().replace("<script", f"{TELL}\n<script", 1))
    profile = tmp_path / "profile"
    profile.mkdir()
    (profile / "user.js").write_text("".join(f'user_pref("{name}", false);\n' for name in QUIET))
    with Site(app) as site:
        command = [firefox, "--headless", "--no-remote", "--profile", str(profile), site.url]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            told = site.told.get(timeout=SECONDS)
            while told.replace(".", "").isdigit():  # how much of it has been fetched
                told = site.told.get(timeout=SECONDS)
        finally:
            browser.kill()
            browser.wait()
    assert told == PRINTED.strip()
