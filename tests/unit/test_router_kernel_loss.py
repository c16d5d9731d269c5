"""A kernel that is lost in any call is replaced by the twin."""

import random
from array import array

import pytest
from random_bundle import random_bundle

from tiny_dancer import Candidate, KernelError, Router
from tiny_dancer.hosts import open_scorer

NOW = 1_700_000_000
BUNDLE = random_bundle(3, candidates=True)
PROMPT = "what is the theorem of the capital"
dice = random.Random(1)


def numbers():
    return [dice.gauss(0, 1) for _ in range(24)]


CANDIDATES = [
    Candidate(f"c{n}", embedding=numbers(), created_at=NOW - 86_400 * n, success_rate=n / 10)
    for n in range(10)
]
QUERY = array("f", numbers())


@pytest.fixture
def router():
    return Router(model=BUNDLE, clock=lambda: NOW)


def plain(decisions):
    return [(d.candidate_id, d.confidence, d.features) for d in decisions]


class Failing:
    """A kernel that is lost with its next call."""

    def __init__(self, kernel):
        self._kernel = kernel
        self.is_lost = False

    def __getattr__(self, name):
        value = getattr(self._kernel, name)
        if not callable(value):
            return value

        def call(*arguments, **options):
            if self.is_lost:
                raise KernelError("trapped")
            return value(*arguments, **options)

        return call


def by_text(name):
    return Candidate(name, text=f"the {name}", created_at=NOW, success_rate=0.5)


def ranked(router):
    return plain(router.route(QUERY).decisions)


@pytest.mark.parametrize(
    "use",
    [
        lambda router: plain(router.route(list(QUERY), candidates=CANDIDATES).decisions),
        lambda router: plain(router.route(list(QUERY)).decisions),
        lambda router: plain(router.route(PROMPT, candidates=[by_text("city")]).decisions),
        lambda router: router.embed("the capital").tolist(),
        lambda router: router.set_candidates(CANDIDATES[3:]) or ranked(router),
        lambda router: router.update_candidate("c1", access_count=70) or ranked(router),
        lambda router: router.remove_candidate("c0") or ranked(router),
    ],
    ids=["list", "resident", "text", "embed", "set", "update", "remove"],
)
def test_a_kernel_that_is_lost_in_any_call_is_replaced_by_the_twin(router, use):
    kernels = []

    def open_kernel(bundle, max_tokens):
        kernels.append(Failing(open_scorer(bundle, max_tokens)))
        return kernels[-1]

    failing = Router(model=BUNDLE, clock=lambda: NOW, scorer=open_kernel)
    for one in (router, failing):
        one.set_candidates(CANDIDATES)
    kernels[0].is_lost = True
    assert use(failing) == use(router)
    assert failing.scorer == "twin"
