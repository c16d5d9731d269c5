"""Own traffic on the page, in IndexedDB: marks, report, replay, certificate, alarm, learning."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from e2e.conftest import ROOT, Server, Visit

from tiny_dancer.report.verdict import list_unknowns

pytestmark = pytest.mark.browser
STATE = "document.getElementById('trust').dataset.state"
DRIFT = "document.getElementById('drift').dataset.state"
EASY = "What is the postcode of street 7 in Oslo?"
HARD = "Prove that every bounded sequence of real numbers has a convergent subsequence."
MARKS = f"""prompt,light_score,powerful_score
What is the capital of France?,1,1
{HARD},0,1
Without marks,,
"""


def record(one: Visit, button: str) -> None:
    one.page.evaluate(f"delete {STATE}")
    one.page.locator(f"#{button}").click()
    one.wait(STATE, "ready")
    assert one.page.locator("#trust-fault").is_hidden(), one.text("trust-fault")


def record_file(one: Visit, file: Path) -> None:
    file.write_text(MARKS)
    one.page.evaluate(f"delete {STATE}")
    one.page.locator("#trust-file").set_input_files(file)
    one.wait(STATE, "ready")


def press(one: Visit, button: str) -> str:
    """What a step of the panel says after its button was pressed."""
    result = f"{button}-result"
    one.page.evaluate("id => { document.getElementById(id).hidden = true; }", result)
    one.page.locator(f"#{button}").click()
    one.wait(f"document.getElementById('{result}').hidden", False)
    return one.text(result)


def certify(one: Visit, target: str) -> str:
    one.page.locator("#certify-target").select_option(target)
    return press(one, "certify")


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


def test_marks_of_a_file_are_decided_again_with_another_limit(
    visit: Any, server: Server, tmp_path: Path
) -> None:
    one = visit(locale="en-US")
    page = one.open(server.url)
    record_file(one, tmp_path / "marks.csv")
    assert one.text("trust-marks").startswith("2 marks so far")
    before = page.evaluate("tinyDancer.history()")
    assert [row["model"] for row in before] == ["powerful", "light"]
    page.locator("#replay-limit").fill("0")
    said = press(one, "replay")
    assert said.startswith(
        "With at most 0 failures of 100, 1 of 2 decisions would be others: 0 go to the light "
        "model, 1 to the powerful one."
    )
    assert "100 % of the answers went well; then 100 % would have." in said
    page.locator("#replay-limit").fill("100")
    said = press(one, "replay")
    assert said.startswith("With at most 100 failures of 100, 1 of 2 decisions would be others: 1 ")
    assert "100 % of the answers went well; then 50 % would have." in said
    for limit in ("", "-1", "150"):
        page.locator("#replay-limit").fill(limit)
        page.locator("#replay").click()
        one.wait("document.getElementById('trust-fault').hidden", False)
        assert "Failures of 100: a number from 0 to 100 is needed" in one.text("trust-fault")
        assert one.text("replay-result") == said, "it says which limit it is of"
    assert page.evaluate("tinyDancer.history()") == before, "nothing was changed"
    assert one.errors == []


def test_what_is_learned_from_marks_decides_from_then_on(
    visit: Any, server: Server, tmp_path: Path
) -> None:
    one = visit(locale="en-US")
    page = one.open(server.url)
    record_file(one, tmp_path / "marks.csv")
    shipped = one.route(EASY)
    assert press(one, "learn").startswith("At least 30 prompts with marks for both models are ")
    assert one.route(EASY)["bundle_hash"] == shipped["bundle_hash"]
    record(one, "trust-example")
    assert press(one, "learn").startswith("It learned from 602 marked prompts")
    learned = one.route(EASY)
    assert learned["bundle_hash"] != shipped["bundle_hash"]
    assert learned["confidence"] > shipped["confidence"], "the marks say that such prompts go well"
    page.locator("#prompt").fill(EASY)
    shown = f"{100 * learned['confidence']:.1f} %"
    one.wait("document.getElementById('confidence').textContent", shown)
    assert one.errors == []


def test_a_german_reader_gets_the_whole_report_in_german(visit: Any, server: Server) -> None:
    one = visit(locale="de-DE")
    page = one.open(server.url)
    record(one, "trust-example")
    page.locator("#report").click()
    one.wait("document.getElementById('report-result').hidden", False)
    lines = page.locator("#report-unknown li").all_inner_texts()
    assert re.match(r"Prompts aus anderer Zeit als 20\d\d-\d\d-\d\d \d\d:\d\d bis 20", lines[0])
    report = page.evaluate("tinyDancer.makeReport()")
    assert len(lines) == len(report["unknown"]) and not {*lines} & {*report["unknown"]}


def find_unknowns(people: int) -> list[str]:
    """The sentences of a report that knows nothing of all it could know, with marks of a judge."""
    evidence = SimpleNamespace(
        traffic=SimpleNamespace(first_at=0, last_at=1e9, named=1000),
        sources={"judge:a": 2, "people": people},
        skipped=4,
        ungraded=5,
        pairs=[None] * 6,
        foreign=7,
        money=SimpleNamespace(unpriced=8),
        repeated=9,
    )
    comparison = SimpleNamespace(router=SimpleNamespace(cost=None))
    return list_unknowns(evidence, comparison)  # type: ignore[arg-type]


def test_the_page_has_words_for_every_sentence_of_a_report() -> None:
    source = (ROOT / "web/demo/src/trust/unknown.ts").read_text("utf-8")
    phrases = re.findall(r'\["([^"]+)", "unknown\.', source)
    sentences = {*find_unknowns(people=3), *find_unknowns(people=0)}
    assert len(sentences) == len(phrases) == 10
    for sentence in sentences:
        assert sum(phrase in sentence for phrase in phrases) == 1, sentence


def test_the_page_says_what_a_report_does_not_know_with_its_numbers(
    visit: Any, server: Server
) -> None:
    one = visit(locale="en-US")
    page = one.open(server.url)
    change = """unknown => {
      const { makeReport } = tinyDancer;
      tinyDancer.makeReport = async () => ({ ...(await makeReport.call(tinyDancer)), unknown });
    }"""
    shown = {}
    for people in (3, 0):
        page.evaluate(change, find_unknowns(people))
        press(one, "report")
        shown[people] = page.locator("#report-unknown li").all_inner_texts()
    judges = shown[3].pop(4), shown[0].pop(4)
    assert judges == (
        "Models marked answers too, not people alone.",
        "Only models marked answers, no person did.",
    )
    assert shown[3] == shown[0]
    assert shown[3] == [
        "Prompts of another time than 1970-01-01 00:00 to 2001-09-09 01:46 (UTC) may be different.",
        "1,000 requests named their model themselves, or came while the router was off.",
        "On the last day there was no money left to compare 4 more answers.",
        "5 of 6 answers could not be marked: a promise counts each as the worst case.",
        "7 marks belong to another bundle and count for nothing.",
        "What 8 answers cost is not known.",
        "No prompt has the cost of both models: the coin has the router's share of light answers, "
        "not its cost.",
        "9 prompts came more than once and count once.",
    ]
