"""The whole way on the page, in IndexedDB: marks, report, certificate, alarm, all powerful."""

from typing import Any

import pytest
from e2e.conftest import Server, Visit

pytestmark = pytest.mark.browser
STATE = "document.getElementById('trust').dataset.state"
DRIFT = "document.getElementById('drift').dataset.state"
EASY = "What is the postcode of street 7 in Oslo?"


def record(one: Visit, button: str) -> None:
    one.page.evaluate(f"delete {STATE}")
    one.page.locator(f"#{button}").click()
    one.wait(STATE, "ready")
    assert one.page.locator("#trust-fault").is_hidden(), one.text("trust-fault")


def certify(one: Visit, target: str) -> str:
    one.page.locator("#certify-target").select_option(target)
    one.page.evaluate("document.getElementById('certify-result').hidden = true")
    one.page.locator("#certify").click()
    one.wait("document.getElementById('certify-result').hidden", False)
    return one.text("certify-result")


def test_from_marks_to_a_promise_to_an_alarm(visit: Any, server: Server) -> None:
    one = visit(locale="en-US")
    page = one.open(server.url)
    assert one.page.evaluate(DRIFT) == "none"
    one.type(EASY)
    record(one, "mark")
    assert one.text("trust-marks").startswith("1 marks so far")
    assert "more marks are needed" in certify(one, "0.98"), "one mark certifies nothing"
    assert one.page.evaluate(DRIFT) == "none", "nothing was changed"

    record(one, "trust-example")
    page.locator("#report").click()
    one.wait("document.getElementById('report-result').hidden", False)
    assert one.text("report-verdict").startswith("Safe to switch on at 9")
    assert page.locator("#report-rows tr").count() == 4

    assert "On: at least 90 %" in certify(one, "0.9")
    one.wait(DRIFT, "steady")
    certified = one.route(EASY)
    assert certified["policy_id"] and certified["model"] == "light"

    one.open(server.url)  # the policy is stored
    one.wait(DRIFT, "steady")
    assert one.route(EASY)["policy_id"] == certified["policy_id"]

    record(one, "trust-worse")
    one.wait(DRIFT, "alarm")
    one.wait("window.tinyDancer.route('once more').then(({ reason }) => reason)", "drift_alarm")
    assert one.route(EASY)["model"] == "powerful"
    page.locator("#report").click()
    one.wait("document.getElementById('report-verdict').textContent.startsWith('Not safe now')")
    page.locator("#drift-end").click()
    one.wait(DRIFT, "steady")
    assert one.errors == []
