"""A model whose breaker is open is not chosen while another is healthy."""

import pytest

from tiny_dancer.breaker.choice import by_breakers
from tiny_dancer.response import Reason

BELOW = Reason.BELOW_THRESHOLD


@pytest.mark.parametrize(
    ("choice", "healthy", "want"),
    [
        (0, (True, True), (0, BELOW)),
        (1, (False, True), (1, BELOW)),
        (0, (False, True), (1, Reason.BREAKER_LIGHT_OPEN)),
        (1, (True, False), (0, Reason.BREAKER_POWERFUL_OPEN)),
        (0, (False, False), (0, Reason.BOTH_BREAKERS_OPEN)),
        (1, (False, False), (1, Reason.BOTH_BREAKERS_OPEN)),
        (1, (True, False, False, True), (3, Reason.BREAKER_LIGHT_OPEN)),
        (1, (True, False, True, True), (2, Reason.BREAKER_LIGHT_OPEN)),
        (2, (True, True, False, False), (1, Reason.BREAKER_LIGHT_OPEN)),
        (3, (True, False, True, False), (2, Reason.BREAKER_POWERFUL_OPEN)),
    ],
)
def test_next_best_healthy_model(choice, healthy, want) -> None:
    assert by_breakers(choice, BELOW, healthy) == want
