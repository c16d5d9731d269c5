# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Labelled files: what is read, and how a bad file is named."""

import gzip
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from tiny_dancer.tables import TableError
from tiny_dancer.train.labels import LabelError, read_csv, read_folder, trainable

HEADER = "prompt,weak_score,strong_score,subject,source,weight\n"


def write(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_rows_keep_their_line_breaks_scores_and_names(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv.gz", HEADER + '"a\nb",0.25,1,s,mine,1\nc,1,0,t,mine,0\n')
    data = read_csv(path)
    assert data.prompts == ("a\nb", "c")
    assert data.quality.tolist() == [[0.25, 1], [1, 0]]
    assert data.right.tolist() == [[0, 1], [1, 0]]
    assert data.subjects == ("s", "t")
    assert trainable(data).tolist() == [True, False]


def test_bad_score_names_row_and_column(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv.gz", HEADER + "a,1,1,s,m,1\nb,1,2,s,m,1\n")
    with pytest.raises(TableError, match=r"x\.csv\.gz: line 3, column strong_score: .* got '2'"):
        read_csv(path)


def test_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no column strong_score"):
        read_csv(write(tmp_path / "x.csv.gz", "prompt,weak_score\na,1\n"))


def test_any_number_of_score_columns(tmp_path: Path) -> None:
    path = tmp_path / "four.csv"
    path.write_text("prompt,a,b,c,d\nhello,0,0.5,1,1\n")
    data = read_csv(path, ("a", "b", "c", "d"))
    assert data.quality.shape == (1, 4)
    assert data.sources == ("four",)


def test_evaluation_sources_are_never_trained_on_whatever_their_weight(tmp_path: Path) -> None:
    write(tmp_path / "mt_bench.csv.gz", HEADER + "a,1,1,s,mt_bench,1\n")
    write(tmp_path / "mmlu.csv.gz", HEADER + "b,1,1,s,mmlu,1\n")
    data = read_folder(tmp_path)
    assert data.prompts == ("b", "a")
    assert trainable(data).tolist() == [True, False]


def test_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"no \*\.csv\.gz"):
        read_folder(tmp_path)
