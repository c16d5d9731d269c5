"""Headers and usage of an answer."""

import pytest
from responses import make_response

from tiny_dancer import Reason
from tiny_dancer.gateway.routing.headers import build_decision_headers
from tiny_dancer.gateway.upstream.usage import read_usage


def test_a_models_name_of_any_letters_fits_into_a_header():
    response = make_response("a-1", "large", Reason.FORCED)
    headers = build_decision_headers(response, "großes Modell\n")
    assert headers["x-tiny-dancer-decision"] == "gro%C3%9Fes Modell%0A"
    assert headers["x-tiny-dancer-reason"] == "forced" and len(headers) == 3


@pytest.mark.parametrize(
    ("answer", "usage"),
    [
        ({"usage": {"prompt_tokens": 3, "completion_tokens": 4}}, (3, 4)),
        ({"usage": {"prompt_tokens": 3}}, (3, 0)),
        ({"usage": {"prompt_tokens": -3}}, None),
        ({"usage": {"prompt_tokens": 1.5}}, None),
        ({"usage": {"prompt_tokens": True}}, None),
        ({"usage": None}, None),
        ({"usage": {}}, None),
        ({"usage": {"total_tokens": 7}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_usage_is_two_whole_numbers_or_none(answer, usage):
    found = read_usage(answer)
    assert (found and found[:2]) == usage
