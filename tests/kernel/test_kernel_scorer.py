"""Candidates through a scorer: room, growth, faults of the caller, threads."""

import math
import random
from array import array
from concurrent.futures import ThreadPoolExecutor

import pytest
from kernel.candidates import NOW, Candidates, vector
from kernel.instance import F32, INT8
from pools import score_request
from random_bundle import random_bundle
from repacked import repacked

from tiny_dancer import InvalidInputError
from tiny_dancer.candidates.layout import Packed, columns
from tiny_dancer.hosts import open_kernel
from tiny_dancer.model import read_bundle

HIDDEN = 16
BUNDLE = read_bundle(random_bundle(61, h=HIDDEN, candidates=True))
TEXT = b"what is the capital"


@pytest.fixture
def scorer():
    return open_kernel(BUNDLE, 64)


def packed(seed, n, dimension, form=F32):
    """n random candidates as a caller packs them: rows without padding."""
    one = Candidates(random.Random(seed), n, dimension, form)
    code = "f" if form == F32 else "b"
    rows = b"".join(array(code, numbers).tobytes() for numbers in one.vectors)
    return Packed(
        n, dimension, form, rows, columns(one.created, one.pairs, one.frequency, one.success)
    )


def ask(scorer, candidates, dimension, text=None, **changes):
    """A request's score with a query of its own; `seed` draws another query."""
    query = vector(random.Random(changes.pop("seed", 9)), dimension)
    return score_request(scorer, text, query, candidates, **{"k": 64, "now": NOW, **changes})


@pytest.mark.parametrize("form", [F32, INT8])
@pytest.mark.parametrize("dimension", [1, 15, 16, 17, 384])
def test_residents_and_packed_candidates_score_alike(scorer, dimension, form):
    ours = packed(1, 30, dimension, form)
    scorer.reserve(30, dimension, form)
    scorer.write(0, ours)
    expected = ask(scorer, 30, dimension)
    assert len(expected.ranking) == 30 and expected.text is None
    assert ask(scorer, ours, dimension) == expected
    assert ask(scorer, ours, dimension, TEXT).text == scorer.score_text(TEXT)


def test_candidates_are_written_one_by_one(scorer):
    scorer.reserve(7, 20, INT8)
    for at in range(7):
        scorer.write(at, packed(at, 1, 20, INT8))
    ranking = ask(scorer, 7, 20).ranking
    rows = {row.position: (row.logit, *row[3:]) for row in ranking}
    for at in range(7):
        (alone,) = ask(scorer, packed(at, 1, 20, INT8), 20).ranking
        assert (alone.logit, *alone[3:]) == rows[at]
        assert alone.probability > {row.position: row.probability for row in ranking}[at], (
            "one among seven is read as one of seven"
        )
    assert [row.position for row in ask(scorer, 3, 20).ranking if row.position > 2] == []


def test_growth_of_the_memory_changes_no_answer(scorer):
    scorer.reserve(10, 384, F32)
    scorer.write(0, packed(1, 10, 384))
    text, ranking = scorer.score_text(TEXT), ask(scorer, 10, 384)
    for n in (1_000, 20_000):
        many = ask(scorer, packed(2, 20, 384), 384)
        big = Packed(n, 16, F32, bytes(64 * n), columns([0] * n, [0] * n, [0] * n, [0] * n))
        assert len(ask(scorer, big, 16).ranking) == 64
        assert scorer.score_text(TEXT) == text
        assert ask(scorer, 10, 384) == ranking
        assert ask(scorer, packed(2, 20, 384), 384) == many


def test_no_room_is_an_error_that_leaves_the_residents(scorer):
    scorer.reserve(10, 384, F32)
    scorer.write(0, packed(1, 10, 384))
    before = ask(scorer, 10, 384)
    for capacity, dimension in ((65_536, 2_048), (65_537, 1), (0, 4), (4, 2_049)):
        with pytest.raises(InvalidInputError, match="no room"):
            scorer.reserve(capacity, dimension, F32)
        assert ask(scorer, 10, 384) == before


@pytest.mark.parametrize("number", [math.nan, math.inf, 3e38])
def test_a_vector_that_is_not_finite_is_the_callers_fault(scorer, number):
    good = packed(1, 5, 16)
    rows = array("f", good.rows.cast("f"))
    rows[3 * 16] = number
    with pytest.raises(InvalidInputError, match="finite"):
        ask(scorer, repacked(good, rows=rows), 16)
    scorer.reserve(5, 16, F32)
    with pytest.raises(InvalidInputError, match="finite"):
        scorer.write(0, repacked(good, rows=rows))
    scorer.write(0, good)
    with pytest.raises(InvalidInputError, match="finite"):
        score_request(scorer, None, array("f", [number] * 16), 5, k=5, now=NOW)
    assert ask(scorer, 5, 16) == ask(scorer, good, 16)
    assert scorer.score_text(TEXT).n_seen > 0


def test_sizes_that_do_not_fit_are_refused(scorer):
    good = packed(1, 5, 16)
    for wrong in (
        {"n": 4},
        {"rows": good.rows[:-1]},
        {"columns": bytes(good.columns) + b"\0"},
        {"dimension": 15},
    ):
        with pytest.raises(ValueError, match="candidates: "):
            repacked(good, **wrong)
    scorer.reserve(5, 16, F32)
    for first, packed_ in ((1, good), (-1, good), (0, packed(1, 5, 17)), (0, packed(1, 5, 16, 1))):
        with pytest.raises(ValueError, match="do not fit"):
            scorer.write(first, packed_)
    with pytest.raises(ValueError):
        ask(scorer, good, 15)
    assert len(ask(scorer, good, 16).ranking) == 5


def test_a_text_can_be_the_query(scorer):
    scorer.reserve(9, HIDDEN, INT8)
    scorer.write(0, packed(1, 9, HIDDEN, INT8))
    embedding = scorer.embed(TEXT)
    assert math.isclose(math.hypot(*embedding), 1.0, rel_tol=1e-6)
    by_text = score_request(scorer, TEXT, None, 9, k=9, now=NOW)
    assert score_request(scorer, TEXT, embedding, 9, k=9, now=NOW) == by_text
    assert scorer.embed(b"") == array("f", [0.0] * HIDDEN)


def test_more_of_the_text_comes_where_asked(scorer):
    expected = scorer.score_text(TEXT, head_inputs=True, token_ids=True)
    found = ask(scorer, packed(1, 3, 20), 20, TEXT, head_inputs=True, token_ids=True)
    assert found.text == expected
    assert ask(scorer, packed(1, 3, 20), 20, TEXT).text == scorer.score_text(TEXT)


def test_requests_of_two_threads_do_not_mix(scorer):
    own = [packed(seed, 10 + seed, 20 + seed, seed % 2) for seed in range(6)]
    expected = [ask(scorer, one, one.dimension, seed=3) for one in own]

    def work(at):
        for _ in range(150):
            assert ask(scorer, own[at], own[at].dimension, seed=3) == expected[at]
            assert scorer.score_text(TEXT).n_unknown == 0

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(6)))
