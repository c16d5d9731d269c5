"""From observing to a certified policy and on to the alarm; money to the cent.

The long version is by command: `python -m whole_way.run` and `python -m whole_way.over_http`, from
the folder tests; what they found lies in docs/results/whole-way.json and whole-way-http.json.
"""

import pytest
from whole_way.in_process import run_way
from whole_way.over_http import go_over_http
from whole_way.run import find_most

CENT = 0.005


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_certified_holds_and_money_adds_up(seed):
    """Each seed is one draw: a certificate fails by chance in 1 of 20 at most; these do not."""
    found = run_way(seed, 2_500, 300)
    assert "refused" not in found, found["refused"]
    assert found["true_quality"] >= 0.95
    assert 0 < found["light_share"] <= found["attainable"]
    assert abs(found["served_light"] - found["light_share"]) < 0.12  # four standard deviations
    assert abs(found["money_differs_by"]) < CENT and not found["false_alarm"]


def test_too_few_requests_are_refused_and_nothing_is_switched_on():
    found = run_way(4, 200, 100)
    assert "missing" in found["refused"] and "light_share" not in found


def test_the_whole_way_over_http(tmp_path):
    found = go_over_http(tmp_path, requests=500, more=150, worse=4_000, share=0.4, target=0.9)
    assert "refused" not in found, found
    assert found["true_quality"] >= 0.9 and found["served_light"] > 0
    assert found["pairs"]["graded_by"] == {"judge:judge": found["pairs"]["n"]}
    assert max(map(abs, found["differs"])) < CENT
    assert found["alarm_after"] is not None and found["alarm"] == "alarm"
    assert found["alarm_verdict"].startswith("Not safe now")
    assert found["after"] == {"drift_alarm powerful": 50}


def test_a_rate_of_a_twentieth_makes_at_most_13_failures_of_100():
    assert find_most(100, 0.05) == 13
