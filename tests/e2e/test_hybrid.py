"""Hybrid in real Chromium: its model as it is here, the shipped router, a cloud on loopback."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from corpus.make_corpus import corpus
from e2e.conftest import LIBRARY, Visit, evaluate

pytestmark = pytest.mark.browser

PAGE = b"""<!doctype html><title>A page</title><button id="prepare">prepare</button>
<script type="module">
  import * as library from "/lib/dist/index.js";
  import * as hybrid from "/lib/dist/hybrid/index.js";
  Object.assign(window, { library, hybrid });
</script>"""
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}


class Cloud(ThreadingHTTPServer):
    """Serves the page and the library, and answers chat completions; keeps what it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.status = 200
        self.go_on = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: Cloud

    def do_GET(self) -> None:
        file = LIBRARY / self.path.removeprefix("/lib/") if "/lib/" in self.path else None
        if file is not None and file.is_file():
            self._send(200, TYPES.get(file.suffix, "application/octet-stream"), file.read_bytes())
        else:
            self._send(200, "text/html", PAGE)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.bodies.append(body)
        if self.server.status != 200:
            self._send(self.server.status, "application/json", b'{"error": {"message": "no"}}')
        elif body.get("stream"):
            self._stream()
        else:
            choice = {"message": {"content": "from the cloud"}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 10, "completion_tokens": 20}
            answer = json.dumps({"choices": [choice], "usage": usage}).encode()
            self._send(200, "application/json", answer)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for part in ("first", "second"):
            chunk = {"choices": [{"delta": {"content": part}}]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()
            assert self.server.go_on.wait(300)
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture(scope="module")
def cloud(dist: Path) -> Iterator[Cloud]:
    server = Cloud()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def page(browser: Any, cloud: Cloud) -> Iterator[Visit]:
    """The page with the run time started; its light answerer answers "here"."""
    one = Visit(browser)
    one.page.goto(cloud.url)
    one.wait("typeof window.hybrid", "object")
    evaluate(
        one,
        """
        await library.init();
        window.router = new library.Router();
        window.here = {
            name: "here", availability: () => "available", prepare: async () => {},
            answer: async () => ({ text: "here" }), stream: async function* () { yield "here"; },
        };
        window.powerful = hybrid.openAI({ baseURL: "/v1", model: "large" });
        const parties = { light: here, powerful, router };
        window.load = (options) => hybrid.Hybrid.load({ ...parties, ...options });
        """,
    )
    yield one
    one.context.close()


@pytest.fixture(autouse=True)
def quiet(cloud: Cloud) -> None:
    cloud.bodies.clear()
    cloud.status = 200
    cloud.go_on.clear()


def test_the_browsers_own_model_is_asked_as_it_is_here(page: Visit, cloud: Cloud) -> None:
    """Debian's Chromium has the interface, says it has no model, and refuses to make a session."""
    assert evaluate(page, "return [typeof LanguageModel, await LanguageModel.availability()]") == [
        "function",
        "unavailable",
    ]
    used = (
        "availability create".split(),
        "prompt promptStreaming measureContextUsage clone destroy".split(),
    )
    have = """([ofClass, ofSession]) => [
        ofClass.every(name => name in LanguageModel),
        ofSession.every(name => name in LanguageModel.prototype),
    ]"""
    assert page.page.evaluate(have, list(used)) == [True, True]
    body = """
        const light = hybrid.builtIn();
        const ai = await load({ light });
        const { servedBy, fallback } = await ai.ask("What is the capital of France?");
        const describe = error =>
            [error.name, error.message, error instanceof library.TinyDancerError];
        window.clicked = new Promise(resolve => {
            const button = document.getElementById("prepare");
            button.onclick = () => resolve(ai.prepare().catch(describe));
        });
        return [servedBy, fallback];
    """
    assert evaluate(page, body) == ["powerful", "unavailable"]
    assert len(cloud.bodies) == 1
    page.page.locator("#prepare").click()
    name, message, ours = evaluate(page, "return clicked")
    assert (name, ours) == ("NotAvailableError", True)
    assert message.startswith("builtIn: NotSupportedError: ")


def test_in_a_worker_the_browsers_model_is_refused_by_name(page: Visit) -> None:
    body = """
        const source = `import("${location.origin}/lib/dist/hybrid/index.js")
            .then(({ builtIn }) => builtIn())
            .catch(({ name, message }) => postMessage([name, message]))`;
        const worker = new Worker(URL.createObjectURL(new Blob([source])));
        return new Promise(resolve => worker.onmessage = ({ data }) => resolve(data));
    """
    name, message = evaluate(page, body)
    assert name == "NotAvailableError"
    assert "on a page, not in a worker" in message


def test_on_the_corpus_the_decision_is_the_routers_and_it_is_kept_to(
    page: Visit, cloud: Cloud
) -> None:
    body = """
        const ai = await load({});
        const plain = ({ decisionId, inferenceTimeUs, ...rest }) => JSON.stringify(rest);
        const wrong = [];
        let powerful = 0;
        for (const prompt of argument) {
            const answer = await ai.ask(prompt);
            const decision = await router.route(prompt);
            const same = plain(answer.decision) === plain(decision);
            const side = decision.useLightweight ? "light" : "powerful";
            if (!same || answer.servedBy !== side || answer.calibrated) wrong.push(prompt);
            if (side === "powerful") powerful++;
        }
        return [wrong, powerful];
    """
    prompts = [row["prompt"] for row in corpus()]
    wrong, powerful = evaluate(page, body, prompts)
    assert wrong == []
    assert 0 < powerful < len(prompts)
    assert len(cloud.bodies) == powerful


def test_of_1000_texts_under_stays_here_none_reaches_the_cloud(page: Visit, cloud: Cloud) -> None:
    body = """
        const flags = ["", "g", "y", "gy", "i", "m", "s", "u", "v", "d", "dgimsuy"];
        const modes = ["by-difficulty", "prefer-on-device", "only-on-device",
                       "prefer-in-cloud", "only-in-cloud"];
        const all = [];
        for (const flag of flags) for (const mode of modes) {
            all.push(await load({ mode, staysHere: [new RegExp("[A-Z]{2}\\\\d{20}", flag)] }));
        }
        const sides = new Set();
        for (let n = 0; n < 1000; n++) {
            const account = "DE" + String(10n ** 19n + BigInt(n) * 7919n);
            const before = "Prove Fermat's little theorem. ".repeat(n % 5);
            const whole = before + account + " is mine".repeat(n % 7);
            const parts = [...whole.match(/.{1,9}/gs)].map(text => ({ type: "text", text }));
            const content = n % 2 ? whole : parts;
            const request = { messages: [{ role: "user", content }] };
            const ai = all[n % all.length];
            const answer = n % 3 ? await ai.ask(request) : await ai.stream(request).result;
            sides.add(answer.servedBy + answer.staysHere);
        }
        return [...sides];
    """
    assert evaluate(page, body) == ["lighttrue"]
    assert cloud.bodies == []
    assert evaluate(
        page, "return (await (await load({ mode: 'only-in-cloud' })).ask('Hello')).servedBy"
    )
    assert len(cloud.bodies) == 1, "the same page does reach it"


def test_offline_the_light_answerer_answers_and_says_so(page: Visit, cloud: Cloud) -> None:
    ask = (
        "const a = await (await load({})).ask(argument); return [a.servedBy, a.offline, a.fallback]"
    )
    hard = "Prove that every bounded sequence of real numbers has a convergent subsequence."
    page.context.set_offline(True)
    try:
        assert evaluate(page, ask, hard) == ["light", True, "offline"]
        assert cloud.bodies == []
    finally:
        page.context.set_offline(False)
    assert evaluate(page, ask, hard) == ["powerful", False, None]


def test_a_stream_begins_before_the_upstream_has_ended(page: Visit, cloud: Cloud) -> None:
    start = """
        window.parts = (await load({ mode: "only-in-cloud" })).stream("Hello");
        return (await parts.next()).value;
    """
    assert evaluate(page, start) == "first"
    cloud.go_on.set()
    rest = """
        const seen = [];
        for await (const part of parts) seen.push(part);
        return [seen, (await parts.result).text];
    """
    assert evaluate(page, rest) == [["second"], "firstsecond"]


def test_a_cloud_that_fails_opens_its_breaker_and_is_left_alone(page: Visit, cloud: Cloud) -> None:
    """The shipped router's own breaker: after five failures the decision names it."""
    cloud.status = 503
    body = """
        const own = new library.Router();
        const ai = await load({ router: own });
        const said = [];
        for (let n = 0; n < 6; n++) {
            const { servedBy, fallback, decision } = await ai.ask(argument);
            said.push([servedBy, fallback, decision.reason]);
        }
        return said;
    """
    hard = "Prove that every bounded sequence of real numbers has a convergent subsequence."
    said = evaluate(page, body, hard)
    assert said[:5] == [["light", "failed", "above_threshold"]] * 5
    assert said[5] == ["light", None, "breaker_powerful_open"]
    assert len(cloud.bodies) == 5


def test_load_starts_a_router_of_its_own_and_close_ends_it(page: Visit) -> None:
    body = """
        const ai = await hybrid.Hybrid.load({ light: here, powerful });
        const { servedBy } = await ai.ask("What is the capital of France?");
        await ai.close();
        const after = await ai.router.route("again").catch(error => error.name);
        const wrong = { light: here, powerful, staysher: [] };
        const typo = await hybrid.Hybrid.load(wrong).catch(error => error.name);
        return [servedBy, after, typo];
    """
    assert evaluate(page, body) == ["light", "ClosedError", "InvalidInputError"]
