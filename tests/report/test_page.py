"""The page: one file, no script, nothing from elsewhere, and everything the report says."""

import asyncio
import random
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from chromium import chromium
from report.histories import BEGUN, BUNDLE, MODELS, fill

from tiny_dancer.calibration.paired_outcome import PairedOutcome
from tiny_dancer.history import MemoryStore
from tiny_dancer.policy import Policy
from tiny_dancer.report.evidence import Evidence, read_evidence
from tiny_dancer.report.page import build_page
from tiny_dancer.report.picture import draw_frontier, draw_traffic
from tiny_dancer.report.report import Report, report_on

VOID = ("meta", "link", "br", "img", "input", "hr")


def make(requests: int, drift: str = "steady", names=MODELS) -> Report:
    async def run() -> Report:
        store = MemoryStore()
        await fill(store, requests, 5)
        evidence = await read_evidence(store, BUNDLE, MODELS)
        object.__setattr__(evidence, "models", names)
        return report_on(evidence, BUNDLE, Policy(0.5), BEGUN, drift)

    return asyncio.run(run())


@pytest.fixture(scope="module")
def found() -> Report:
    return make(6_000)


class Tags(HTMLParser):
    """Open tags; fails where one is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("requests", [0, 1, 40, 6_000])
def test_it_is_one_whole_file_without_script_and_address(requests):
    page = build_page(make(requests))
    tags = Tags()
    tags.feed(page)
    assert not tags.open and not tags.seen & {"script", "link", "iframe", "img", "object"}
    assert not re.search(r"https?:|url\(|@import|javascript:| on\w+=", page)
    assert len(page) < 200_000


def test_it_says_what_the_report_says(found):
    page = re.sub("<[^>]+>", " ", build_page(found)).replace("&#x27;", "'")
    assert found.verdict in page
    for part in (*found.unknowns, "6,000", "1,200", "static mix", "certified", "net saving"):
        assert part in page
    assert f"{found.promises[1].light_share:.1%}" in page


def test_names_of_models_are_escaped():
    page = build_page(make(200, names=("<b>l&", "<script>")))
    assert "<script>" not in page and "&lt;b&gt;l&amp;" in page


def test_the_colour_follows_the_verdict(found):
    assert 'class="verdict good"' in build_page(found)
    assert 'class="verdict bad"' in build_page(make(6_000, "alarm"))
    assert 'class="verdict wait"' in build_page(make(100))


def test_pictures_are_well_formed_and_say_what_they_show(found):
    traffic = draw_traffic(found.evidence.traffic.list_spans())
    root = ElementTree.fromstring(traffic)
    assert "6,000 requests" in root.attrib["aria-label"]
    titles = [int(t.text.split(": ")[1].split()[0].replace(",", "")) for t in root.iter("title")]
    assert sum(titles) == 6_000 and len(titles) <= 60
    frontier = ElementTree.fromstring(draw_frontier(found.comparison, [(1.0, 0.9), (2.0, 1.0)]))
    assert len(list(frontier.iter("circle"))) == 4


@pytest.mark.parametrize("minutes", [1, 59, 3_000, 400_000])
def test_any_length_of_time_is_at_most_60_bars(minutes):
    from report.histories import observed

    from tiny_dancer.report.traffic import Traffic

    traffic = Traffic()
    for n in range(0, minutes, max(1, minutes // 50)):
        traffic.add(observed(n, 0.3))
    spans = traffic.list_spans()
    assert 1 <= len(spans) <= 60 and sum(s.requests for s in spans) == traffic.requests


def test_a_tie_is_no_gain_and_no_share_goes_beyond_100_percent():
    draw = random.Random(4)
    pairs = [PairedOutcome((draw.random(),), (1.0, 1.0), (), str(n)) for n in range(30)]
    evidence = Evidence(MODELS, pairs=pairs)
    page = build_page(report_on(evidence, BUNDLE, Policy(0.5), BEGUN))
    assert "no difference is shown" in page and "better by" not in page
    assert max(float(x) for x in re.findall(r"([\d.]+)%", page[page.index("<table>") :])) == 100.0


def test_money_without_prices_is_not_known():
    evidence = Evidence(MODELS, pairs=[PairedOutcome((0.2,), (1.0, 1.0))])
    found = report_on(evidence, BUNDLE, Policy(0.5), BEGUN)
    page = build_page(found)
    assert "<dt>net saving so far</dt><dd>not known</dd>" in page
    assert "<td>paid for answers</td><td>not known</td>" in page
    assert set(found.to_dict()["money"].values()) == {None}


def test_what_is_missing_stands_below_a_heading():
    page = build_page(make(100))
    assert "<th>certificate</th>" in page and "<th></th><th>light share" not in page


def test_no_column_is_clipped(found):
    with chromium() as browser:
        page = browser.new_page(bypass_csp=True)
        page.set_content(build_page(found))
        for width in (500, 1000, 1300):
            page.set_viewport_size({"width": width, "height": 900})
            beyond = page.evaluate(
                "[...document.querySelectorAll('.wide')].map(e => e.scrollWidth - e.clientWidth)"
            )
            assert len(beyond) >= 3 and not any(beyond), (width, beyond)
