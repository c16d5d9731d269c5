# ruff: noqa: E402 (the modules need what importorskip looks for)
"""The wider folder: what is read of it, and what leaving a source out leaves out with it."""

import gzip
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from tiny_dancer.errors import InvalidInputError
from tiny_dancer.train.labels import LabelledPrompts
from tiny_dancer.train.leave_out import family, without_source, without_stems
from tiny_dancer.train.wider import read_marks, read_unlabelled, read_wide

HEADER = "prompt,weak_score,strong_score,subject,source,weight\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_more_follows_the_labelled_files_and_may_be_missing(tmp_path: Path) -> None:
    write(tmp_path / "z.csv.gz", HEADER + "one,0,1,s,z,1\n")
    assert read_wide(tmp_path).prompts == ("one",)
    write(tmp_path / "more" / "a.csv.gz", HEADER + "two,1,1,s,a,1\n")
    assert read_wide(tmp_path).sources == ("z", "a")


def test_a_mark_that_its_source_calls_right_is_right(tmp_path: Path) -> None:
    write(tmp_path / "z.csv.gz", HEADER + "one,0,1,s,z,1\n")
    rows = "".join(f"p{k},{k / 100},1,s,pareto_bench,1\n" for k in (0, 59, 60, 100))
    write(tmp_path / "more" / "pareto_bench.csv.gz", HEADER + rows)
    data = read_wide(tmp_path)
    assert data.right[1:, 0].tolist() == [0, 0, 1, 1]
    assert data.quality[[1, 4], 0].tolist() == [0, 1]
    assert (np.diff(data.quality[1:, 0]) > 0).all()


def test_a_model_that_was_not_asked_has_no_mark(tmp_path: Path) -> None:
    write(tmp_path / "models" / "m.csv.gz", "prompt,a,b\none,1,\ntwo,0.25,0.5\n")
    (marks,) = read_marks(tmp_path)
    assert (marks.source, marks.models, marks.prompts) == ("m", ("a", "b"), ("one", "two"))
    assert np.isnan(marks.right[0, 1])
    assert marks.right[[0, 1, 1], [0, 0, 1]].tolist() == [1, 0, 1]


def test_a_bad_mark_names_row_and_model(tmp_path: Path) -> None:
    write(tmp_path / "models" / "m.csv.gz", "prompt,a,b\none,1,\ntwo,0.25,7\n")
    with pytest.raises(InvalidInputError, match=r"m\.csv\.gz.*line 3.*b"):
        read_marks(tmp_path)


def test_unlabelled_requests_stand_once(tmp_path: Path) -> None:
    assert read_unlabelled(tmp_path).prompts == ()
    write(tmp_path / "unlabelled" / "a.csv.gz", "prompt,category\nhi,x\nhi,y\n")
    write(tmp_path / "unlabelled" / "b.csv.gz", "prompt,category\nho,\n")
    found = read_unlabelled(tmp_path)
    assert (found.prompts, found.categories, found.sources) == (("hi", "ho"), ("x", ""), ("a", "b"))


def test_a_file_that_was_cut_is_named(tmp_path: Path) -> None:
    (tmp_path / "unlabelled").mkdir()
    (tmp_path / "unlabelled" / "bad.csv.gz").write_bytes(
        gzip.compress(b"prompt,category\nhi,x\n")[:-9]
    )
    with pytest.raises(InvalidInputError, match=r"bad\.csv\.gz"):
        read_unlabelled(tmp_path)


def labelled(*rows: tuple[str, str, str]) -> LabelledPrompts:
    prompts, subjects, sources = zip(*rows, strict=True)
    n = len(rows)
    return LabelledPrompts(
        prompts, np.ones((n, 2), np.float32), subjects, sources, np.ones(n, np.float32)
    )


def test_leaving_a_source_out_leaves_out_repeats_and_shared_questions() -> None:
    data = labelled(
        ("What is 2 + 2?", "maths", "mmlu"),
        ("what is 2+2?\nA. 3\nB. 4", "maths", "other"),
        ("Another question", "law", "mmlu_pro_mmlu"),
        ("A third question", "law", "pareto_repeats"),
        ("A fourth question", "law", "other"),
    )
    assert without_source(data, "mmlu").tolist() == [False, False, False, False, True]


def test_gsm8k_takes_other_sources_gsm8k_questions_with_it() -> None:
    data = labelled(
        ("a", "gsm8k", "gsm8k"), ("b", "gsm8k", "llmrouter"), ("c", "math", "llmrouter")
    )
    assert without_source(data, "gsm8k").tolist() == [False, False, True]


def test_a_family_is_left_out_on_request() -> None:
    data = labelled(
        ("a", "openbookqa", "pareto_bench"), ("b", "openbook_qa", "llmrouter"), ("c", "math", "x")
    )
    assert without_source(data, "pareto_bench").tolist() == [False, True, True]
    assert without_source(data, "pareto_bench", with_family=True).tolist() == [False, False, True]


def test_families_have_one_name_in_all_sources() -> None:
    assert {family(s) for s in ("openbookqa", "open_book_qa", "openbook_qa")} == {"openbook"}
    assert {family(s) for s in ("bbh_snarks", "bbh/snarks")} == {"bbh"}
    assert family("professional_law") == ""


def test_an_unknown_source_is_named() -> None:
    with pytest.raises(ValueError, match="nothing: no such source"):
        without_source(labelled(("a", "b", "c")), "nothing")


def test_unlabelled_requests_that_are_tested_are_left_out() -> None:
    assert without_stems(["Hi there", "Bye"], ["hi, THERE!"]).tolist() == [False, True]
