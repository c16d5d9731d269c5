"""A worker that dies is replaced, and hard conditions stop no decision; in a real Chromium."""

from typing import Any

import pytest
from e2e.conftest import LIBRARY, Server, Visit, evaluate
from e2e.slow_server import SlowServer

pytestmark = pytest.mark.browser
RUNTIME = LIBRARY / "runtime"
CANDIDATES = """[
  { id: "a", embedding: [1, 0, 0], createdAt: 1, successRate: 0.5 },
  { id: "b", embedding: [0, 1, 0], createdAt: 1, successRate: 0.5 },
]"""
LOAD = f"""
    const model = await (await fetch("my.bundle")).arrayBuffer();
    const config = new library.RouterConfig({{ confidenceThreshold: 1 }});
    window.router = await library.Router.load({{ model, config }});
    await router.setCandidates({CANDIDATES});
    await router.updateCandidate("b", {{ successRate: 1 }});
    const c = {{ id: "c", embedding: [0, 0, 1], createdAt: 1, successRate: 0.1 }};
    await router.updateCandidate(c);
    await router.removeCandidate("a");
"""
ASK = """
    const answer = await router.route({ prompt: "Prove it.", queryEmbedding: [0, 1, 0] });
    const ranked = answer.decisions.map(d => [d.candidateId, d.features.successRate]);
    return [answer.bundleHash, answer.reason, ranked];
"""
MANY = """
    window.answered = 0;
    window.pending = (async () => {
        try {
            for await (const _ of router.routeMany(Array(1e6).fill("What is this?"))) answered += 1;
        } catch (error) {
            return [error.name, error.message, error instanceof library.WorkerError];
        }
    })();
"""


def opened(visit: Any, url: str) -> Visit:
    one: Visit = visit()
    one.page.goto(url)
    one.wait("typeof window.library", "object")
    return one


def kill_worker(one: Visit) -> list[Any]:
    """End the page's worker; the error of the calls that it carried out, once the page knows."""
    evaluate(one, MANY)
    one.wait("answered > 0")
    one.page.workers[0].evaluate("void setTimeout(() => self.close())")  # after it has answered
    error: list[Any] = evaluate(one, "return pending")
    return error


def test_a_call_of_a_killed_worker_fails_and_the_next_one_works_as_before(
    visit: Any, site: Server
) -> None:
    one = opened(visit, site.url)
    assert evaluate(one, LOAD) is None
    before = evaluate(one, ASK)
    for _ in range(2):  # also one that took another's place
        name, message, ours = kill_worker(one)
        assert (name, ours) == ("WorkerError", True), message
        assert message.startswith("the worker died: ")
        assert evaluate(one, ASK) == before
        one.until(lambda: len(one.page.workers) == 1)
    assert before[1] == "gate_confidence"
    assert dict(before[2]) == {"b": 1, "c": pytest.approx(0.1)}


def test_an_error_that_nothing_catches_ends_a_worker_and_the_next_call_works(
    visit: Any, site: Server
) -> None:
    one = opened(visit, site.url)
    assert evaluate(one, LOAD) is None
    before = evaluate(one, ASK)
    evaluate(one, MANY)
    one.wait("answered > 0")
    one.page.workers[0].evaluate("void setTimeout(() => { throw new Error('by chance') })")
    name, message, _ = evaluate(one, "return pending")
    assert name == "WorkerError" and "by chance" in message
    assert evaluate(one, ASK) == before


def test_a_closed_router_starts_no_other_worker(visit: Any, site: Server) -> None:
    one = opened(visit, site.url)
    assert evaluate(one, LOAD) is None
    body = "await router.close(); return router.route('x').catch(error => error.name)"
    assert evaluate(one, body) == "ClosedError"
    one.until(lambda: one.page.workers == [])


def test_two_loads_and_two_tabs_do_not_disturb_each_other(visit: Any, site: Server) -> None:
    one = opened(visit, site.url)
    other = one.another()
    other.page.goto(site.url)
    other.wait("typeof window.library", "object")
    for tab in (one, other):
        assert evaluate(tab, LOAD) is None
    assert kill_worker(one)[0] == "WorkerError"
    assert evaluate(other, ASK) == evaluate(one, ASK)


def test_many_prompts_do_not_block_the_page(visit: Any, site: Server) -> None:
    one = opened(visit, site.url)
    body = """
        const router = await library.Router.load();
        const tasks = [];
        new PerformanceObserver(list => tasks.push(...list.getEntries().map(e => e.duration)))
            .observe({ type: "longtask" });
        let answered = 0, seen = 0, most = 0, done = false;
        const turn = () => {
            most = Math.max(most, answered - seen);
            seen = answered;
            if (!done) setTimeout(turn, 20);
        };
        turn();
        const prompts = Array.from({ length: 50000 }, (_, n) => `What is ${n} times ${n + 1}?`);
        const start = performance.now();
        for await (const { model } of router.routeMany(prompts)) answered += model.length > 0;
        done = true;
        most = Math.max(most, answered - seen);
        return { answered, most, ms: performance.now() - start, longest: Math.max(0, ...tasks) };
    """
    found = evaluate(one, body)
    print(f"longest task of 50,000 decisions: {found['longest']:.0f} ms; {found}")
    assert found["answered"] == 50_000
    # By what is decided and not by time: a machine that stands still delays the timers as well.
    assert found["most"] < 10_000, "the page's own timers run meanwhile"


def test_a_slow_start_shows_progress_and_can_be_cancelled(visit: Any, site: Server) -> None:
    server = SlowServer(site.folder, rate=200_000)
    try:
        one = opened(visit, server.url)
        body = """
            const control = new AbortController();
            const seen = [];
            const onProgress = p => {
                seen.push(p.loaded / p.total);
                if (seen.length >= 5) control.abort(new Error("enough"));
            };
            const load = library.Router.load({ onProgress, signal: control.signal });
            return [await load.catch(error => error.message), seen];
        """
        message, seen = evaluate(one, body)
        assert message == "enough"
        assert len(seen) >= 5 and seen == sorted(seen) and seen[-1] < 0.5
        one.until(lambda: one.page.workers == [] and not server.is_sending)
        assert server.sent < 0.5 * sum(file.stat().st_size for file in RUNTIME.iterdir())
    finally:
        server.stop()
