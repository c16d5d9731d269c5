"""Resident candidates are encoded beside requests and put into service whole."""

import threading

import pytest
from patience import PATIENCE_S
from random_bundle import random_bundle

from tiny_dancer import Candidate, InvalidInputError, KernelError, Router
from tiny_dancer.hosts import open_scorer
from tiny_dancer.scoring.twin.scorer import TwinScorer

NOW = 1_700_000_000
BUNDLE = random_bundle(3, candidates=True)
PROMPT = "what is the theorem of the capital"


def named(n, text=None):
    text = text or f"the {n} of the city"
    return Candidate(f"c{n}", text=text, created_at=NOW, success_rate=0.5)


class Watched:
    """A scorer that counts and can hold up what it embeds, and can be lost."""

    def __init__(self, scorer):
        self._scorer = scorer
        self.embedded = 0
        self.passes, self.begun = threading.Event(), threading.Event()
        self.passes.set()
        self.is_lost = False

    def __getattr__(self, name):
        return getattr(self._scorer, name)

    def score_request(self, *arguments, **options):
        if self.is_lost:
            raise KernelError("trapped")
        return self._scorer.score_request(*arguments, **options)

    def embed(self, text):
        self.embedded += 1
        self.begun.set()
        assert self.passes.wait(PATIENCE_S)
        return self._scorer.embed(text)


@pytest.fixture
def opened():
    """Routers and the scorers that they opened."""

    def make():
        scorers = []

        def open_watched(bundle, max_tokens):
            scorers.append(Watched(open_scorer(bundle, max_tokens)))
            return scorers[-1]

        return Router(model=BUNDLE, clock=lambda: NOW, scorer=open_watched), scorers

    return make


def ids(router):
    return sorted(d.candidate_id for d in router.route(PROMPT).decisions)


def test_requests_go_on_while_candidates_are_encoded(opened):
    router, (scorer,) = opened()
    router.set_candidates([named(0), named(1)])
    scorer.begun.clear()
    scorer.passes.clear()
    change = threading.Thread(target=router.set_candidates, args=([named(n) for n in range(1, 4)],))
    change.start()
    assert scorer.begun.wait(PATIENCE_S)
    assert ids(router) == ["c0", "c1"]  # no lock is waited for, and it is the set as it was
    scorer.passes.set()
    change.join(PATIENCE_S)
    assert ids(router) == ["c1", "c2", "c3"]


def test_one_change_among_many_encodes_one(opened):
    router, (scorer,) = opened()
    many = [named(n) for n in range(50)]
    router.set_candidates(many)
    assert scorer.embedded == 50
    router.set_candidates([*many, named(50)])
    router.set_candidates([*many[1:], named(0, "another text")])
    assert scorer.embedded == 52
    fresh = Router(model=BUNDLE, clock=lambda: NOW)
    fresh.set_candidates([*many[1:], named(0, "another text")])
    assert plain(router) == plain(fresh)


def plain(router):
    return [(d.candidate_id, d.confidence, d.features) for d in router.route(PROMPT).decisions]


def test_a_twin_that_takes_over_encodes_none_and_serves_them_all(opened, monkeypatch):
    router, (scorer,) = opened()
    router.set_candidates([named(n) for n in range(20)])
    before = plain(router)

    def refuse(*_):
        raise AssertionError("a text was embedded again")

    monkeypatch.setattr(TwinScorer, "embed", refuse)
    scorer.is_lost = True
    assert plain(router) == before and router.scorer == "twin"


def test_requests_in_threads_all_have_candidates_while_the_twin_takes_over(opened):
    router, (scorer,) = opened()
    router.set_candidates([named(n) for n in range(20)])
    found, begin = [], threading.Barrier(8)

    def ask():
        begin.wait(PATIENCE_S)
        found.extend(len(router.route(PROMPT).decisions) for _ in range(3))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    scorer.is_lost = True
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert found == [20] * 24 and router.scorer == "twin"


def test_what_changes_while_a_bundle_is_got_ready_is_not_lost(opened):
    router, scorers = opened()
    router.set_candidates([named(0)])
    swap = router.prepare_model(random_bundle(4, candidates=True))
    router.set_candidates([named(0), named(1)])
    swap()
    assert ids(router) == ["c0", "c1"]
    assert scorers[1].embedded == 2  # c0 before, c1 as it came


def test_candidates_got_ready_by_another_bundle_are_encoded_by_the_one_that_came(opened):
    router, scorers = opened()
    hold = router.prepare_candidates([named(0)])
    router.reload_model(random_bundle(4, candidates=True))
    hold()
    assert ids(router) == ["c0"] and scorers[1].embedded == 1


def test_what_cannot_be_held_changes_nothing(opened):
    router, _ = opened()
    router.set_candidates([named(0)])
    with pytest.raises(InvalidInputError, match=r'candidate 1 \("c0"\): its id occurs twice'):
        router.prepare_candidates([named(0), named(0)])
    with pytest.raises(InvalidInputError, match="scores no candidates"):
        router.prepare_model(random_bundle(4))
    assert ids(router) == ["c0"]


def test_the_last_of_many_takes_the_place_of_one_that_goes(opened):
    router, (scorer,) = opened()
    router.set_candidates([named(n) for n in range(5)])
    router.remove_candidate("c1")
    assert scorer.embedded == 5
    fresh = Router(model=BUNDLE, clock=lambda: NOW)
    fresh.set_candidates([named(0), named(4), named(2), named(3)])
    assert plain(router) == plain(fresh)
