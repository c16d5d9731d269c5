"""What a start costs in a tab: `./build.sh bench --starts`.

Chromium with a new profile each time, brotli over loopback: stock Pyodide with the package's wheel,
the library plainly, and from its memory image, in turn. Cold is a first visit; warm a visit after
the browser has stored files and compiled code; offline the same with no server, by a service
worker. Writes docs/results/tab-starts.json and .svg and docs/starts.md.
"""

import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

from machine import machine
from starts_picture import PICTURE, write_page
from starts_site import ROOT, write_site

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "web/demo")]
from chromium import ARGUMENTS, CHROMIUM  # noqa: E402
from hosts.conftest import find_node  # noqa: E402
from serve import PageServer  # type: ignore[import-not-found]  # noqa: E402

RESULTS = ROOT / "docs/results/tab-starts.json"
MODES = ("stock", "plain", "image")
ROUNDS = 1
WARM = 1
USES = 1_000
SETTLE_S = 4
"""The browser stores compiled code a while after it has run often: decisions, then seconds."""
READY = "typeof measure === 'function'"


@contextmanager
def served(folder: Path) -> Iterator[Any]:
    """The site on a free port."""
    server = PageServer(folder)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def measure(page: Any, url: str, mode: str) -> dict[str, float]:
    """Milliseconds of one visit."""
    page.goto(url)
    while not page.evaluate(READY):
        time.sleep(0.02)
    found: dict[str, Any] = page.evaluate(f"measure('{mode}')")
    assert found.pop("model") == "powerful", found
    return {name: round(value, 1) for name, value in found.items()}


def use(page: Any) -> None:
    """Decide often, as a visit does that is not over at once."""
    page.evaluate(f"use({USES})")
    time.sleep(SETTLE_S)


def traced(context: Any, page: Any, url: str, mode: str) -> dict[str, int]:
    """How often a trace of one visit shows each event of the cache of compiled wasm."""
    session = context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    done: list[Any] = []
    session.on("Tracing.dataCollected", lambda found: events.extend(found["value"]))
    session.on("Tracing.tracingComplete", lambda end: done.append(end))
    categories = "devtools.timeline,v8,v8.wasm,disabled-by-default-devtools.timeline"
    session.send("Tracing.start", {"categories": categories, "transferMode": "ReportEvents"})
    measure(page, url, mode)
    session.send("Tracing.end")
    while not done:
        page.wait_for_timeout(50)
    counts: dict[str, int] = defaultdict(int)
    for event in events:
        if event["name"].startswith("v8.wasm") and "ache" in event["name"]:
            counts[event["name"]] += 1
    return dict(counts)


def visit_all(playwright: Any, site: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Visits by mode and kind, and what the trace of a warm one shows."""
    visits: dict[str, Any] = {mode: defaultdict(list) for mode in MODES}
    cache: dict[str, Any] = {}
    for _ in range(ROUNDS):
        for mode in MODES:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
                context = playwright.chromium.launch_persistent_context(
                    profile, executable_path=CHROMIUM, args=ARGUMENTS
                )
                page = context.pages[0]
                with served(site) as server:
                    visits[mode]["cold"].append(measure(page, server.url, mode))
                    use(page)
                    measure(page, server.url, mode)
                    use(page)
                    for _ in range(WARM):
                        visits[mode]["warm"].append(measure(page, server.url, mode))
                    cache[mode] = traced(context, page, server.url, mode)
                    if mode == "image":
                        page.evaluate("save()")
                        measure(page, server.url, mode)
                        use(page)
                        measure(page, server.url, mode)
                        use(page)
                if mode == "image":
                    for _ in range(WARM):
                        visits[mode]["offline"].append(measure(page, server.url, mode))
                context.close()
    return visits, cache


def main() -> None:
    """Measure, write the results, the picture and the page."""
    from playwright.sync_api import sync_playwright

    node = find_node()
    assert node and CHROMIUM, "Node and Chromium are needed"
    facts = machine()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        write_site(Path(folder), node)
        visits, cache = visit_all(playwright, Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        version = browser.version
        browser.close()
    medians = {
        mode: {
            kind: {name: round(median(one[name] for one in found), 1) for name in found[0]}
            for kind, found in kinds.items()
        }
        for mode, kinds in visits.items()
    }
    decided = {m: {k: v["decided"] for k, v in kinds.items()} for m, kinds in medians.items()}
    image, stock = decided["image"], decided["stock"]
    results = {
        "machine": {**facts, "load_after": round(os.getloadavg()[0], 2)},
        "chromium": version,
        "rounds": ROUNDS,
        "decisions_before_a_warm_visit": 2 * USES,
        "visits_a_round": {"cold": 1, "warm": WARM, "offline": WARM},
        "medians_ms": medians,
        "all_decided_ms": {
            m: {k: [one["decided"] for one in found] for k, found in kinds.items()}
            for m, kinds in visits.items()
        },
        "of_stock": {
            "warm": round(image["warm"] / stock["warm"], 3),
            "cold": round(image["cold"] / stock["cold"], 3),
            "offline_of_warm": round(image["offline"] / image["warm"], 3),
        },
        "aims": {"warm": 0.25, "cold": 0.5, "offline_of_warm": 1.0},
        "trace_of_a_warm_visit": cache,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write_page(results)
    print(f"{RESULTS.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)} are written")


if __name__ == "__main__":
    main()
