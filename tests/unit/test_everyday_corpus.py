# ruff: noqa: E402 (the modules need what importorskip looks for)
"""The everyday corpus: what its reader refuses, no duplicates, families whole, labels balanced."""

import importlib.util
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("sklearn")

from tiny_dancer.train.everyday_corpus import (
    COLUMNS,
    CORPUS_FOLDER,
    KINDS,
    LANGUAGES,
    TOPICS,
    EverydayError,
    family_folds,
    read_everyday,
    unrelated,
)

ROOT = Path(__file__).parents[2]
HEADER = "\t".join(COLUMNS) + "\n"


def load_tool(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


balance, pasted = load_tool("everyday_balance"), load_tool("everyday_pasted")


@pytest.fixture(scope="module")
def requests():
    return read_everyday()


@pytest.fixture(scope="module")
def results():
    return json.loads(balance.RESULTS.read_text("utf-8"))


def by_language(requests):
    rows = defaultdict(list)
    for request in requests:
        rows[request.language].append(request)
    return rows


def test_every_language_holds_three_hundred_requests_of_many_kinds(requests):
    rows = by_language(requests)
    assert set(rows) == set(LANGUAGES) and len(requests) >= 3000
    for language, of in rows.items():
        assert len(of) >= 300 and len({r.kind for r in of}) >= 25, language
        assert len({r.topic for r in of}) == len(TOPICS), language


def test_no_text_differs_from_another_by_case_or_space_alone(requests):
    rows = by_language(requests)
    for language, of in rows.items():
        seen = Counter(" ".join(r.text.casefold().split()) for r in of)
        assert [text for text, n in seen.items() if n > 1] == [], language


def test_greetings_and_thanks_are_light_in_every_language(requests):
    kinds = {"greeting", "thanks", "emoji", "word", "chat"}
    assert [r for r in requests if r.kind in kinds and not r.light] == []
    for language, of in by_language(requests).items():
        found = Counter(r.kind for r in of)
        assert found["greeting"] >= 4 and found["thanks"] >= 2, language


def test_proofs_architecture_and_hard_code_are_not_light(requests):
    kinds = {"proof", "architecture", "code_hard", "maths_hard", "legal", "medical", "finance"}
    assert [r for r in requests if r.kind in kinds and r.light] == []


def test_a_family_is_of_one_topic(requests):
    topics = defaultdict(set)
    for r in requests:
        topics[r.family].add(r.topic)
    assert [family for family, of in topics.items() if len(of) > 1] == []


def test_folds_keep_families_whole(requests):
    folds = family_folds(requests)
    of = defaultdict(set)
    for request, k in zip(requests, folds, strict=True):
        of[request.family].add(int(k))
    assert all(len(seen) == 1 for seen in of.values())
    assert np.bincount(folds, minlength=5).min() > len(requests) / 10


def test_what_is_left_to_train_on_shares_no_family_with_what_is_tested(requests):
    out = np.array([r.language == "en" for r in requests])
    rest = unrelated(requests, out)
    assert not (rest & out).any()
    tested = {r.family for r, is_out in zip(requests, out, strict=True) if is_out}
    assert all((r.family in tested) != bool(k) for r, k in zip(requests, rest, strict=True))


def test_labels_are_balanced_in_every_language_and_at_every_length(requests):
    for language, of in by_language(requests).items():
        assert 0.45 <= np.mean([r.light for r in of]) <= 0.55, language
        shares = [part["light"] for part in balance.length_fifths(of)]
        assert min(shares) >= 0.3 and max(shares) <= 0.7, (language, shares)


def test_length_language_and_topic_alone_say_next_to_nothing(requests):
    alone = balance.measure(requests)["alone"]
    bounds = {"length": 0.56, "language": 0.56, "length and language": 0.56, "topic": 0.62}
    assert alone.keys() == bounds.keys()
    assert all(1 - bounds[name] <= alone[name] <= bounds[name] for name in alone), alone


def test_the_page_and_its_figures_are_what_the_files_give(requests, results):
    measured = json.loads(json.dumps(balance.measure(requests)))
    assert {name: results[name] for name in measured} == measured
    page = balance.PAGE.read_text("utf-8")
    assert balance.redraw(page, results) == page
    assert f"one of {len(TOPICS)}" in page


def test_every_topic_and_kind_is_used(requests):
    assert {r.topic for r in requests} == TOPICS
    assert {r.kind for r in requests} <= KINDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_pasted_texts_are_what_the_command_writes(language):
    written = (CORPUS_FOLDER / f"{language}.pasted.tsv").read_text("utf-8")
    assert written == pasted.write_file(language, pasted.read_phrases()[language])


def test_every_pasted_text_comes_with_an_easy_and_a_hard_question(requests):
    labels = defaultdict(list)
    for r in requests:
        if r.family.startswith("pasted-"):
            labels[r.family, r.language].append(r.light)
    assert labels and all(sorted(of) == [0, 1] for of in labels.values())
    lengths = [len(r.text) for r in requests if r.family.startswith("pasted-")]
    assert sum(n > 1000 for n in lengths) >= 100 and max(lengths) > 3000


def test_the_files_stay_out_of_the_wheel():
    assert not CORPUS_FOLDER.is_relative_to(ROOT / "py")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("xx.tsv", HEADER, "xx.tsv: 'xx' is none of"),
        ("de.tsv", "family\ttext\n", "de.tsv: line 1 must name the columns"),
        ("de.tsv", HEADER + "a\ttalk\tchat\t1\n", "de.tsv: line 2: 4 columns, not 5"),
        ("de.tsv", HEADER + "\ttalk\tchat\t1\tna\n", "de.tsv: line 2: no family"),
        ("de.tsv", HEADER + "a\tmoon\tchat\t1\tna\n", "line 2: topic 'moon' is none of"),
        ("de.tsv", HEADER + "a\ttalk\tsong\t1\tna\n", "line 2: kind 'song' is none of"),
        ("de.tsv", HEADER + "a\ttalk\tchat\t.5\tna\n", "line 2: light is '.5', not 0 or 1"),
        ("de.tsv", HEADER + "a\ttalk\tchat\t1\t \n", "line 2: no text"),
        ("de.tsv", HEADER + "a\ttalk\tchat\t1\ta\\x\n", r"line 2: \\x is not an escape"),
        ("de.tsv", HEADER + "a\ttalk\tchat\t1\tna\\\n", r"line 2: \\ is not an escape"),
        ("de.tsv", HEADER + 2 * "a\ttalk\tchat\t1\tna\n", "de: 'na' stands twice"),
    ],
)
def test_a_malformed_file_is_refused_by_name_and_line(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(EverydayError, match=message):
        read_everyday(tmp_path)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(EverydayError, match=r"no \*\.tsv in gone"):
        read_everyday(tmp_path / "gone")


def test_escapes_are_read_as_what_they_stand_for(tmp_path):
    line = "a\tcode\tchat\t1\tone\\ntwo\\tthree \\\\n four\\\\\n"
    (tmp_path / "en.pasted.tsv").write_text(HEADER + line, "utf-8")
    (request,) = read_everyday(tmp_path)
    assert request.text == "one\ntwo\tthree \\n four\\" and request.language == "en"
    assert request.language in LANGUAGES
