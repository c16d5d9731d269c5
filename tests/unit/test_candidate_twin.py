"""The twin's candidates: the formulas in binary64 within binary32's error, and the exact edges."""

import random
from array import array

import numpy as np
import pytest
from pools import score_request
from random_bundle import CANDIDATE, random_bundle
from repacked import repacked

from tiny_dancer.candidates.layout import F32_ROWS, INT8_ROWS, Packed, columns
from tiny_dancer.candidates.registration import int8_row
from tiny_dancer.errors import InvalidInputError, KernelError
from tiny_dancer.model import read_bundle
from tiny_dancer.scoring.twin.scorer import TwinScorer

NOW = 1_700_000_000
BUNDLE = read_bundle(random_bundle(4, h=32, candidates=True))


@pytest.fixture
def twin():
    return TwinScorer(BUNDLE, 64)


def packed(vectors, format=F32_ROWS, created=(), pairs=(), frequency=(), success=()):
    n, dimension = len(vectors), len(vectors[0])

    def each(values, default):
        return [*values, *[default] * (n - len(values))]

    if format == F32_ROWS:
        rows = array("f", [x for vector in vectors for x in vector])
    else:
        rows = array("b", [x for v in vectors for x in int8_row(array("f", v))])
    kept = columns(each(created, NOW), each(pairs, 0), each(frequency, 0.5), each(success, 0.5))
    return Packed(n, dimension, format, rows, kept)


def vectors(n, dimension, seed=1):
    generator = random.Random(seed)
    return [[generator.gauss(0, 1) for _ in range(dimension)] for _ in range(n)]


def tensor(name, *shape):
    return np.array(BUNDLE.tensors[name], np.float64).reshape(shape)


def reference(features, state):
    """Logits of the candidate step in binary64."""
    shared = features @ tensor("candidate.w", 5, 8) + state @ tensor("candidate.u", 8, 8)
    z = 1 / (1 + np.exp(-(shared + tensor("candidate.bias_z", 8))))
    c = np.tanh(shared + tensor("candidate.bias_h", 8))
    h = (CANDIDATE.zeta * (1 - z) + CANDIDATE.nu) * c + z * state
    return h @ tensor("candidate.head", 8) + CANDIDATE.bias


def features(ranking):
    rows = sorted(ranking)
    return rows, np.array([row[3:] for row in rows], np.float64)


@pytest.mark.parametrize("text", [None, b"what is the capital of theorem"])
@pytest.mark.parametrize(("format", "tolerance"), [(F32_ROWS, 1e-6), (INT8_ROWS, 5e-3)])
def test_scores_are_those_of_the_formulas(twin, text, format, tolerance):
    rows, query = vectors(20, 37), vectors(1, 37, seed=2)[0]
    ages = [n * 86_400 for n in range(20)]
    bits = [n * 7 for n in range(20)]
    shares = [n / 20 for n in range(20)]
    own = packed(rows, format, [NOW - age for age in ages], bits, shares, shares[::-1])
    score = score_request(
        twin, text, array("f", query), own, k=64, now=NOW, pairs=0b1011, n_pairs=5, head_inputs=True
    )
    got, x = features(score.ranking)
    a, q = np.array(rows), np.array(query)
    cosines = a @ q / np.linalg.norm(a, axis=1) / np.linalg.norm(q)
    assert x[:, 0] == pytest.approx(0.5 + 0.5 * cosines, abs=tolerance)
    assert x[:, 1] == pytest.approx(2.0 ** (-np.array(ages) / CANDIDATE.half_life_s), rel=3e-7)
    assert x[:, 2:4] == pytest.approx(np.array([shares, shares[::-1]]).T, abs=1e-7)
    assert list(x[:, 4]) == [np.float32((n * 7 & 0b1011).bit_count() / 5) for n in range(20)]
    state = tensor("candidate.start", 8)
    if text is not None:
        state = np.tanh(np.array(score.text.head_inputs[:32]) @ tensor("candidate.project", 32, 8))
    logits = reference(x, state)
    assert [row.logit for row in got] == pytest.approx(logits, abs=2e-5)
    odds = 0.9 / 20 * np.exp(logits)
    chances = odds / (0.1 + odds.sum())
    assert [row.probability for row in got] == pytest.approx(chances, abs=1e-5)
    assert score.text == (None if text is None else twin.score_text(text, head_inputs=True))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 27, 64])
def test_of_equal_candidates_each_gets_its_share_of_the_chance_that_one_fits(twin, n):
    rows, query = vectors(1, 16, seed=1) * n, array("f", vectors(1, 16, seed=9)[0])
    ranking = score_request(twin, None, query, packed(rows), k=64, now=NOW).ranking
    (chance,) = {row.probability for row in ranking}
    likelihood = float(np.exp(ranking[0].logit))
    assert n * chance == pytest.approx(0.9 * likelihood / (0.1 + 0.9 * likelihood), rel=1e-5)


def test_the_chance_does_not_depend_on_how_many_are_asked_for(twin):
    rows, query = vectors(30, 16, seed=4), array("f", vectors(1, 16, seed=9)[0])
    few = score_request(twin, None, query, packed(rows), k=3, now=NOW).ranking
    every = score_request(twin, None, query, packed(rows), k=30, now=NOW).ranking
    assert [row.probability for row in few] == [row.probability for row in every][:3]


def test_the_best_come_first_and_of_equals_the_lower_index(twin):
    rows = [vectors(1, 16, seed=n % 3)[0] for n in range(30)]
    query = array("f", vectors(1, 16, seed=9)[0])
    ranking = score_request(twin, None, query, packed(rows), k=64, now=NOW).ranking
    order = [(-row.logit, row.position) for row in ranking]
    assert order == sorted(order)
    assert len({row.logit for row in ranking}) == 3
    few = score_request(twin, None, query, packed(rows), k=7, now=NOW).ranking
    assert list(few) == list(ranking)[:7]
    assert len(score_request(twin, None, query, packed(rows), k=0, now=NOW).ranking) == 0


def test_more_than_sixty_four_give_the_best_sixty_four(twin):
    rows, query = vectors(100, 16), array("f", vectors(1, 16, seed=9)[0])
    ranking = score_request(twin, None, query, packed(rows), k=64, now=NOW).ranking
    single = [
        score_request(twin, None, query, packed([row]), k=1, now=NOW).ranking[0].logit
        for row in rows
    ]
    assert [row.position for row in ranking] == sorted(range(100), key=lambda i: -single[i])[:64]
    assert all(row.logit == single[row.position] for row in ranking)


@pytest.mark.parametrize("format", [F32_ROWS, INT8_ROWS])
def test_zero_rows_and_zero_queries_are_neither_near_nor_far(twin, format):
    rows = [[0.0] * 5, [1.0] * 5]
    query = array("f", [1.0] * 5)
    zero, same = sorted(
        score_request(twin, None, query, packed(rows, format), k=2, now=NOW).ranking
    )
    assert zero.similarity == 0.5
    assert same.similarity == pytest.approx(1.0, abs=1e-6)
    none = score_request(twin, None, array("f", [0.0] * 5), packed(rows, format), k=2, now=NOW)
    assert [row.similarity for row in none.ranking] == [0.5, 0.5]


def test_ages_are_held_within_their_range(twin):
    created = [2**31 - 1, NOW + 1, NOW, -(2**31)]
    own = packed(vectors(4, 3), created=created)
    score = score_request(twin, None, array("f", [1, 2, 3]), own, k=4, now=NOW)
    assert [row.recency for row in sorted(score.ranking)] == [1.0, 1.0, 1.0, 2.0**-30]


def test_without_pairs_in_the_request_nothing_overlaps(twin):
    own = packed(vectors(1, 3), pairs=[(1 << 128) - 1])
    query = array("f", [1, 2, 3])
    for pairs, number, overlap in ((0, 0, 0.0), (1 << 127, 1, 1.0), ((1 << 128) - 1, 256, 0.5)):
        score = score_request(twin, None, query, own, k=1, now=NOW, pairs=pairs, n_pairs=number)
        assert score.ranking[0].overlap == overlap


def test_the_text_is_the_query_where_none_is_given(twin):
    text = b"proof of the theorem"
    embedding = twin.embed(text)
    assert np.linalg.norm(embedding) == pytest.approx(1.0, abs=1e-6)
    own = packed([list(embedding), *vectors(5, 32)])
    assert score_request(twin, text, None, own, k=6, now=NOW) == score_request(
        twin, text, embedding, own, k=6, now=NOW
    )
    nearest = max(
        score_request(twin, text, None, own, k=6, now=NOW).ranking, key=lambda row: row.similarity
    )
    assert nearest.position == 0
    assert not any(twin.embed(b""))


def test_the_start_state_can_be_the_learned_one_though_there_is_a_text(twin):
    own, query = packed(vectors(4, 8)), array("f", vectors(1, 8, seed=3)[0])
    without = score_request(twin, None, query, own, k=4, now=NOW).ranking
    text = b"what is the capital"
    learned = score_request(twin, text, query, own, k=4, now=NOW, start_from_text=False).ranking
    started = score_request(twin, text, query, own, k=4, now=NOW).ranking
    assert learned == without != started


@pytest.mark.parametrize("format", [F32_ROWS, INT8_ROWS])
def test_residents_score_as_a_request_s_own_candidates_do(twin, format):
    rows, query = vectors(12, 40), array("f", vectors(1, 40, seed=3)[0])
    own = packed(rows, format, frequency=[n / 12 for n in range(12)])
    twin.reserve(20, 40, format)
    twin.write(0, own)
    want = score_request(twin, None, query, own, k=12, now=NOW)
    assert score_request(twin, None, query, 12, k=12, now=NOW) == want
    twin.write(3, packed(vectors(2, 40, seed=7), format))
    changed = sorted(score_request(twin, None, query, 12, k=12, now=NOW).ranking)
    numbers = [[(*r[:2], *r[3:]) for r in rows] for rows in (sorted(want.ranking), changed)]
    assert [i for i, (a, b) in enumerate(zip(*numbers, strict=True)) if a != b] == [3, 4]
    assert len(score_request(twin, None, query, 0, k=12, now=NOW).ranking) == 0


@pytest.mark.parametrize(
    "own",
    [
        packed([[1.0, 2.0], [float("nan"), 1.0]]),
        packed([[1.0, 2.0], [float("inf"), 1.0]]),
        packed([[1.0, 2.0], [1.8e19, 1.0]]),
        packed([[1.0, 2.0], [1.0, 2.0]], frequency=[0.5, 1.0001]),
        packed([[1.0, 2.0], [1.0, 2.0]], success=[0.5, -0.1]),
        packed([[1.0, 2.0], [1.0, 2.0]], success=[0.5, float("nan")]),
    ],
)
def test_a_bad_candidate_is_named_and_residents_stay(twin, own):
    twin.reserve(2, 2, F32_ROWS)
    twin.write(0, packed([[1.0, 2.0], [2.0, 1.0]]))
    query = array("f", [1.0, 1.0])
    before = score_request(twin, None, query, 2, k=2, now=NOW)
    with pytest.raises(InvalidInputError, match="candidate 1"):
        score_request(twin, None, query, own, k=2, now=NOW)
    with pytest.raises(InvalidInputError, match="candidate 1"):
        twin.write(0, own)
    assert score_request(twin, None, query, 2, k=2, now=NOW) == before


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1.8e19, 1e-31])
def test_a_query_that_sums_cannot_hold_is_refused(twin, bad):
    with pytest.raises(InvalidInputError, match="query"):
        score_request(twin, None, array("f", [bad, 0.0]), packed([[1.0, 2.0]]), k=1, now=NOW)


def test_what_does_not_fit_is_refused(twin):
    query = array("f", [1.0, 1.0])
    own = packed([[1.0, 2.0]])
    for fault, call in (
        (ValueError, lambda: twin.write(0, own)),
        (KernelError, lambda: score_request(twin, None, query, 1, k=1, now=NOW)),
        (KernelError, lambda: score_request(twin, None, query, own, k=65, now=NOW)),
        (KernelError, lambda: score_request(twin, None, None, own, k=1, now=NOW)),
        (ValueError, lambda: score_request(twin, None, array("f", [1.0]), own, k=1, now=NOW)),
        (ValueError, lambda: repacked(own, n=2)),
        (InvalidInputError, lambda: twin.reserve(1, 2_049, F32_ROWS)),
        (InvalidInputError, lambda: twin.reserve(65_537, 1, INT8_ROWS)),
    ):
        with pytest.raises(fault):
            call()
    twin.reserve(1, 2, F32_ROWS)
    with pytest.raises(ValueError, match="fit"):
        twin.write(1, own)
    with pytest.raises(ValueError, match="fit"):
        twin.write(0, packed([[1.0]]))


def test_a_bundle_without_the_group_scores_no_candidates():
    twin = TwinScorer(read_bundle(random_bundle(4)), 64)
    with pytest.raises(KernelError, match="no candidates"):
        score_request(twin, None, array("f", [1.0]), packed([[1.0]]), k=1, now=NOW)
    assert len(twin.embed(b"what")) == 16
