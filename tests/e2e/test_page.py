"""The built page in a real browser: what it decides, what it asks for, what it withstands."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from corpus.make_corpus import corpus
from e2e.conftest import Server, Visit
from hosts import decisions

from tiny_dancer import Router

pytestmark = pytest.mark.browser
EASY = "What is the capital of France?"
LIGHT, POWERFUL = "Light is enough.", "The powerful model is worth it."
HARD = "Prove that every bounded sequence of real numbers has a convergent subsequence."


def test_an_easy_prompt_goes_light_and_a_hard_one_powerful(opened: Visit) -> None:
    easy, hard = opened.type(EASY), opened.type(HARD)
    assert easy["model"] == LIGHT
    assert hard["model"] == POWERFUL
    for shown in (easy, hard):
        assert re.fullmatch(r"\d{1,2}\.\d %", shown["confidence"])
        assert 0 < float(shown["uncertainty"].removeprefix("< ")) <= 1
        assert re.fullmatch(r"(under )?[\d.,]+ (µs|ms)", shown["time"])
    assert re.fullmatch(r"\d+\.\d % to \d+\.\d % on similar prompts", opened.text("interval"))
    assert re.fullmatch(r"bound [−0-9.]+", opened.text("threshold"))
    assert opened.text("prediction-set") in ("works", "fails", "works, fails", "–")


def test_the_page_shows_what_the_router_answers(opened: Visit) -> None:
    shown, decision = opened.type(HARD), opened.route(HARD)
    assert shown["model"] == (LIGHT if decision["use_lightweight"] else POWERFUL)
    assert shown["tokens"] == str(decision["n_tokens"])
    assert shown["confidence"] == f"{100 * decision['confidence']:.1f} %"
    assert shown["score"].replace("−", "-") == f"{decision['score']:.3f}"


def test_an_example_and_control_enter_decide_at_once_and_enter_starts_a_line(
    opened: Visit,
) -> None:
    seen = "document.getElementById('verdict').dataset.count"
    before = int(opened.page.evaluate(seen))
    opened.page.get_by_role("button", name="A word problem").click()
    opened.wait(seen, str(before + 1))
    assert "Poisson process" in opened.page.locator("#prompt").input_value()
    opened.page.locator("#prompt").press("Control+Enter")
    opened.wait(seen, str(before + 2))
    assert "\n" not in opened.page.locator("#prompt").input_value()
    opened.page.locator("#prompt").press("Control+End")
    opened.page.locator("#prompt").press("Enter")
    assert opened.page.locator("#prompt").input_value().endswith("?\n")


@pytest.mark.usefixtures("current")
@pytest.mark.parametrize(
    "prompt",
    ["", " \n\t ", "\x00\x01", "lone \ud800 and \udfff", "a" * 2**20, "Prove it. " * 110_000],
    ids=["empty", "space", "control", "surrogates", "one long word", "a megabyte"],
)
def test_bad_input_is_a_decision_and_the_one_cpython_makes(opened: Visit, prompt: str) -> None:
    # The protocol between test and browser is UTF-8, which has no lone surrogates: send JSON.
    script = "json => window.tinyDancer.routeWire({ prompt: JSON.parse(json), candidates: [] })"
    wire = opened.page.evaluate(script, json.dumps(prompt))
    assert decisions.line(json.loads(wire)) == decisions.line(Router().route(prompt).to_dict())


@pytest.mark.parametrize(
    ("prompt", "count", "model"),
    [("", "", "Type a prompt."), ("x" * 2**20, "1,048,576 characters", POWERFUL)],
    ids=["nothing", "a megabyte"],
)
def test_the_page_survives_what_is_pasted_into_it(
    opened: Visit, prompt: str, count: str, model: str
) -> None:
    opened.type("something else")
    assert opened.type(prompt)["model"] == model
    reason = opened.page.locator("#reason").get_attribute("data-reason")
    assert reason == Router().route(prompt).reason
    assert opened.text("count") == count
    assert opened.type(EASY)["model"] == LIGHT


@pytest.mark.parametrize("wrong", ["undefined", "7", "{ prompt: 7 }", "{}"])
def test_a_malformed_call_is_a_typed_error(opened: Visit, wrong: str) -> None:
    script = f"window.tinyDancer.route({wrong}).catch(e => [e.name, e.message])"
    name, message = opened.page.evaluate(script)
    assert name == "InvalidInputError"
    assert message.startswith("prompt: a string is needed, got ")


@pytest.mark.usefixtures("current")
def test_the_corpus_is_decided_in_the_bytes_of_cpython(opened: Visit) -> None:
    prompts = [row["prompt"] for row in corpus()]
    script = """async json => {
      const lines = [];
      for (const prompt of JSON.parse(json)) {
        lines.push(await window.tinyDancer.routeWire({ prompt, candidates: [] }));
      }
      return lines;
    }"""
    wires = opened.page.evaluate(script, json.dumps(prompts))
    found = [decisions.line(json.loads(wire)) for wire in wires]
    for row, ours, theirs in zip(corpus(), found, decisions.lines(Router(), prompts), strict=True):
        assert ours == theirs, row["id"]


@pytest.mark.usefixtures("current")
def test_every_file_of_the_run_time_is_the_one_it_was_made_from(dist: Path) -> None:
    root = Path(__file__).parents[2]
    (runtime,) = dist.glob("assets/*/runtime")
    kernel = (root / "py/tiny_dancer/data/kernel.wasm").read_bytes()
    assert (runtime / "kernel.wasm").read_bytes() == kernel
    pyodide = root / "node_modules/pyodide"
    for name in ("pyodide.asm.mjs", "pyodide.asm.wasm"):
        # One import is hidden from bundlers, as runtime.mjs says.
        found = (
            (runtime / name).read_bytes().replace(b'/* @vite-ignore */["w","s"].join("")', b'"ws"')
        )
        assert found == (pyodide / name).read_bytes()
    for name in ("worker.js", "store.js"):
        bundled = (root / "web/router/runtime" / name).read_bytes()
        assert (runtime / name).read_bytes() == bundled
    sources = json.loads((root / "web/router/dist/sources.json").read_text())
    packed = {f"pack/{name}.mjs" for name in ("boot", "bound_array", "glue")}
    assert {*packed, "node_modules/pyodide/pyodide.mjs"} <= set(sources)
    session = root / "web/router/src/worker/tiny_dancer_session"
    assert {f.relative_to(root).as_posix() for f in session.glob("*.py")} <= set(sources)
    for name, digest in sources.items():
        assert hashlib.sha256((root / name).read_bytes()).hexdigest() == digest, name


def test_the_kernel_decides_in_the_tab(opened: Visit) -> None:
    script = "window.tinyDancer.ready.then(info => info.scorer)"
    assert opened.page.evaluate(script) == "kernel"


def test_progress_ends_exactly_at_its_total(opened: Visit, dist: Path) -> None:
    value, total = opened.page.evaluate(
        "(({ value, max }) => [value, max])(document.getElementById('progress'))"
    )
    (runtime,) = dist.glob("assets/*/runtime")
    archives = ("stdlib.zip.bin", "tiny_dancer.zip.bin")
    fetched = ("pyodide.asm.wasm", *archives, "kernel.wasm", "heap.bin")
    assert value == total == sum((runtime / name).stat().st_size for name in fetched)
    assert opened.page.evaluate("window.tinyDancer.runtime.bytes") == total


def test_no_console_error_and_no_request_to_another_origin(opened: Visit, server: Server) -> None:
    assert opened.errors == []
    assert len(opened.requests) > 8, "too few requests were seen: the worker's are missing"
    assert {url for url in opened.requests if not url.startswith(server.url)} == set()


def test_every_response_carries_the_strict_policy(visit: Any, server: Server) -> None:
    one = visit()
    responses: list[Any] = []
    one.context.on("response", lambda response: responses.append(response))
    one.open(server.url)
    assert any(response.url.endswith("/worker.js") for response in responses)
    for response in responses:
        policy = response.headers.get("content-security-policy", "")
        assert "default-src 'none'" in policy, response.url
        assert "script-src 'self' 'wasm-unsafe-eval';" in policy
        assert "'unsafe-eval'" not in policy
        assert "'unsafe-inline'" not in policy


def test_a_policy_without_wasm_fails_with_a_message_that_says_so(visit: Any, dist: Path) -> None:
    import threading

    import serve

    page_server = serve.PageServer(dist, csp=serve.CSP.replace(" 'wasm-unsafe-eval'", ""))
    thread = threading.Thread(target=page_server.serve_forever)
    thread.start()
    try:
        one = visit()
        one.open(page_server.url, state="failed")
        assert one.text("failure-text") == (
            "LoadError: this page's Content-Security-Policy forbids WebAssembly: "
            "script-src needs 'wasm-unsafe-eval'"
        )
    finally:
        page_server.shutdown()
        page_server.server_close()
        thread.join()


@pytest.mark.parametrize(
    "missing",
    [
        "tiny_dancer.zip.bin",
        "stdlib.zip.bin",
        "kernel.wasm",
        "pyodide.asm.wasm",
        "pyodide.asm.mjs",
        "worker.js",
    ],
)
def test_a_missing_file_fails_with_a_message_that_names_it(
    visit: Any, server: Server, missing: str
) -> None:
    one = visit()
    one.page.route(f"**/{missing}", lambda route: route.fulfill(status=404))
    one.open(server.url, state="failed")
    message = one.text("failure-text")
    assert message.startswith("LoadError: ")
    assert missing in message


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_small_phone(visit: Any, server: Server, scheme: str) -> None:
    one = visit(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    page = one.open(server.url)
    one.type(HARD)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
