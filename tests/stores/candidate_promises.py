"""What every store promises of candidates."""

from stores.samples import (
    ODD,
    candidate,
    refuses,
)

from tiny_dancer.candidates.candidate import Candidate
from tiny_dancer.errors import InvalidInputError


async def promise_candidates_come_back_as_they_were(open_store):
    store = await open_store()
    wanted = [
        candidate(1),
        candidate(2, embedding=None, text="a text"),
        candidate(3, metadata={}, access_count=(1 << 53) - 1, success_rate=1 / 3),
        candidate(4, embedding=[0.1] * 2048),
        Candidate("odd", text=ODD[0], metadata={o: o for o in ODD}, created_at=0, success_rate=1),
    ]
    await store.insert_candidates(wanted)
    for one in wanted:
        assert await store.get_candidate(one.id) == one
    assert await store.query_candidates() == wanted
    assert await store.get_candidate("nobody") is None


async def promise_a_candidate_is_replaced_in_its_place(open_store):
    store = await open_store()
    await store.insert_candidates([candidate(n) for n in range(3)])
    new = candidate(1, embedding=None, text="new", access_count=9)
    await store.insert_candidates([new])
    assert await store.query_candidates() == [candidate(0), new, candidate(2)]


async def promise_candidates_come_in_pages_and_by_metadata(open_store):
    store = await open_store()
    await store.insert_candidates([candidate(n) for n in range(120)])
    ids = [c.id for c in await store.query_candidates()]
    assert ids == [f"c-{n}" for n in range(50)]
    ids = [c.id for c in await store.query_candidates(20, 110)]
    assert ids == [f"c-{n}" for n in range(110, 120)]
    odd = await store.query_candidates(3, 1, {"topic": "odd"})
    assert [c.id for c in odd] == ["c-3", "c-5", "c-7"]
    assert [c.id for c in await store.query_candidates(9, 0, {"topic": "odd", "n": "7"})] == ["c-7"]
    assert await store.query_candidates(9, 0, {"topic": "odd", "n": "8"}) == []
    assert await store.query_candidates(9, 0, {"absent": "x"}) == []
    assert await store.query_candidates(0) == []


async def promise_a_deleted_candidate_is_gone(open_store):
    store = await open_store()
    await store.insert_candidates([candidate(1), candidate(2)])
    assert await store.delete_candidate("c-1") is True
    assert await store.delete_candidate("c-1") is False
    assert [c.id for c in await store.query_candidates()] == ["c-2"]


async def promise_a_page_that_is_none_is_refused(open_store):
    store = await open_store()
    for limit, offset in ((-1, 0), (5, -1), (2.5, 0), (True, 0), ("5", 0)):
        await refuses(InvalidInputError, store.query_candidates(limit, offset))
        await refuses(InvalidInputError, store.query_routings(limit, offset))
