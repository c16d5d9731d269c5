"""Two threads route and one reloads: no answer is wrong, none mixes two bundles."""

import pytest
from soak.reload import reload_while_routing, right_answers


def test_the_two_bundles_agree_on_nothing() -> None:
    right = right_answers()
    assert len(right) == 8
    assert len(set(right.values())) == 8


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.full)])
def test_no_answer_is_wrong_while_bundles_are_swapped(seconds: float) -> None:
    seen = reload_while_routing(seconds)
    assert set(seen) == {"reloads", "wrong", "by bundle 0", "by bundle 1"}, seen
    assert seen["wrong"] == 0
    assert seen["reloads"] > 2
