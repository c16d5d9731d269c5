"""A judge that is wrong breaks what is certified by its marks; marks by people alone keep it."""

import asyncio
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from calibration.test_guarantee import MADE, Truth, failures, tolerated, world

from tiny_dancer.calibration.calibrate import calibrate
from tiny_dancer.calibration.paired_outcome import PairedOutcome
from tiny_dancer.history import DecisionRecord, MemoryStore, Outcome
from tiny_dancer.history.readings.paired_outcomes import read_paired_outcomes
from tiny_dancer.policy import Target

DOCS = Path(__file__).parents[2] / "docs"
MODELS = ("light", "powerful")
KEEP = Target("quality_kept", 0.95)
BY_PEOPLE = 3
"""People mark each third pair, whatever was answered."""


def mark_kindly(outcome: PairedOutcome, draw: random.Random) -> tuple[float, ...]:
    """A judge that takes half of the wrong answers for right, whoever gave them."""
    return tuple(q or float(draw.random() < 0.5) for q in outcome.quality)


async def observe(draw: random.Random, n: int) -> MemoryStore:
    """A history in which the judge marked all pairs, and people then some of them anew."""
    store, rows = MemoryStore(), world(n, draw)
    decisions, outcomes = [], []
    for at, row in enumerate(rows):
        made = {"decision_id": f"d-{at}", "at": float(at)}
        decisions.append(
            DecisionRecord(
                **made,
                model="powerful",
                use_lightweight=False,
                reason="observe",
                score=row.scores[0],
                bundle_hash=MADE["bundle_hash"],
            )
        )
        marks = {"judge:kind": mark_kindly(row, draw)}
        if at % BY_PEOPLE == 0:
            marks["people"] = row.quality
        outcomes += [
            Outcome(**made, scores=dict(zip(MODELS, q, strict=True)), graded_by=by)
            for by, q in marks.items()
        ]
    await store.record_routings(decisions)
    assert await store.record_outcomes(outcomes) == ()
    return store


def sample(draw: random.Random, n: int, by_people: bool) -> list[PairedOutcome]:
    async def read() -> list[PairedOutcome]:
        store = await observe(draw, n)
        return await read_paired_outcomes(store, MADE["bundle_hash"], MODELS, by_people)

    return asyncio.run(read())


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth(world(100_000, random.Random(0)))


def test_marks_by_people_keep_the_target_that_a_kind_judge_breaks(truth):
    for by_people in (False, True):
        draw = random.Random(10)
        samples = [sample(draw, 1_800, by_people) for _ in range(30)]
        broken = failures(truth, samples, KEEP)
        assert (broken <= tolerated(30)) is by_people, broken
    assert all(len(found) == 600 for found in samples)
    shares = [truth.light_share(calibrate(one, KEEP, **MADE).threshold) for one in samples]
    assert sum(share > 0.1 for share in shares) >= 24  # and are good for something


def test_a_certificate_names_who_marked():
    both = sample(random.Random(11), 900, False)
    method = calibrate(both, Target("quality_kept", 0.9), **MADE).certificate.method
    assert method.endswith("; as marked by judge:kind, people")
    nobody = [replace(one, quality=None, marked_by="ungraded") for one in both[:2]]
    method = calibrate(both + nobody, Target("quality_kept", 0.9), **MADE).certificate.method
    assert "ungraded" not in method
    alone = [replace(one, marked_by=None) for one in both]
    assert "marked" not in calibrate(alone, Target("quality_kept", 0.9), **MADE).certificate.method


def test_the_page_shows_what_the_simulation_found_and_says_no_more():
    pytest.importorskip("numpy")
    from tiny_dancer.evaluate.marks_by_people import redraw

    found = json.loads((DOCS / "results" / "marks-by-people.json").read_text("utf-8"))
    page = (DOCS / "shadow.md").read_text("utf-8")
    assert redraw(page, found) == page
    most = tolerated(found["runs"], found["delta"])
    rows = {(r["judge"], r["pairs"], r["marked"], r["way"]): r for r in found["rows"]}
    for (judge, pairs, marked, way), row in rows.items():
        if way in ("people", "prediction-powered"):
            assert row["missed"] <= most  # whatever the judge did
        if way == "prediction-powered":
            people = rows[judge, pairs, marked, "people"]["light_share"]
            gain = row["light_share"] - people
            assert gain <= (0.03 if marked >= 1_000 else 0.0)  # "hardly more then"
    assert any(row["missed"] > most for key, row in rows.items() if key[0] == "kind")
