"""The npm library certifies, learns, explains and reports, in a tab with IndexedDB."""

from typing import Any

import pytest
from e2e.conftest import Server, Visit, evaluate

pytestmark = pytest.mark.browser

OBSERVE = """
    window.router = await library.Router.load({ storage: "indexeddb" });
    window.observe = async (from, to, failsEvery) => {
      for (let n = from; n < to; n++) {
        const decision = await router.route(`What is the capital of country ${n}?`);
        await router.recordOutcome(decision.decisionId, { cost: 1 });
        await router.recordOutcome(decision.decisionId,
          { lightScore: n % failsEvery ? 1 : 0, powerfulScore: 1 });
      }
      await router.flush();
    };
"""


def pass_time(tab: Visit, seconds: float) -> None:
    """Set the clock of the router's worker forward."""
    for worker in tab.page.workers:
        worker.evaluate(
            "s => { const now = Date.now; Date.now = () => now() + 1000 * s; }", seconds
        )


@pytest.fixture
def tab(browser: Any, site: Server) -> Any:
    one = Visit(browser)
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    assert evaluate(one, OBSERVE) is None
    yield one
    one.context.close()


def test_a_policy_is_certified_and_watched_in_the_tab(tab: Visit) -> None:
    body = """
        await observe(0, 20, 50);
        const refusal = await router.calibrate("quality_kept", 0.98).catch(error => error);
        await observe(20, 320, 50);
        const policy = await router.calibrate("quality_kept", 0.9, { delta: 0.05, byPeople: true });
        const decision = await router.route("What is the capital of France?");
        const steady = await router.drift();
        await observe(320, 720, 2);
        return [refusal instanceof library.NotEnoughData && refusal instanceof library.PolicyError,
          policy, decision, steady];
    """
    refused, policy, decision, steady = evaluate(tab, body)
    pass_time(tab, 11)  # nobody reads on for the monitors within ten seconds of the last look
    evaluate(tab, """await router.route("once more, so that somebody looks");""")
    tab.wait("router.drift().then(({ state }) => state)", "alarm")
    body = """
        const alarm = await router.drift();
        const after = await router.route("What is the capital of France?");
        return [alarm, after, await router.acknowledgeDrift()];
    """
    alarm, after, calm = evaluate(tab, body)
    assert refused and policy["certificate"]["n"] == 320
    assert policy["certificate"]["method"].endswith("; as marked by people")
    assert decision["policyId"] == policy["id"] and decision["model"] == "light"
    assert (steady["state"], steady["policyId"]) == ("steady", policy["id"])
    assert alarm["state"] == "alarm" and alarm["loss"]["eValue"] >= alarm["loss"]["bound"]
    assert (after["model"], after["reason"]) == ("powerful", "drift_alarm")
    assert calm["state"] == "steady"


def test_the_tab_learns_explains_reports_and_replays(tab: Visit) -> None:
    body = """
        await observe(0, 120, 2);
        const explained = await router.explain("Prove that it converges.");
        const report = await router.makeReport();
        const replay = await router.replay(JSON.stringify({ version: 1, threshold: -2 }));
        const learned = await router.adapt();
        return [explained, report, replay, learned];
    """
    explained, report, replay, learned = evaluate(tab, body)
    assert explained["spans"][0]["text"] == "Prove"
    assert report["pairs"]["n"] == 120 and report["verdict"]
    assert replay["decisions"] == 120
    assert learned["rung"] == "two numbers" and learned["n"] == 120
