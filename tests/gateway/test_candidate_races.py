"""Candidates added by many at once are all stored and all held."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import wait_until
from random_bundle import random_bundle

ROUTE = {"prompt": "hello there", "top_k": 64}


@pytest.fixture
def bundle(tmp_path):
    file = tmp_path / "bundle.safetensors"
    file.write_bytes(random_bundle(1, candidates=32))
    return str(file)


@pytest.fixture
def storage(tmp_path):
    """A file, whose calls wait: in memory nothing happens between two steps."""
    return {"path": str(tmp_path / "history.db")}


def candidate(n: int) -> dict:
    return {"id": f"c-{n}", "text": "a text", "created_at": 1.0, "success_rate": 0.5}


@pytest.mark.parametrize("together", [2, 16])
def test_candidates_posted_at_once_are_all_stored_and_held(
    running, client, bundle, storage, together
):
    http = client(running(policy={"bundle": bundle}, storage=storage))
    with ThreadPoolExecutor(together) as pool:
        posts = pool.map(lambda n: http.post("/v1/candidates", json=candidate(n)), range(32))
        assert [answer.status_code for answer in posts] == [200] * 32
    ids = {row["id"] for row in http.get("/v1/candidates").json()["data"]}
    assert ids == {f"c-{n}" for n in range(32)}
    held = http.post("/v1/route", json=ROUTE).json()
    assert held["candidates_processed"] == 32
    assert {one["candidate_id"] for one in held["decisions"]} == ids


def test_candidates_posted_and_deleted_at_once_are_held_as_stored(running, client, bundle, storage):
    http = client(running(policy={"bundle": bundle}, storage=storage))
    for n in range(16):
        http.post("/v1/candidates", json=candidate(n))

    def change(n: int) -> int:
        if n % 2:
            return http.delete(f"/v1/candidates/c-{n}").status_code
        return http.post("/v1/candidates", json=candidate(16 + n)).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(change, range(16))) == [200] * 16
    ids = {row["id"] for row in http.get("/v1/candidates").json()["data"]}
    held = http.post("/v1/route", json=ROUTE).json()
    assert {one["candidate_id"] for one in held["decisions"]} == ids


def test_two_processes_hear_of_each_others_candidates(running, client, bundle, storage):
    gateways = [running(policy={"bundle": bundle}, storage=storage) for _ in range(2)]
    both = [client(gateway) for gateway in gateways]

    def post(n: int) -> int:
        return both[n % 2].post("/v1/candidates", json=candidate(n)).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(post, range(16))) == [200] * 16
    for gateway, http in zip(gateways, both, strict=True):
        versions = gateway.gateway.versions
        versions._looked_at = None  # five seconds later
        http.get("/v1/stats")
        wait_until(
            lambda http=http: (
                http.post("/v1/route", json=ROUTE).json()["candidates_processed"] == 16
            )
        )
