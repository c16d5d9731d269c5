"""Ten thousand malformed requests: no 500, no traceback, and the next one is answered."""

import httpx
import pytest
from gateway.asking import EASY, chat
from gateway.malformed import N, play, requests
from gateway.running import ADMIN, KEY
from patience import PATIENCE_S


@pytest.mark.parametrize("n", [1_000, pytest.param(N, marks=pytest.mark.full)])
def test_they_are_refused_or_answered_and_nothing_fails_inside(address, host, capfd, n):
    sent = list(requests(n))
    statuses = play(address, sent)
    capture = "".join(capfd.readouterr())
    answers = list(zip(sent, statuses, strict=True))
    assert len(answers) == n and 0 not in statuses  # each has its answer
    # The answer to a target that is no path is workerd's own, before any of the gateway runs, as is
    # that to a method that nobody knows.
    failed = [request for request, status in answers if status == 500]
    no_path = [request for request in sent if request.split(b" ", 2)[1] == b"*"]
    no_path = [request for request in no_path if not request.startswith(b"FOO ")]
    assert failed == (no_path if host == "workerd" else [])
    assert set(statuses) - {500} <= {
        *(200, 204, 400, 401, 403, 404, 405, 413, 415, 422, 431, 501, 502)
    }
    assert "Traceback" not in capture and " at " not in capture
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as http:
        for mode in ("closed", "automatic"):
            key = {"authorization": f"Bearer {ADMIN}"}
            body = {"model": "small", "mode": mode}
            assert http.post(f"{address}/admin/breaker", json=body, headers=key).is_success
        key = {"authorization": f"Bearer {KEY}"}
        answer = http.post(f"{address}/v1/chat/completions", json=chat(EASY), headers=key)
        assert answer.status_code == 200
