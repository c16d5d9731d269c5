"""What residents live through: a failed kernel, and reloads, good and bad."""

from array import array

import pytest
from random_bundle import random_bundle
from some_candidates import BUNDLE, CANDIDATES, NOW, PLAIN, PROMPT, QUERY, candidate, plain

from tiny_dancer import BundleError, InvalidInputError, KernelError, Router
from tiny_dancer.hosts import open_scorer
from tiny_dancer.model import read_bundle


@pytest.fixture
def router():
    return Router(model=BUNDLE, clock=lambda: NOW)


def open_failing(bundle, max_tokens):
    """A kernel whose requests with candidates fail once there is something to lose."""
    kernel = open_scorer(bundle, max_tokens)

    def fail(*_, **__):
        raise KernelError("trapped")

    kernel.score_request = fail
    return kernel


def test_a_failed_kernel_leaves_the_residents(router):
    router.set_candidates(CANDIDATES)
    expected = plain(router.route(QUERY).decisions)
    failing = Router(model=BUNDLE, clock=lambda: NOW, scorer=open_failing)
    failing.set_candidates(CANDIDATES)
    assert failing.scorer == "kernel"
    assert plain(failing.route(QUERY).decisions) == expected
    assert failing.scorer == "twin"


@pytest.mark.parametrize("dimension", [24, 32])
def test_a_reload_while_the_kernel_fails_leaves_the_residents_with_the_new_bundle(dimension):
    """The failure is of the old bundle; what it does must not touch what the reload brought."""
    old = random_bundle(3, candidates=True)
    new = random_bundle(4, candidates=True)
    candidates = [candidate(at, dimension) for at in range(8)]
    query = array("f", [1.0, *[0.5] * (dimension - 1)])

    def open_old(bundle, max_tokens):
        kernel = open_scorer(bundle, max_tokens)
        if bundle.bundle_hash == read_bundle(old).bundle_hash:

            def fail(text, **_):
                router.reload_model(new)
                raise KernelError("trapped")

            kernel.score_text = fail
        return kernel

    router = Router(model=old, clock=lambda: NOW, scorer=open_old)
    router.set_candidates(candidates)
    router.route(PROMPT, candidates=())
    fresh = Router(model=new, clock=lambda: NOW)
    fresh.set_candidates(candidates)
    assert router.scorer == "kernel", "the new bundle's kernel has not failed"
    assert plain(router.route(query).decisions) == plain(fresh.route(query).decisions)
    assert router.route(PROMPT, candidates=()).score == fresh.route(PROMPT, candidates=()).score


def test_reload_keeps_the_residents_and_gives_both_hashes(router):
    router.set_candidates(CANDIDATES)
    other = random_bundle(4, candidates=True)
    before = router.bundle.bundle_hash
    hashes = router.reload_model(other)
    assert (hashes.before, hashes.after) == (before, router.bundle.bundle_hash)
    assert len(router.route(QUERY).decisions) == 20
    fresh = Router(model=other, clock=lambda: NOW)
    fresh.set_candidates(CANDIDATES)
    assert plain(fresh.route(QUERY).decisions) == plain(router.route(QUERY).decisions)


def test_a_bad_reload_leaves_the_bundle_in_service(router):
    router.set_candidates(CANDIDATES)
    before = plain(router.route(QUERY).decisions)
    with pytest.raises(BundleError):
        router.reload_model(BUNDLE[:-1])
    with pytest.raises(InvalidInputError, match="scores no candidates"):
        router.reload_model(PLAIN)
    assert plain(router.route(QUERY).decisions) == before


def test_a_reload_without_a_source_reads_the_routers_own_file(tmp_path):
    file = tmp_path / "mine.safetensors"
    file.write_bytes(BUNDLE)
    router = Router(model=file)
    file.write_bytes(PLAIN)
    hashes = router.reload_model()
    assert hashes.after == read_bundle(PLAIN).bundle_hash != hashes.before
