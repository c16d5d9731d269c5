"""Live answers: a document of its own, whose policy allows the one server that was named."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from e2e.conftest import Server, Visit

pytestmark = pytest.mark.browser
KEY = "secret-of-the-visitor"


class Upstream(ThreadingHTTPServer):
    """Streams an answer in OpenAI's format; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, dict[str, Any]]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Upstream

    def do_OPTIONS(self) -> None:
        self.send_response(204)
        self._allow()
        self.end_headers()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.headers["authorization"], body))
        self.send_response(200)
        self._allow()
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for text, ending in (("Par", None), ("is.", "stop")):
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": ending}
            chunk = {"id": "c", "object": "chat.completion.chunk", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        usage = {"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10}
        chunk = {"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": usage}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())

    def _allow(self) -> None:
        self.send_header("access-control-allow-origin", "*")
        self.send_header("access-control-allow-headers", "*")
        self.send_header("cross-origin-resource-policy", "cross-origin")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_model_that_is_enough_answers_and_the_key_is_kept_nowhere(
    visit: Any, server: Server, upstream: Upstream
) -> None:
    one: Visit = visit(locale="en-US")
    page = one.open(server.url)
    page.locator("#live-origin").fill("http://elsewhere.example")
    page.get_by_role("button", name="Open the page for live answers").click()
    one.wait("document.getElementById('live-origin-fault').hidden", False)
    page.locator("#live-origin").fill(upstream.origin)
    page.get_by_role("button", name="Open the page for live answers").click()
    page.wait_for_url("**/live.html*")
    one.wait("document.getElementById('live-ask').disabled", False)
    assert upstream.origin in one.text("allowed")
    page.locator("#live-light").fill("small")
    page.locator("#live-powerful").fill("large")
    page.locator("#live-key").fill(KEY)
    for prompt, model, said in (
        ("What is the capital of France?", "small", "Light was enough: small answered"),
        (
            "Prove that every bounded sequence of real numbers has a convergent subsequence.",
            "large",
            "The powerful model was worth it: large answered",
        ),
    ):
        page.locator("#live-prompt").fill(prompt)
        page.locator("#live-prompt").press("Control+Enter")
        one.wait(f"document.getElementById('live-served').textContent.startsWith({said!r})")
        assert one.text("live-text") == "Paris."
        key, body = upstream.asked[-1]
        assert (key, body["model"]) == (f"Bearer {KEY}", model)
        assert body["messages"][-1]["content"] == prompt
    kept = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert KEY not in kept and KEY not in page.url
    refused = page.evaluate("fetch('https://example.com/').catch(error => error.name)")
    assert refused == "TypeError"
    page.reload()
    assert page.locator("#live-key").input_value() == ""


@pytest.mark.parametrize(
    "allowed",
    [
        "",
        "https://a.example;script-src *",
        "https://a.example https://b.example",
        "http://a.example",
    ],
)
def test_nothing_else_gets_into_the_policy(visit: Any, server: Server, allowed: str) -> None:
    from urllib.parse import quote

    response = visit().context.request.get(f"{server.url}live.html?allow={quote(allowed)}")
    assert "connect-src 'self';" in response.headers["content-security-policy"]
    assert "script-src *" not in response.headers["content-security-policy"]
