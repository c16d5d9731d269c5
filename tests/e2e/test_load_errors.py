"""A start that fails names the file, the reason and what would be right; in a real Chromium."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e.conftest import ROOT, Server, Visit, evaluate

pytestmark = pytest.mark.browser
START = "await library.Router.load({ snapshot: false });"
ROUTE = "return (await router.route('Prove that there is no largest prime.')).model;"

Answer = Callable[[Any], None]


def answer(**changes: Any) -> Answer:
    """The server's response with other headers, another status or body."""
    headers = changes.pop("headers", {})

    def respond(route: Any) -> None:
        response = route.fetch()
        kept = {k: v for k, v in response.headers.items() if k != "content-encoding"}
        route.fulfill(response=response, headers={**kept, **headers}, **changes)

    return respond


def send(directives: str) -> Answer:
    """The server's response with this Content-Security-Policy."""
    return answer(headers={"content-security-policy": directives})


HTML = {"content-type": "text/html"}
FAULTS: dict[str, tuple[str, Answer, str]] = {
    "missing": (
        "pyodide.asm.wasm",
        answer(status=404),
        r"/runtime/pyodide.asm.wasm: the server responded with status 404; `base` has to be",
    ),
    "no-server": (
        "stdlib.zip.bin",
        lambda route: route.abort(),
        r"/runtime/stdlib.zip.bin: cannot be reached: the network or the server is down$",
    ),
    "type-of-worker": (
        "worker.js",
        answer(headers={"content-type": "text/plain"}),
        r"/runtime/worker.js: served as text/plain, text/javascript is needed \(Content-Type\)$",
    ),
    "type-of-wasm": (
        "pyodide.asm.wasm",
        answer(headers={"content-type": "application/octet-stream"}),
        r"pyodide.asm.wasm: served as application/octet-stream, application/wasm is needed",
    ),
    "type-of-module": (
        "pyodide.asm.mjs",
        answer(headers={"content-type": "application/octet-stream"}),
        r"pyodide.asm.mjs: served as application/octet-stream, text/javascript is needed",
    ),
    "page-in-its-place": (
        "worker.js",
        answer(headers=HTML, body="<!doctype html><p>Home"),
        r"worker.js: served as text/html.*the server answers with a page, so `base` has to be",
    ),
    "policy-on-workers": (
        "index.html",
        send("script-src 'self'; worker-src 'none'"),
        r"worker.js: the page's Content-Security-Policy forbids it: worker-src needs 'self'$",
    ),
    "policy-on-wasm": (
        "worker.js",
        send("script-src 'self'; connect-src 'self'"),
        r"Content-Security-Policy forbids WebAssembly: script-src needs 'wasm-unsafe-eval'$",
    ),
    "policy-on-fetch": (
        "worker.js",
        send("script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'"),
        r"/runtime/.*: the page's Content-Security-Policy forbids it: connect-src needs 'self'$",
    ),
    "trusted-types": (
        "index.html",
        send("require-trusted-types-for 'script'; trusted-types another"),
        r"worker.js: .* Trusted Types .*: trusted-types needs tiny-dancer$",
    ),
}


def opened(visit: Any, url: str) -> Visit:
    one: Visit = visit()
    one.page.goto(url)
    one.wait("typeof window.library", "object")
    return one


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_load_error_names_the_file_the_reason_and_the_fix(
    visit: Any, site: Server, fault: str
) -> None:
    file, respond, message = FAULTS[fault]
    one: Visit = visit()
    one.context.route(f"**/{file}", respond)
    one.page.goto(site.url + "index.html")
    one.wait("typeof window.library", "object")
    name, said, ours = evaluate(one, START)
    assert (name, ours) == ("LoadError", True), said
    assert re.search(message, said), said


def test_a_page_with_trusted_types_starts_with_the_policy_that_readme_names(
    visit: Any, site: Server
) -> None:
    one: Visit = visit()
    policy = send("require-trusted-types-for 'script'; trusted-types tiny-dancer")
    one.context.route("**/index.html", policy)
    one.page.goto(site.url + "index.html")
    one.wait("typeof window.library", "object")
    assert evaluate(one, f"const router = {START} {ROUTE}") == "powerful"
    assert one.errors == []


@pytest.mark.parametrize("what", ["damaged", "missing"])
def test_python_starts_plainly_where_there_is_doubt_about_its_image(
    visit: Any, site: Server, what: str
) -> None:
    one: Visit = visit()
    bad = answer(body=b"TDH1" * 1000) if what == "damaged" else answer(status=404)
    one.context.route("**/heap.bin", bad)
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    body = f"""
        const seen = [];
        const onProgress = p => seen.push(p.loaded / p.total);
        const router = await library.Router.load({{ onProgress }});
        const model = await (async () => {{ {ROUTE} }})();
        return [router.runtime.snapshot, model, seen.at(-1)];
    """
    assert evaluate(one, body) == [False, "powerful", 1]
    said = "no start from the memory image, but a plain one"
    one.until(lambda: any(said in line for line in one.console))


@pytest.fixture
def elsewhere(site: Server) -> Iterator[Server]:
    """The same files at another origin."""
    other = Server(site.folder)
    yield other
    other.stop()


SHARED = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
PLAIN = {"content-security-policy": "", "cross-origin-embedder-policy": "unsafe-none"}


def away(visit: Any, site: Server, elsewhere: Server, shared: dict[str, str]) -> Visit:
    """A page here that may load everything from elsewhere."""
    one: Visit = visit()
    one.context.route(f"{elsewhere.url}**", answer(headers={**PLAIN, **shared}))
    script = (
        f'import * as library from "{elsewhere.url}lib/dist/index.js"; window.library = library;'
    )
    page = f'<!doctype html><script type="module">{script}</script>'
    one.context.route(
        f"{site.url}cdn.html", lambda r: r.fulfill(body=page, content_type="text/html")
    )
    one.page.goto(f"{site.url}cdn.html")
    one.wait("typeof window.library", "object")
    return one


def test_the_library_starts_from_another_origin(
    visit: Any, site: Server, elsewhere: Server
) -> None:
    one = away(visit, site, elsewhere, SHARED)
    body = f"""
        const router = await library.Router.load();
        return [router.runtime.snapshot, await (async () => {{ {ROUTE} }})()];
    """
    assert evaluate(one, body) == [True, "powerful"]


@pytest.mark.parametrize("file", ["worker.js", "pyodide.asm.mjs", "tiny_dancer.zip.bin"])
def test_a_file_of_another_origin_that_was_changed_is_refused(
    visit: Any, site: Server, elsewhere: Server, file: str
) -> None:
    one = away(visit, site, elsewhere, SHARED)
    changed = (ROOT / "web/router/runtime" / file).read_bytes() + b" "
    one.context.route(
        f"{elsewhere.url}**/{file}", answer(headers={**PLAIN, **SHARED}, body=changed)
    )
    name, said, _ = evaluate(one, START)
    assert name == "LoadError"
    assert re.search(rf"{elsewhere.url}lib/runtime/{file}: its SHA-256 is not", said), said


def test_another_origin_that_does_not_share_is_named(
    visit: Any, site: Server, elsewhere: Server
) -> None:
    one = opened(visit, site.url + "index.html")
    one.context.route(f"{site.url}index.html", send("script-src 'self'"))
    one.page.goto(site.url + "index.html")
    one.wait("typeof window.library", "object")
    start = f"await library.Router.load({{ base: '{elsewhere.url}lib/runtime/' }});"
    name, said, _ = evaluate(one, start)
    assert name == "LoadError"
    assert "or its server does not send Access-Control-Allow-Origin for http://localhost" in said


def test_addresses_without_an_origin_as_turbopack_writes_them_start(
    visit: Any, site: Server
) -> None:
    one: Visit = visit()
    client = (ROOT / "web/router/dist/index.js").read_text()
    address = re.compile(r'new URL\("\.\./runtime/([^"]+)", import\.meta\.url\)')
    rewritten, found = address.subn(r'"/lib/runtime/\1"', client)
    assert found == 8
    one.context.route("**/dist/index.js", answer(body=rewritten))
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    assert evaluate(one, f"const router = {START} {ROUTE}") == "powerful"
