# ruff: noqa: E402 (the modules need what importorskip looks for)
"""The study: nothing tested was trained on, intervals, λ, money; the page is the results'."""

import json
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
for name in ("scipy", "sklearn", "tokenizers", "matplotlib"):
    pytest.importorskip(name)

from tiny_dancer.adapt.stem import stem
from tiny_dancer.evaluate.quality.bootstrap import interval, resamples
from tiny_dancer.evaluate.quality.choice import LAMBDAS, best_elsewhere, best_lambda
from tiny_dancer.evaluate.quality.document import DRAWN, drawn, read_results
from tiny_dancer.evaluate.quality.figures import compared, profile, with_simple
from tiny_dancer.evaluate.quality.money import dollars_a_year, saving
from tiny_dancer.evaluate.quality.parts import NEVER_TRAINED, parts
from tiny_dancer.evaluate.quality.pictures import pictures
from tiny_dancer.train.labels import LabelledPrompts

ROOT = Path(__file__).parents[2]
PAGE, RESULTS = ROOT / "docs" / "quality.md", ROOT / "docs" / "results" / "quality"
SIZES = {
    "mmlu": 1_800,
    "mmlu_pro_mmlu": 300,
    "gsm8k": 60,
    "llmrouter": 90,
    "mmlu_pro": 50,
    "fasteval": 50,
    "zeroeval": 50,
    "farel_bench": 30,
    **dict.fromkeys(NEVER_TRAINED, 30),
}


@pytest.fixture(scope="module")
def data() -> LabelledPrompts:
    """Sources that share questions: mmlu_pro_mmlu repeats mmlu's, as does mt_bench two of them."""
    prompts, subjects, sources = [], [], []
    for source, n in SIZES.items():
        for k in range(n):
            owner = (
                "mmlu"
                if source == "mmlu_pro_mmlu" or (source, k < 2) == ("mt_bench", True)
                else source
            )
            prompts.append(f"{owner} question {k}?\nA. {source}\nB. no")
            subjects.append(
                "gsm8k" if source == "llmrouter" and k % 3 == 0 else f"subject {k % 14}"
            )
            sources.append(source)
    n = len(prompts)
    quality = (np.random.default_rng(0).random((n, 2)) < [0.5, 0.8]).astype("f")
    weight = np.array([s not in NEVER_TRAINED[:3] for s in sources], "f")
    return LabelledPrompts(tuple(prompts), quality, tuple(subjects), tuple(sources), weight)


@pytest.fixture(scope="module")
def runs(data):
    return list(parts(data))


def test_no_question_is_both_trained_on_and_tested(data, runs) -> None:
    for run in runs:
        trained = {stem(data.prompts[i]) for i in (*run.train, *run.besides)}
        assert not trained & {stem(data.prompts[i]) for i in run.test}, (run.part, run.name)
        assert len(run.train) and len(run.test)


def test_evaluation_only_sources_are_never_trained_on(data, runs) -> None:
    for run in runs:
        rows = np.concatenate([run.train, run.besides])
        assert not data.of_source(*NEVER_TRAINED)[rows].any()


def test_a_source_left_out_takes_its_relatives_along(data, runs) -> None:
    for run in (run for run in runs if run.part == "left-out"):
        trained = set(np.array(data.sources)[run.train])
        assert run.name not in trained and "mmlu_pro_mmlu" not in trained
        assert set(np.array(data.sources)[run.test]) == {run.name}
        if run.name == "gsm8k":
            assert "gsm8k" not in set(np.array(data.subjects)[run.train])


def test_folds_cover_their_source_once(data, runs) -> None:
    for part, source in (
        ("mmlu-5fold", "mmlu"),
        ("gsm8k-5fold", "gsm8k"),
        ("mmlu-subjects", "mmlu"),
    ):
        tested = np.concatenate([run.test for run in runs if run.part == part])
        assert sorted(tested) == list(np.flatnonzero(data.of_source(source)))


def test_subjects_left_out_are_in_no_training_row(data, runs) -> None:
    subjects = np.array(data.subjects)
    for run in (run for run in runs if run.part == "mmlu-subjects"):
        assert not set(subjects[run.train]) & set(subjects[run.test])


def test_few_labels_are_few(runs) -> None:
    assert all(len(run.train) <= 1_500 for run in runs if run.part == "mmlu-1500")


def test_rows_of_a_stem_come_together() -> None:
    stems = ["a", "b", "a", "c", "b", "a"]
    for rows in resamples(stems, 50):
        counts = np.bincount(rows, minlength=6)
        assert counts[0] == counts[2] == counts[5] and counts[1] == counts[4]
        assert counts[0] + counts[1] + counts[3] == 3


def test_the_interval_of_a_mean_is_that_of_theory() -> None:
    values = np.random.default_rng(3).normal(size=2_000)
    means = np.array([values[r].mean() for r in resamples([str(k) for k in range(2_000)], 1_000)])
    low, high = interval(means)
    half = 1.96 * values.std() / np.sqrt(2_000)
    # A percentile of 1,000 draws is known to about 5 % of the half width.
    assert [low, high] == pytest.approx(
        [values.mean() - half, values.mean() + half], abs=0.2 * half
    )


def test_clustered_rows_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(4).normal(size=300), 4)
    stems = [str(k // 4) for k in range(1_200)]
    by_stem = np.std([values[r].mean() for r in resamples(stems, 400)])
    by_row = np.std([values[r].mean() for r in resamples(list(map(str, range(1_200))), 400)])
    # Four equal rows a stem: twice the deviation.
    assert by_stem / by_row == pytest.approx(2, rel=0.2)


def test_lambda_one_is_chosen_where_only_the_difference_ranks() -> None:
    rng = np.random.default_rng(5)
    hopeless = rng.random(4_000) < 0.5  # both fail: sending these to the strong model gains nothing
    p = np.where(hopeless[:, None], [0.1, 0.15], [0.6, 0.9])
    quality = (rng.random(p.shape) < p).astype("f")
    assert best_lambda(p, quality) >= 0.7  # the two kinds cross at 2/3


def test_a_source_has_no_say_in_its_own_lambda() -> None:
    flat = [0.5] * len(LAMBDAS)
    first, last = [0.9, *flat[1:]], [*flat[:-1], 0.6]
    assert best_elsewhere({"a": first, "b": last}, "a") == LAMBDAS[-1]
    assert best_elsewhere({"a": first, "b": last}, "b") == LAMBDAS[0]
    assert best_elsewhere({"a": first, "b": last}, "") == LAMBDAS[0]


def test_profile_splits_a_score_by_subject(data) -> None:
    rows = data.take(data.of_source("mmlu"))
    rng = np.random.default_rng(6)
    noise = rng.random(len(rows))
    subject = np.array([float(s.split()[1]) for s in rows.subjects])
    found = profile(subject, rows)
    assert found["within"] == pytest.approx(0.5)  # equal scores share alike
    assert found["between"] == pytest.approx(found["whole"])
    assert profile(noise, rows)["whole"] != pytest.approx(0.5, abs=1e-9)


def test_routers_are_compared_on_the_same_rows(data) -> None:
    rows = data.take(data.of_source("mmlu"))
    perfect = (rows.quality[:, 1] - rows.quality[:, 0]).astype(np.float64)
    found = compared(rows, with_simple(rows, {"perfect": (None, perfect)}), 20)
    assert list(found) == ["random", "length", "perfect"]
    assert found["random"]["apgr"] == pytest.approx(0.5, abs=0.05)
    assert found["perfect"]["apgr"] > found["length"]["apgr"]
    low, high = found["perfect"]["apgr_95"]
    assert low <= found["perfect"]["apgr"] <= high


def test_money_by_hand() -> None:
    assert saving(0.6, 10) == pytest.approx(0.54)
    assert dollars_a_year(0.5, 2) == pytest.approx((54_750, 18_250))  # of 73,000
    assert dollars_a_year(0.0, 10) == pytest.approx((73_000, 0))


def test_the_page_is_what_the_results_give() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert drawn(text, read_results(RESULTS)) == text
    assert all(f"<!-- drawn: {name} -->" in text for name in DRAWN)


def test_the_pictures_are_what_the_results_give() -> None:
    found = pictures(read_results(RESULTS))
    assert found
    for name, svg in found.items():
        assert (RESULTS / name).read_bytes() == svg
        assert len(svg) < 60_000
        assert f"results/quality/{name}" in PAGE.read_text(encoding="utf-8")


def test_results_hold_figures_only() -> None:
    def texts(value):
        if isinstance(value, dict):
            return [*value, *(t for v in value.values() for t in texts(v))]
        if isinstance(value, list):
            return [t for v in value for t in texts(v)]
        return [value] if isinstance(value, str) else []

    for path in RESULTS.glob("*.json"):
        assert all(len(t) <= 64 for t in texts(json.loads(path.read_text()))), path.name
