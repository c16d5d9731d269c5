"""The npm library on a page of its own, served as a stranger would serve it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import LIBRARY, Server, Visit, evaluate, readme_examples

pytestmark = pytest.mark.browser


def test_the_readme_example_prints_what_the_readme_says(visit: Any, site: Server) -> None:
    printed = readme_examples()[0][1].strip()
    one = visit()
    one.page.goto(site.url + "example-0.html")
    one.until(lambda: f"log: {printed}" in one.console)
    lines = [line.removeprefix("log: ") for line in one.console]
    assert lines[-2] == "1", "progress ends at its total"
    shares = [float(line) for line in lines[:-1]]
    assert shares == sorted(shares)


def test_init_and_new_router_share_one_worker(library: Visit) -> None:
    answer = evaluate(
        library,
        """
        const one = new library.Router();
        const two = new library.Router(new library.RouterConfig().set_confidence_threshold(1));
        const open = await one.route({ prompt: "What is the capital of France?" });
        const gated = await two.route("What is the capital of France?");
        one.close();
        const closed = await one.route("again").catch(error => error.name);
        const still = await two.route("again");
        return { workers: performance.getEntriesByType("resource")
                   .filter(entry => entry.name.endsWith("/worker.js")).length,
                 reason: gated.reason, same: open.confidence === gated.confidence,
                 closed, still: still.model };
        """,
    )
    assert answer["workers"] <= 1
    assert answer["same"]
    assert answer["closed"] == "ClosedError"
    assert answer["still"] == "powerful"
    assert answer["reason"] == "gate_confidence"


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"confidenceThreshold": 2}, "confidence_threshold: a number in [0, 1] is needed, got 2"),
        ({"level": 0}, "level: a number in (0, 1) is needed, got 0"),
        ({"maxTokens": 3}, "max_tokens: an int from 4 to 512 is needed, got 3"),
    ],
)
def test_settings_out_of_range_are_refused_as_in_python(
    library: Visit, settings: dict[str, float], fault: str
) -> None:
    body = f"await new library.Router(new library.RouterConfig({json.dumps(settings)})).ready"
    assert evaluate(library, body) == ["InvalidInputError", fault, True]


def test_a_bundle_of_ones_own_decides(library: Visit) -> None:
    body = """
        const model = await (await fetch("random.bundle")).arrayBuffer();
        const router = new library.Router(undefined, { model });
        const { bundleHash } = await router.ready;
        const decision = await router.route("What is the capital of France?");
        const other = await new library.Router().ready;
        return [bundleHash === decision.bundleHash, bundleHash !== other.bundleHash];
    """
    assert evaluate(library, body) == [True, True]


def test_damaged_model_bytes_are_a_bundle_error_that_names_the_fault(library: Visit) -> None:
    body = """
        const model = new Uint8Array(await (await fetch("random.bundle")).arrayBuffer());
        model[model.length - 1] ^= 1;
        await new library.Router(undefined, { model }).ready;
    """
    name, message, ours = evaluate(library, body)
    assert (name, ours) == ("BundleError", True)
    assert len(message) > 10


def test_an_aborted_call_rejects_with_the_reason_of_its_signal(library: Visit) -> None:
    body = """
        const router = new library.Router();
        const before = AbortSignal.abort(new Error("too late"));
        const first = await router.route({ prompt: "a", signal: before }).catch(e => e.message);
        const control = new AbortController();
        const open = router.route({ prompt: "b", signal: control.signal }).catch(e => e.name);
        control.abort();
        return [first, await open, (await router.route("c")).model !== undefined];
    """
    assert evaluate(library, body) == ["too late", "AbortError", True]


def test_init_called_twice_at_once_starts_one_worker(visit: Any, site: Server) -> None:
    one = visit()
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    body = """
        await Promise.all([library.init(), library.init()]);
        await library.init();
        return (await new library.Router().route("Prove Fermat's little theorem.")).model;
    """
    assert evaluate(one, body) == "powerful"
    assert len(one.page.workers) == 1


def test_init_tries_again_after_a_start_that_failed(visit: Any, site: Server) -> None:
    one = visit()
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    body = """
        const first = await library.init({ base: "/nowhere" }).catch(error => error.name);
        await library.init();
        return [first, (await new library.Router().route("Prove Fermat's little theorem.")).model];
    """
    assert evaluate(one, body) == ["LoadError", "powerful"]


@pytest.mark.parametrize(
    ("call", "name", "nearest"),
    [
        ("Router.load({ storag: 'memory' })", "storag", "storage"),
        ("Router.load({ baseURL: '/' })", "baseURL", "base"),
        ("init({ onprogress: () => undefined })", "onprogress", "onProgress"),
    ],
)
def test_an_unknown_option_is_refused_with_the_nearest_right_one(
    library: Visit, call: str, name: str, nearest: str
) -> None:
    kind, message, _ = evaluate(library, f"await library.{call}")
    assert kind == "InvalidInputError"
    assert message.startswith(f"{name}: no such option; is `{nearest}` meant?")


def test_a_start_can_be_aborted_and_a_wrong_base_is_named(library: Visit) -> None:
    body = """
        const control = new AbortController();
        const load = library.Router.load({ signal: control.signal }).catch(e => e.name);
        setTimeout(() => control.abort(), 20);
        const wrong = library.Router.load({ base: "/nowhere" }).catch(e => [e.name, e.message]);
        return [await load, ...await wrong];
    """
    aborted, name, message = evaluate(library, body)
    assert (aborted, name) == ("AbortError", "LoadError")
    assert "/nowhere/worker.js" in message


def test_before_init_a_new_router_is_refused(visit: Any, site: Server) -> None:
    one = visit()
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    name, message, _ = evaluate(one, "new library.Router()")
    assert name == "InvalidInputError"
    assert "init()" in message


def test_the_readme_says_how_large_the_run_time_is(dist: Path) -> None:
    page = (dist / "index.html").read_text()
    readme = (LIBRARY / "README.md").read_text()
    said = re.search(r"([\d.]+) MB, ([\d.]+) MB with brotli", readme)
    built = [re.search(rf'data-{name}="(\d+)"', page) for name in ("bytes", "transfer")]
    assert said and all(built)
    for megabytes, count in zip(said.groups(), built, strict=True):
        assert float(megabytes) == pytest.approx(int(count[1]) / 1e6, abs=0.3)  # type: ignore[index]
