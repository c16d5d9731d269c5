"""The study of adaptation: what is left out, how labels are drawn, how draws are summed up."""

import csv
import gzip

import pytest

pytest.importorskip("jax")
pytest.importorskip("sklearn")

from tiny_dancer.adapt import read_labels
from tiny_dancer.adapt.stem import stem
from tiny_dancer.evaluate.adaptation.curve import drawn, summary
from tiny_dancer.evaluate.adaptation.left_out import without

HEADER = ("prompt", "weak_score", "strong_score", "subject")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "data"
    path.mkdir()
    for name in ("gsm8k", "llmrouter", "mmlu", "mmlu_pro", "mmlu_pro_mmlu"):
        with gzip.open(path / f"{name}.csv.gz", "wt", newline="") as file:
            rows = [(f"{name},\n{i}", 0, 1, "gsm8k" if i % 2 else "math") for i in range(4)]
            csv.writer(file).writerows([HEADER, *rows])
    return path


def left(folder, source, tmp_path):
    out = tmp_path / source
    out.mkdir()
    without(folder, source, out)
    found = {}
    for path in out.iterdir():
        with gzip.open(path, "rt", newline="") as file:
            found[path.name.split(".")[0]] = [row["prompt"] for row in csv.DictReader(file)]
    return found


def test_without_gsm8k_its_questions_in_llmrouter_go_too(folder, tmp_path):
    found = left(folder, "gsm8k", tmp_path)
    assert set(found) == {"llmrouter", "mmlu", "mmlu_pro", "mmlu_pro_mmlu"}
    assert found["llmrouter"] == ["llmrouter,\n0", "llmrouter,\n2"]
    assert len(found["mmlu"]) == 4


def test_without_mmlu_pro_what_its_models_answered_goes_too(folder, tmp_path):
    assert set(left(folder, "mmlu_pro", tmp_path)) == {"gsm8k", "llmrouter", "mmlu"}


def test_no_question_is_both_label_and_test(tmp_path):
    path = tmp_path / "l.csv"
    rows = "".join(f"Question {i % 900}?,0,1\n" for i in range(1500))
    path.write_text("prompt,weak_score,strong_score\n" + rows)
    labels = read_labels(path)
    pool, test = drawn(labels, 1)
    assert len(pool) == 1_000
    stems = [{stem(labels.prompts[i]) for i in part} for part in (pool, test)]
    assert stems[1]
    assert not stems[0] & stems[1]
    assert drawn(labels, 1)[1].tolist() == test.tolist() != drawn(labels, 2)[1].tolist()


def test_a_summary_is_mean_and_deviation_over_draws():
    row = {"router": "a", "labels": 50, "light95": 0.5, "log_loss": 0.6}
    (found,) = summary([row | {"apgr": 0.5, "kept": True}, row | {"apgr": 0.7, "kept": False}])
    assert (found["apgr"], found["apgr_deviation"]) == (0.6, 0.1)
    assert (found["draws"], found["kept"]) == (2, 1)
