"""An address is read alike on every host, whatever its escapes; tests/edge runs the same before
the Worker."""

from urllib.parse import quote

import httpx
import pytest
from gateway.running import KEY
from patience import PATIENCE_S

MALFORMED = ("%", "%z", "%zz", "%ff", "%C3", "%ED%A0%80", "a%")


@pytest.fixture
def http(address):
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(
        base_url=address, headers=headers, timeout=PATIENCE_S, trust_env=False
    ) as client:
        yield client


@pytest.mark.parametrize(
    "name", ["a b", "a/b", "50%", "%41", "a?b#c", "übung-日本", "a+b", "a%2Fb"]
)
def test_a_candidate_is_found_by_its_id(http, name):
    row = {"id": name, "text": "about it", "created_at": 1.0, "success_rate": 0.5}
    assert http.post("/v1/candidates", json=row).json() == {"ids": [name]}
    at = f"/v1/candidates/{quote(name, safe='')}"
    assert http.get(at).json()["id"] == name
    assert http.delete(at).json() == {"id": name, "deleted": True}
    assert http.get(at).status_code == 404


def test_a_malformed_escape_is_the_id_of_nobody(http):
    for name in MALFORMED:
        answer = http.get(httpx.URL(str(http.base_url), raw_path=f"/v1/candidates/{name}".encode()))
        assert answer.status_code == 404, name
        assert answer.json()["error"]["code"] == "candidate_not_found"


def test_an_escaped_letter_is_that_letter(http):
    assert http.get("/v1/%6dodels").status_code == 200
