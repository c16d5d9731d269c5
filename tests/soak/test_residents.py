"""One thread sets candidates and eight route: scores stay with their names."""

import pytest
from soak.residents import change_while_routing


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.full)])
def test_no_score_stands_beside_a_wrong_name_while_residents_change(seconds: float) -> None:
    seen = change_while_routing(seconds)
    assert set(seen) == {"changes", "wrong", "decisions"}, seen
    assert seen["wrong"] == 0
    assert seen["changes"] > 2 and seen["decisions"] > 100
