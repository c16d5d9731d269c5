"""Candidates of requests, got ready once: what is remembered is never another request's."""

import random
from array import array
from dataclasses import replace

import pytest
from random_bundle import random_bundle

from tiny_dancer import Candidate, InvalidInputError, PackedCandidates, Router

DIMENSION = 24
BUNDLE = random_bundle(3, h=32, v=400, candidates=True)


def vector(seed):
    generator = random.Random(seed)
    return array("f", [generator.gauss(0, 1) for _ in range(DIMENSION)])


def candidate(n, **changes):
    metadata = {"team": ("search", "billing")[n % 2]}
    fields = {"embedding": vector(n), "metadata": metadata, "created_at": 0, "success_rate": 0.5}
    return Candidate(f"c{n}", **{**fields, **changes})


def packed(candidates):
    rows = array("f", [x for one in candidates for x in one.embedding])
    return PackedCandidates(
        [one.id for one in candidates],
        rows,
        created_at=[one.created_at for one in candidates],
        success_rate=[one.success_rate for one in candidates],
        metadata=[one.metadata for one in candidates],
    )


@pytest.fixture
def router():
    return Router(model=BUNDLE, clock=lambda: 1e6)


def ranked(router, candidates=None, **options):
    response = router.route(vector(99), candidates=candidates, **options)
    assert response.candidates_processed > 0
    return [(d.candidate_id, d.confidence, d.features) for d in response.decisions]


@pytest.mark.parametrize("way", ["resident", "packed", "objects"])
def test_each_number_of_rows_and_each_metadata_gets_its_own_answer(router, way):
    candidates = [candidate(n) for n in range(9)]
    given = {"resident": None, "packed": packed(candidates), "objects": candidates}[way]
    if way == "resident":
        router.set_candidates(candidates)
    asked = [
        (top_k, metadata)
        for top_k in (None, 1, 2, 9, 64)
        for metadata in (None, {}, {"team": "search"}, {"team": "x"}, {"a": "b", "team": "search"})
    ]
    fresh = {}
    for at, (top_k, metadata) in enumerate(asked):
        other = Router(model=BUNDLE, clock=lambda: 1e6)
        if way == "resident":
            other.set_candidates(candidates)
        alone = packed(candidates) if way == "packed" else given
        fresh[at] = ranked(other, alone, top_k=top_k, metadata=metadata)
        assert len(fresh[at]) == min(top_k or 9, 9)
    for _ in range(2):
        for at, (top_k, metadata) in enumerate(asked):
            assert ranked(router, given, top_k=top_k, metadata=metadata) == fresh[at]


def test_more_requests_than_are_remembered_are_answered_alike(router):
    own = packed([candidate(n) for n in range(5)])
    first = ranked(router, own, metadata={"team": "search"})
    for n in range(200):
        ranked(router, own, metadata={"n": str(n)})
    assert ranked(router, own, metadata={"team": "search"}) == first


@pytest.mark.parametrize("top_k", [True, 1.0, "1", 0, 65, -1])
@pytest.mark.parametrize("known", [1, 5])
def test_a_malformed_number_of_rows_is_refused_whatever_was_asked_before(router, top_k, known):
    own = packed([candidate(n) for n in range(5)])
    ranked(router, own, top_k=known)
    with pytest.raises(InvalidInputError, match="top_k: "):
        router.route(vector(1), candidates=own, top_k=top_k)


@pytest.mark.parametrize("metadata", [[], "", 0, {"a": 1}, {1: "a"}, {"a": []}, [("a", "b")]])
def test_malformed_metadata_is_refused_whatever_was_asked_before(router, metadata):
    own = packed([candidate(n) for n in range(5)])
    ranked(router, own)
    ranked(router, own, metadata={"a": "b"})
    with pytest.raises(InvalidInputError, match="metadata: "):
        router.route(vector(1), candidates=own, metadata=metadata)


def test_a_change_of_residents_changes_what_every_request_sees(router):
    candidates = [candidate(n) for n in range(6)]
    router.set_candidates(candidates)
    changes = [
        lambda: router.update_candidate(candidate(7)),
        lambda: router.update_candidate("c2", success_rate=1.0, metadata={"team": "law"}),
        lambda: router.remove_candidate("c0"),
        lambda: router.set_candidates(candidates[3:]),
        lambda: router.reload_model(random_bundle(4, h=32, v=400, candidates=True)),
    ]
    for change in changes:
        ranked(router, metadata={"team": "law"})
        change()
        other = Router(model=BUNDLE, clock=lambda: 1e6)
        if change is changes[-1]:
            other = Router(model=random_bundle(4, h=32, v=400, candidates=True), clock=lambda: 1e6)
        other.set_candidates(list(router._service.loaded.residents))
        for metadata in (None, {"team": "law"}):
            assert ranked(router, metadata=metadata) == ranked(other, metadata=metadata)


def test_the_same_list_is_packed_once_and_another_one_is_not_taken_for_it(router, monkeypatch):
    made = []
    of = PackedCandidates.of
    monkeypatch.setattr(PackedCandidates, "of", lambda *a: made.append(1) or of(*a))
    candidates = [candidate(n) for n in range(20)]
    first = ranked(router, candidates)
    assert ranked(router, candidates) == ranked(router, list(candidates)) == first
    assert len(made) == 1
    for other in (
        candidates[:-1],
        candidates[::-1],
        [*candidates[:-1], candidate(50)],
        [*candidates[:-1], replace(candidates[-1], success_rate=1.0)],
    ):
        again = Router(model=BUNDLE, clock=lambda: 1e6)
        assert ranked(router, other) == ranked(again, other)
    assert ranked(router, candidates) == first


def test_a_list_that_is_changed_in_place_is_another_list(router):
    candidates = [candidate(n) for n in range(5)]
    ranked(router, candidates)
    candidates[2] = candidate(70)
    assert "c70" in [name for name, *_ in ranked(router, candidates)]


def test_packed_vectors_are_read_anew_at_each_request(router):
    rows = array("f", [*vector(1), *vector(2)])
    own = PackedCandidates(["a", "b"], rows)
    before = ranked(router, own)
    rows[:DIMENSION] = vector(3)
    after = ranked(router, own)
    assert after != before
    assert after == ranked(router, PackedCandidates(["a", "b"], rows))


def test_two_routers_share_packed_candidates(router):
    own = packed([candidate(n) for n in range(7)])
    other = Router(model=random_bundle(9, h=16, v=400, candidates=True), clock=lambda: 1e6)
    ours, theirs = ranked(router, own), ranked(other, own)
    assert ours != theirs
    for _ in range(5):
        assert ranked(router, own) == ours
        assert ranked(other, own) == theirs


@pytest.mark.parametrize(
    "query",
    [
        vector(99).tolist(),
        array("d", vector(99)),
        memoryview(vector(99)),
        tuple(vector(99)),
    ],
    ids=["list", "float64", "view", "tuple"],
)
def test_every_way_to_write_a_query_gives_the_same_answer(router, query):
    own = packed([candidate(n) for n in range(7)])
    found = router.route(query, candidates=own).decisions
    assert found == router.route(vector(99), candidates=own).decisions


@pytest.mark.parametrize("query", [[1.0], [0.0] * 25, b"x" * 96, "x", None, object(), [True] * 24])
def test_a_query_that_fits_no_candidate_is_refused_after_good_ones_too(router, query):
    own = packed([candidate(n) for n in range(7)])
    good = ranked(router, own)
    with pytest.raises(InvalidInputError):
        router.route(query, candidates=own)
    assert ranked(router, own) == good
