"""What a router promises about candidates, on a random bundle."""

import json
import threading
from array import array
from dataclasses import replace

import numpy as np
import pytest
from random_bundle import random_bundle
from some_candidates import BUNDLE, CANDIDATES, NOW, PLAIN, PROMPT, QUERY, candidate, plain

from tiny_dancer import (
    Candidate,
    InvalidInputError,
    PackedCandidates,
    Reason,
    Router,
    RouterConfig,
    RoutingRequest,
)
from tiny_dancer.hosts import open_twin


@pytest.fixture
def router():
    return Router(model=BUNDLE, clock=lambda: NOW)


def test_the_best_come_first_and_carry_every_number(router):
    response = router.route(QUERY, candidates=CANDIDATES, top_k=5)
    assert response.candidates_processed == 20
    assert [d.rank for d in response.decisions] == [0, 1, 2, 3, 4]
    confidences = [d.confidence for d in response.decisions]
    assert confidences == sorted(confidences, reverse=True)
    for decision in response.decisions:
        assert 0 < decision.uncertainty <= 1
        assert decision.score == 1 - decision.confidence
        assert decision.use_lightweight == (decision.confidence >= 0.5)
        assert all(0 <= x <= 1 for x in vars_of(decision.features))
    everything = json.loads(json.dumps(response.to_dict()))
    assert everything == response.to_dict()
    assert len(everything["decisions"]) == 5


def vars_of(features):
    return [getattr(features, name) for name in features.__slots__]


def test_without_text_the_best_candidate_decides(router):
    response = router.route(QUERY, candidates=CANDIDATES)
    best = response.decisions[0]
    assert (response.confidence, response.use_lightweight) == (
        best.confidence,
        best.use_lightweight,
    )
    assert response.model == ("light" if best.use_lightweight else "powerful")
    assert response.uncertainty == best.uncertainty
    assert response.probabilities == ()


def test_with_text_the_text_decides_and_candidates_are_ranked(router):
    request = RoutingRequest(PROMPT, QUERY, CANDIDATES)
    response = router.route(request)
    alone = router.route(PROMPT)
    assert (response.score, response.model, response.reason) == (
        alone.score,
        alone.model,
        alone.reason,
    )
    assert len(response.decisions) == 20
    without = router.route(QUERY, candidates=CANDIDATES)
    assert plain(response.decisions) != plain(without.decisions)  # the start state differs


@pytest.mark.parametrize("form", ["list", "numpy32", "numpy64", "array", "memoryview"])
def test_a_query_may_be_any_numbers(router, form):
    forms = {
        "list": list(QUERY),
        "numpy32": np.array(QUERY, np.float32),
        "numpy64": np.array(QUERY, np.float64),
        "array": QUERY,
        "memoryview": memoryview(QUERY),
    }
    expected = router.route(QUERY, candidates=CANDIDATES)
    assert plain(router.route(forms[form], candidates=CANDIDATES).decisions) == plain(
        expected.decisions
    )


def packed():
    return PackedCandidates(
        [c.id for c in CANDIDATES],
        np.array([c.embedding for c in CANDIDATES], np.float32),
        created_at=[c.created_at for c in CANDIDATES],
        access_count=[c.access_count for c in CANDIDATES],
        success_rate=[c.success_rate for c in CANDIDATES],
        metadata=[c.metadata for c in CANDIDATES],
    )


def test_packed_candidates_give_the_same_as_objects(router):
    objects = router.route(QUERY, candidates=CANDIDATES, metadata={"team": "a"})
    one_piece = router.route(QUERY, candidates=packed(), metadata={"team": "a"})
    assert plain(one_piece.decisions) == plain(objects.decisions)
    assert {d.features.metadata_overlap for d in objects.decisions} == {0.0, 1.0}


def test_resident_candidates_rank_alike_within_their_eight_bits(router):
    router.set_candidates(CANDIDATES)
    resident = {d.candidate_id: d for d in router.route(QUERY).decisions}
    given = {d.candidate_id: d for d in router.route(QUERY, candidates=CANDIDATES).decisions}
    for name, decision in given.items():
        assert abs(resident[name].features.similarity - decision.features.similarity) < 4e-3
        assert vars_of(resident[name].features)[1:] == vars_of(decision.features)[1:]


def test_residents_can_be_added_changed_and_removed(router):
    for c in CANDIDATES:
        router.update_candidate(c)
    one_by_one = plain(router.route(QUERY).decisions)
    router.set_candidates(CANDIDATES)
    assert plain(router.route(QUERY).decisions) == one_by_one
    router.update_candidate("c3", success_rate=1.0, metadata={"team": "z"})
    changed = {d.candidate_id: d for d in router.route(QUERY, metadata={"team": "z"}).decisions}
    assert changed["c3"].features.success_rate == 1.0
    assert changed["c3"].features.metadata_overlap == 1.0
    for name in ("c0", "c19", "c7"):
        router.remove_candidate(name)
    left = [c for c in CANDIDATES if c.id not in ("c0", "c19", "c7", "c3")]
    expected = {d.candidate_id: d.confidence for d in router.route(QUERY).decisions}
    assert expected.keys() == {c.id for c in left} | {"c3"}
    router.set_candidates([])
    assert router.route(PROMPT).decisions == ()


def test_a_malformed_candidate_is_named_and_the_residents_stay(router):
    router.set_candidates(CANDIDATES)
    before = plain(router.route(QUERY).decisions)
    for wrong, message in (
        ([*CANDIDATES[:3], candidate(30, dimension=7)], r'candidate 3 \("c30"\): embedding has 7'),
        ([CANDIDATES[0], CANDIDATES[0]], r'candidate 1 \("c0"\): its id occurs twice'),
        ([CANDIDATES[0], {"id": "x"}], "candidate 1: a Candidate is needed, got dict"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            router.set_candidates(wrong)
    with pytest.raises(InvalidInputError, match="embedding has 7 numbers, the resident"):
        router.update_candidate(candidate(30, dimension=7))
    with pytest.raises(InvalidInputError, match="there is none of this name"):
        router.remove_candidate("nobody")
    with pytest.raises(InvalidInputError, match="nobody"):
        router.update_candidate("nobody", access_count=1)
    with pytest.raises(InvalidInputError, match="c1"):
        router.update_candidate("c1", colour="red")
    assert plain(router.route(QUERY).decisions) == before


def test_candidates_given_by_text_are_compared_with_the_text(router):
    texts = [
        Candidate(f"t{i}", text=text, created_at=NOW, success_rate=0.5)
        for i, text in enumerate(("the capital city", PROMPT, "write code"))
    ]
    response = router.route(PROMPT, candidates=texts)
    found = {d.candidate_id: d.features.similarity for d in response.decisions}
    assert max(found, key=found.get) == "t1"
    assert found["t1"] == pytest.approx(1, abs=1e-6)
    router.set_candidates(texts)
    assert {d.candidate_id for d in router.route(PROMPT).decisions} == {"t0", "t1", "t2"}


def test_embedding_is_a_unit_vector_and_zero_for_nothing(router):
    assert sum(x * x for x in router.embed(PROMPT)) == pytest.approx(1, abs=1e-6)
    assert not any(router.embed(""))
    with pytest.raises(InvalidInputError, match="text: a str"):
        router.embed(b"x")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"candidates": CANDIDATES, "top_k": 0}, "top_k"),
        ({"candidates": CANDIDATES, "top_k": 65}, "top_k"),
        ({"candidates": CANDIDATES, "top_k": True}, "top_k"),
        ({"candidates": CANDIDATES, "metadata": {"a": 1}}, "metadata"),
        ({"candidates": [candidate(0, dimension=7)]}, "it has 24 numbers, the candidates have 7"),
        ({"candidates": [1]}, "candidate 0: a Candidate"),
    ],
)
def test_a_malformed_call_names_the_argument(router, arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        router.route(QUERY, **arguments)


def test_vector_candidates_need_a_query_vector(router):
    with pytest.raises(InvalidInputError, match="query_embedding: it is needed"):
        router.route(PROMPT, candidates=CANDIDATES)


def test_a_query_that_is_not_finite_is_refused(router):
    for value in (float("nan"), float("inf"), 3e38):
        with pytest.raises(InvalidInputError):
            router.route(array("f", [value] * 24), candidates=CANDIDATES)
    assert router.route(array("f", bytes(96)), candidates=CANDIDATES).decisions


@pytest.mark.parametrize("candidates", [None, []])
def test_a_vector_without_candidates_is_nothing_to_score(router, candidates):
    response = router.route(QUERY, candidates=candidates)
    assert (response.model, response.reason) == ("powerful", Reason.NOTHING_TO_SCORE)


def test_a_bundle_without_a_candidate_scorer_says_so():
    router = Router(model=PLAIN)
    with pytest.raises(InvalidInputError, match="scores none"):
        router.set_candidates(CANDIDATES)
    assert router.route(QUERY, candidates=CANDIDATES).reason == Reason.NO_MODEL
    assert router.route(RoutingRequest(PROMPT, QUERY, CANDIDATES)).decisions == ()


def test_the_gate_holds_for_candidates():
    strict = Router(RouterConfig(confidence_threshold=1.0), model=BUNDLE, clock=lambda: NOW)
    response = strict.route(QUERY, candidates=CANDIDATES)
    assert response.reason == Reason.GATE_CONFIDENCE
    assert not any(d.use_lightweight for d in response.decisions)
    unsure = Router(RouterConfig(max_uncertainty=0.0), model=BUNDLE, clock=lambda: NOW)
    assert not any(d.use_lightweight for d in unsure.route(QUERY, candidates=CANDIDATES).decisions)


def test_recency_follows_the_clock():
    young = Router(model=BUNDLE, clock=lambda: NOW)
    old = Router(model=BUNDLE, clock=lambda: NOW + 604_800)
    ages = [
        r.route(QUERY, candidates=[CANDIDATES[0]]).decisions[0].features.recency
        for r in (young, old)
    ]
    assert ages == pytest.approx([1.0, 0.5], abs=1e-6)


def test_the_twin_ranks_alike(router):
    twin = Router(model=BUNDLE, clock=lambda: NOW, scorer=open_twin)
    request = RoutingRequest(PROMPT, QUERY, CANDIDATES, {"team": "b"})
    assert plain(twin.route(request).decisions) == plain(router.route(request).decisions)


def test_route_many_keeps_the_order(router):
    prompts = [f"{PROMPT} {i}" for i in range(30)]
    assert [r.score for r in router.route_many(iter(prompts))] == [
        router.route(p).score for p in prompts
    ]


def test_threads_route_and_reload_without_a_mixed_answer():
    bundles = [random_bundle(s, candidates=True) for s in (3, 4)]
    expected = {}
    for data in bundles:
        router = Router(model=data, clock=lambda: NOW)
        router.set_candidates(CANDIDATES)
        answer = router.route(RoutingRequest(PROMPT, QUERY))
        expected[router.bundle.bundle_hash] = (answer.score, plain(answer.decisions))
    router = Router(model=bundles[0], clock=lambda: NOW)
    router.set_candidates(CANDIDATES)
    stop, wrong = threading.Event(), []

    def ask():
        while not stop.is_set():
            answer = router.route(RoutingRequest(PROMPT, QUERY))
            if (answer.score, plain(answer.decisions)) != expected[answer.bundle_hash]:
                wrong.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(40):
        router.reload_model(bundles[turn % 2])
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_replaced_candidate_must_be_whole(router):
    router.set_candidates(CANDIDATES)
    with pytest.raises(InvalidInputError, match="changes: they go with a name"):
        router.update_candidate(replace(CANDIDATES[0], access_count=9), access_count=10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ids": []}, "ids: 1 to"),
        ({"ids": ["a", "a"]}, "ids: one occurs twice"),
        ({"embeddings": [1.0, 2.0]}, "embeddings: a buffer of float32"),
        ({"embeddings": np.zeros(4, np.float64)}, "embeddings: contiguous float32"),
        ({"embeddings": np.zeros(5, np.float32)}, "5 numbers do not make 2 vectors"),
        ({"success_rate": [0.5]}, "success_rate: 2 numbers are needed"),
        ({"success_rate": [0.5, 1.5]}, "success_rate: index 1"),
        ({"access_count": [0, -1]}, "access_count: index 1"),
        ({"created_at": [0, float("nan")]}, "created_at: index 1"),
        ({"metadata": [{}]}, "metadata: 2 mappings"),
    ],
)
def test_malformed_packed_candidates_are_refused_by_name(arguments, message):
    fields = {"ids": ["a", "b"], "embeddings": np.zeros((2, 2), np.float32), **arguments}
    ids, embeddings = fields.pop("ids"), fields.pop("embeddings")
    with pytest.raises(InvalidInputError, match=message):
        PackedCandidates(ids, embeddings, **fields)


def test_an_emptied_set_takes_another_dimension(router):
    router.set_candidates([candidate(1)])
    router.remove_candidate("c1")
    router.update_candidate(candidate(2, 32))
    assert [d.candidate_id for d in router.route([1.0] * 32).decisions] == ["c2"]
