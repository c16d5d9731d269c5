"""The npm library's history and breakers, in tabs of a real browser."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e.conftest import Server, Visit, evaluate, readme_examples

pytestmark = pytest.mark.browser

LOAD = """
    const config = new library.RouterConfig({
      breaker: { openS: 0.05, jitter: 0, consecutiveFailures: 3 },
      history: { prices: { light: { tokensIn: 1, tokensOut: 1 },
                           powerful: { tokensIn: 10, tokensOut: 10 } } } });
    window.router = await library.Router.load({ storage: "indexeddb", config });
"""
PATIENT = """
    const patient = await library.Router.load({ storage: "memory", config: new library.RouterConfig(
      { breaker: { openS: 3600, maxOpenS: 3600, jitter: 0, consecutiveFailures: 3 } }) });
"""
"""A router whose breaker stays open however slow the machine is."""
HALF_OPEN = """
    while ((await router.metrics()).breakers[0].mode !== "half_open") {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
"""


@pytest.fixture
def tab(browser: Any, site: Server) -> Iterator[Callable[[], Visit]]:
    """Tabs of one profile, each with a router that keeps its history in IndexedDB."""
    first = Visit(browser)

    def open_tab() -> Visit:
        one = first if first.page.url == "about:blank" else first.another()
        one.page.goto(site.url)
        one.wait("typeof window.library", "object")
        assert evaluate(one, LOAD) is None
        return one

    yield open_tab
    first.context.close()


def test_decisions_and_outcomes_survive_a_reload(tab: Callable[[], Visit], site: Server) -> None:
    one = tab()
    body = """
        const decision = await router.route("What is the capital of France?");
        await router.score({ prompt: "not kept" });
        await router.recordOutcome(decision.decisionId,
          { model: "light", tokensIn: 500_000, tokensOut: 500_000, lightScore: 1 });
        await router.flush();
        return [decision, await router.history(), await router.stats()];
    """
    decision, (kept,), stats = evaluate(one, body)
    for name in ("decisionId", "model", "useLightweight", "reason", "confidence", "bundleHash"):
        assert kept[name] == decision[name]
    assert len(kept["promptHash"]) == 32
    assert (stats["totalRoutes"], stats["outcomes"], stats["moneySaved"]) == (1, 1, 9.0)
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    evaluate(one, LOAD)
    (again,), stats_again = evaluate(one, "return [await router.history(), await router.stats()]")
    assert (again, stats_again) == (kept, stats)
    assert one.errors == []


def test_the_readme_example_prints_what_the_readme_says(visit: Any, site: Server) -> None:
    ((number, printed),) = [
        (n, said) for n, (code, said) in enumerate(readme_examples()) if "indexeddb" in code
    ]
    one = visit()
    one.page.goto(site.url + f"example-{number}.html")
    one.until(lambda: len(one.console) == 2)
    lines = [line.removeprefix("log: ") for line in one.console]
    assert lines == printed.strip().splitlines()


def test_a_breaker_opens_refuses_probes_and_closes(tab: Callable[[], Visit]) -> None:
    body = (
        PATIENT
        + """
        const fail = (one) => one.report("light", { ok: false, status: 503 });
        const seen = [await patient.circuitBreakerStatus()];
        for (let n = 0; n < 3; n++) await fail(patient);
        seen.push(await patient.circuitBreakerStatus(), await patient.lease("light"));
        const wait = await patient.retryAfterS("light");
        seen.push(wait > 0 && wait <= 3600);
        const { model, reason } = await patient.route("What is the capital of France?");
        seen.push(model, reason);
        for (let n = 0; n < 3; n++) await fail(router);
        """
        + HALF_OPEN
        + """
        for (let n = 0; n < 2; n++) {
          const lease = await router.lease("light");
          const probe = { prompt: "What is the capital of France?", lease };
          seen.push((await router.route(probe)).model);
          await router.report("light", { ok: true, latencyMs: 12.5, lease });
        }
        seen.push(await router.circuitBreakerStatus("light"));
        const { transitions } = await router.metrics();
        return [seen, transitions.map(({ mode }) => mode)];
        """
    )
    seen, modes = evaluate(tab(), body)
    assert seen[:4] == [True, False, None, True]
    assert seen[4:] == ["powerful", "breaker_light_open", "light", "light", True]
    assert {"open", "closed"} <= set(modes)


def test_an_open_breaker_reaches_the_other_tab(tab: Callable[[], Visit]) -> None:
    one, two = tab(), tab()
    evaluate(
        one,
        'for (let n = 0; n < 3; n++) await router.report("powerful", { ok: false });'
        "await router.flush();",
    )
    two.wait(
        """(async () => { await router.flush(); await router.stats();
        return (await router.metrics()).breakers.some(({ model }) => model === "powerful"); })()"""
    )


def test_two_tabs_write_at_once_and_lose_nothing(tab: Callable[[], Visit]) -> None:
    tabs = [tab(), tab()]
    write = """name => { window.written = (async () => {
        for (let n = 0; n < 200; n++) {
          const { decisionId } = await router.route(`${name} ${n}`);
          await router.recordOutcome(decisionId, { cost: 1 });
        }
        await router.flush();
      })(); }"""
    for one, name in zip(tabs, "ab", strict=True):
        one.page.evaluate(write, name)
    for one in tabs:
        one.page.evaluate("window.written")
    script = "return [await router.stats(), (await router.history(1000)).map(d => d.decisionId)]"
    for one in tabs:
        stats, ids = evaluate(one, script)
        assert (stats["totalRoutes"], stats["outcomes"], stats["cost"]) == (400, 400, 400)
        assert len(ids) == len(set(ids)) == 400


def test_a_tab_that_is_closed_leaves_what_it_had_flushed(tab: Callable[[], Visit]) -> None:
    one, two = tab(), tab()
    ids = evaluate(
        two,
        """const ids = [];
        for (let n = 0; n < 50; n++) ids.push((await router.route(`kept ${n}`)).decisionId);
        await router.flush();
        for (let n = 0; n < 500; n++) void router.route(`cut short ${n}`);
        return ids;""",
    )
    two.page.close()
    found = evaluate(one, "return (await router.history(1000)).map(d => d.decisionId)")
    assert set(ids) <= set(found)


def test_exported_deleted_and_imported_again(tab: Callable[[], Visit]) -> None:
    before, gone, new, again, after = evaluate(
        tab(),
        """
        for (let n = 0; n < 300; n++) {
          const { decisionId, model } = await router.route(`prompt ${n}`);
          const said = { model, tokensIn: 500_000, tokensOut: 250_000 * n, lightScore: n % 2 };
          await router.recordOutcome(decisionId, said);
        }
        const read = async () => [await router.stats(), await router.history(1000)];
        const before = await read();
        const file = await router.exportHistory();
        await router.deleteAll();
        const gone = await read();
        const added = await router.importHistory(file);
        const again = await router.importHistory(await file.text());
        return [before, gone, added, again, await read()];
        """,
    )
    assert gone[0]["totalRoutes"] == 0 and gone[1] == []
    assert (new["decision"], new["outcome"]) == (300, 300)
    assert set(again.values()) == {0}
    # Sums of times in another order may differ in their last digit.
    assert after[0].pop("averageLatencyUs") == pytest.approx(before[0].pop("averageLatencyUs"))
    assert after == before


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ('"{}"', "line 1: format"),
        ("new Blob([new Uint8Array([255, 254])])", "not UTF-8"),
        ('""', "it is empty"),
        ('"x".repeat(5_000_000)', "line 1: longer than"),
    ],
)
def test_a_file_that_is_no_export_is_named(library: Visit, file: str, fault: str) -> None:
    body = f"""
        const router = new library.Router(undefined, {{ storage: "memory" }});
        await router.importHistory({file});"""
    name, message, ours = evaluate(library, body)
    assert (name, ours) == ("InvalidInputError", True)
    assert fault in message


def test_a_router_without_storage_counts_and_says_so(library: Visit) -> None:
    body = """
        const router = new library.Router();
        await router.route("a");
        const { total } = await router.metrics();
        return [total, (await router.ready).stored,
          await router.stats().catch(error => [error.name, error.message])];"""
    total, stored, (name, message) = evaluate(library, body)
    assert (total, stored, name) == (1, False, "InvalidInputError")
    assert "stores no history" in message


def test_a_database_of_a_newer_version_is_refused_and_the_router_decides(
    visit: Any, site: Server
) -> None:
    one = visit()
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    found = evaluate(
        one,
        """
        await new Promise(resolve => {
          const request = indexedDB.open("tiny-dancer", 99);
          request.onupgradeneeded = () => request.result.createObjectStore("theirs");
          request.onsuccess = () => { request.result.close(); resolve(); };
        });
        const router = await library.Router.load({ storage: "indexeddb" });
        const { stored, storageFault } = await router.ready;
        const { model } = await router.route("What is the capital of France?");
        const stats = await router.stats().catch(error =>
          [error.name, error instanceof library.StoreError, error instanceof library.SchemaError]);
        const names = (await indexedDB.databases()).map(({ name, version }) => [name, version]);
        return { stored, storageFault, model, stats, names };
        """,
    )
    assert found["stored"] is False and found["storageFault"]["name"] == "SchemaError"
    assert "newer version" in found["storageFault"]["message"]
    assert found["stats"] == ["SchemaError", True, True]
    assert found["model"] in ("light", "powerful")
    assert found["names"] == [["tiny-dancer", 99]]


def test_a_full_quota_is_said_and_the_router_decides(visit: Any, site: Server) -> None:
    one = visit()
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    session = one.context.new_cdp_session(one.page)
    # Before the first use: Chromium remembers for a while how much space it found.
    quota = {"origin": site.url.rstrip("/"), "quotaSize": 2_000_000}
    session.send("Storage.overrideQuotaForOrigin", quota)
    evaluate(one, LOAD)
    name, decided, failing, kept = evaluate(
        one,
        """
        let refused = null;
        for (let n = 0; n < 20_000 && refused === null; n++) {
          await router.route(`more ${n}`);
          if (n % 500 === 499) await router.flush().catch(error => { refused = error.name; });
        }
        const { model } = await router.route("What is the capital of France?");
        const { storeFailing } = await router.metrics();
        return [refused, model, storeFailing, (await router.history(1, 0)).length];
        """,
    )
    assert name == "StoreFullError"
    assert decided in ("light", "powerful")
    assert failing is True and kept == 1


def test_storage_that_is_none_is_refused(library: Visit) -> None:
    body = 'await library.Router.load({ storage: "cookies" })'
    name, message, _ = evaluate(library, body)
    assert (name, message) == (
        "InvalidInputError",
        'storage: "indexeddb" or "memory" is needed, got "cookies"',
    )
    assert json.loads(json.dumps(evaluate(library, "return await library.estimate()")))["quota"] > 0
