"""A text of a megabyte: only its ends are read, and they become bytes once."""

import asyncio
import sys

import pytest

from tiny_dancer import Candidate, PackedCandidates, Policy, Router, RoutingRequest
from tiny_dancer.explanation import explain_prompt
from tiny_dancer.history import MemoryStore
from tiny_dancer.text import BACK_BYTES, FRONT_BYTES

TEXT = "Wie hoch ist der Mount Everest? " * 32_768
FIELDS = {"created_at": 0, "success_rate": 0.5}
NAMED = [Candidate("a", text="mountains", **FIELDS), Candidate("b", text="sums", **FIELDS)]


def encoded(call) -> list[int]:
    """Characters of every text of some length that becomes bytes in a call."""
    found = []

    def note(frame, event, called):
        text = getattr(called, "__self__", None)
        if event == "c_call" and called.__name__ == "encode" and len(text) > 1_000:
            found.append(len(text))

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return found


def packed(router: Router) -> PackedCandidates:
    return PackedCandidates(["a", "b"], router.embed("sums") * 2)


async def followed_policy(router: Router, store: MemoryStore) -> Policy:
    policy = Policy(0.25, bundle_hash=router.bundle.bundle_hash)
    assert await store.swap_state("policy", policy.bundle_hash, policy.to_json(), 0)
    await router.refresh()
    return policy


@pytest.mark.parametrize("has_store", [False, True], ids=["no-store", "store"])
@pytest.mark.parametrize("has_residents", [False, True], ids=["no-residents", "residents"])
def test_a_megabyte_becomes_bytes_once(has_store, has_residents):
    with Router(store=MemoryStore() if has_store else None) as router:
        if has_residents:
            router.set_candidates(NAMED)
        calls = {
            "route": lambda: router.route(TEXT),
            "score": lambda: router.score(TEXT),
            "policy": lambda: router.route(TEXT, policy=Policy(0.5)),
            "objects": lambda: router.route(TEXT, candidates=NAMED, top_k=1),
            "packed": lambda: router.route(TEXT, candidates=packed(router)),
            "request": lambda: router.route(RoutingRequest(prompt=TEXT, metadata={"a": "b"})),
            "many": lambda: list(router.route_many([TEXT])),
            "embed": lambda: router.embed(TEXT),
            "read": lambda: router.route(TEXT).to_dict(),
            "metrics": lambda: (router.route(TEXT), router.metrics()),
        }
        found = {name: encoded(call) for name, call in calls.items()}
    assert found == {name: [FRONT_BYTES + 1 + BACK_BYTES] for name in calls}


def test_a_megabyte_becomes_bytes_once_where_a_stored_policy_is_followed():
    store = MemoryStore()
    with Router(store=store) as router:
        policy = asyncio.run(followed_policy(router, store))
        responses = []
        assert len(encoded(lambda: responses.append(router.route(TEXT)))) == 1
        assert responses[0].threshold == policy.threshold


def test_an_explanation_makes_bytes_once_of_each_text_that_it_scores():
    router, found = Router(), []
    sizes = encoded(lambda: found.append(explain_prompt(router, TEXT)))
    texts = 1 + len(found[0].spans) + 1  # the prompt, it without each part, and for its cues
    assert sizes == [FRONT_BYTES + 1 + BACK_BYTES] * texts
