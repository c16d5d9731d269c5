"""Values as people have them: taken rightly, or refused by name; never another kind of error."""

import re
from array import array

import pytest
from random_bundle import random_bundle

from tiny_dancer import Candidate, InvalidInputError, Router
from tiny_dancer.candidates.packed_candidates import PackedCandidates
from tiny_dancer.checks import check_number, is_number
from tiny_dancer.config import BreakerConfig, RouterConfig
from tiny_dancer.policy import Policy
from tiny_dancer.request import RoutingRequest

np = pytest.importorskip("numpy")

NOW = 1_790_000_000
FIELDS = {"created_at": NOW, "success_rate": 0.5}
HUGE = 10**400


class Tensor:
    """What torch and jax give: no buffer, no sequence, but `tolist`."""

    def __init__(self, rows):
        self._rows = rows

    def tolist(self):
        return self._rows


class Unexportable(Tensor):
    """A tensor of numbers that no buffer knows, such as bfloat16."""

    def __buffer__(self, flags):  # Python 3.12 and later ask for it
        raise ValueError("cannot include this dtype in a buffer")


@pytest.fixture(scope="module")
def router():
    return Router(model=random_bundle(1, candidates=True), clock=lambda: float(NOW))


def refusal(call, *arguments, **named):
    with pytest.raises(InvalidInputError) as caught:
        call(*arguments, **named)
    assert len(str(caught.value)) < 400
    return str(caught.value)


def short(value):
    """A name that is the same in every process."""
    return re.sub(r" (object )?at 0x\w+", "", repr(value))


@pytest.mark.parametrize(
    "vector",
    [
        [1.0, 0.5, 0.25],
        (1, 0.5, 0.25),
        array("f", [1, 0.5, 0.25]),
        array("d", [1, 0.5, 0.25]),
        np.array([1, 0.5, 0.25], np.float16),
        np.array([1, 0.5, 0.25], np.float32),
        np.array([1, 9, 0.5, 9, 0.25, 9], np.float32)[::2],
        np.array([1, 9, 0.5, 9, 0.25, 9], np.float16)[::2],
        [np.float32(1), np.float16(0.5), np.float64(0.25)],
        Tensor([1.0, 0.5, 0.25]),
        Unexportable([1.0, 0.5, 0.25]),
    ],
    ids=lambda v: f"{type(v).__name__} {getattr(v, 'dtype', '')}",
)
def test_vectors_of_every_kind_give_the_same(vector):
    assert list(Candidate("a", embedding=vector, **FIELDS).embedding) == [1.0, 0.5, 0.25]


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint32])
def test_vectors_of_whole_numbers_are_taken(dtype):
    vector = np.array([1, 0, 2], dtype)
    assert list(Candidate("a", embedding=vector, **FIELDS).embedding) == [1.0, 0.0, 2.0]


@pytest.mark.parametrize(
    ("vector", "says"),
    [
        (np.eye(4, dtype=np.float32), "numbers along one axis are needed, got the shape (4, 4)"),
        (np.ones((1, 4), np.float16), "numbers along one axis are needed, got the shape (1, 4)"),
        (np.float32(1), "numbers along one axis are needed, got the shape ()"),
        (np.array([1, 2], ">f4"), "native byte order"),
        (np.array([1j, 2]), "native byte order"),
        (np.array([True, False]), "native byte order"),
        (np.array(["a", "b"]), "native byte order"),
        (b"abcd", "native byte order"),
        (bytearray(8), "native byte order"),
        ("abcd", "a sequence of numbers"),
        ({"a": 1.0}, "a sequence of numbers"),
        ((x for x in (1.0, 2.0)), "a sequence of numbers"),
        (Tensor(1.0), "a sequence of numbers"),
        (Tensor([[1.0, 0.0]]), "[0]: a number is needed, got [1.0, 0.0]"),
        ([[1.0, 0.0], [0.0, 1.0]], "[0]: a number is needed, got [1.0, 0.0]"),
        ([1.0, None], "[1]: a number is needed, got None"),
        ([1.0, "2"], "[1]: a number is needed, got '2'"),
        ([True, 1.0], "[0]: a number is needed, got True"),
        ([1.0, float("nan")], "[1]: a finite number"),
        (np.array([1, np.inf], np.float16), "[1]: a finite number"),
        ([1.0, HUGE], "a sequence of finite float32"),
        ([], "a sequence of numbers"),
    ],
    ids=short,
)
def test_what_is_no_vector_is_refused_by_name(router, vector, says):
    message = refusal(Candidate, "a", embedding=vector, **FIELDS)
    assert message.startswith("candidate 'a': embedding")
    assert says in message
    if not isinstance(vector, str):
        message = refusal(router.route, vector)
        assert message.startswith("request: a str, a query vector or a RoutingRequest is needed")
        assert says in message
        resident = [Candidate("a", embedding=[1.0, 0.0], **FIELDS)]
        request = RoutingRequest(query_embedding=vector, candidates=resident)
        assert says in refusal(router.route, request)


@pytest.mark.parametrize(
    "at",
    [NOW * 1000, 4_102_444_801, 1e12, float("inf"), float("nan"), HUGE, 10**5000, "2026", True],
    ids=[
        "milliseconds",
        "after 2100",
        "later",
        "infinite",
        "nan",
        "400 digits",
        "5000 digits",
        "text",
        "bool",
    ],
)
def test_a_time_in_milliseconds_or_the_far_future_is_refused_by_name(at):
    fields = {**FIELDS, "created_at": at}
    message = refusal(Candidate, "a", text="x", **fields)
    assert message.startswith("candidate 'a': created_at: seconds since 1970 (no milliseconds)")
    if not isinstance(at, bool):
        packed = refusal(PackedCandidates, ["a"], array("f", [1.0]), created_at=[at])
        assert packed.startswith("created_at: index 0 is ")


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        ([1, 2], "ids[0]: a text of 1 to 200 characters is needed, got 1"),
        (["a", ""], "ids[1]: a text of 1 to 200 characters is needed, got ''"),
        (["a" * 300, "b"], "ids[0]: a text of 1 to 200 characters"),
        (["a", "b\0"], "ids[1]: a text"),
        (["a", "\ud800"], "ids[1]: a text"),
        (["a", None], "ids[1]: a text"),
        ([["a"], "b"], "ids[0]: a text"),
        ("ab", "ids: a list of texts is needed, got 'ab'"),
        ((i for i in "ab"), "ids: a list of texts is needed"),
        (["a", "a"], "ids: one occurs twice"),
    ],
    ids=short,
)
def test_packed_ids_that_no_store_takes_are_refused_at_once(ids, says):
    assert refusal(PackedCandidates, ids, array("f", [1.0, 0.0])).startswith(says)


@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("access_count", [1, HUGE], "access_count: index 1 is 1000"),
        ("access_count", [1, 10**5000], "access_count: index 1 is a number of thousands of digits"),
        ("success_rate", [0.5, "high"], "success_rate: index 1 is 'high'"),
        ("success_rate", [0.5, None], "success_rate: index 1 is None"),
        ("created_at", [0], "created_at: 2 numbers are needed, got 1"),
        ("metadata", [{"a": "b"}, {"a": {"b": "c"}}], "metadata[1]['a']: a text of at most"),
        ("metadata", [{"a": "b"}, [("a", "b")]], "metadata[1]: a mapping of at most"),
        ("metadata", [{"a": "b"}, {1: "b"}], "metadata[1] key: a text of 1 to 200"),
    ],
    ids=[str(i) for i in range(8)],
)
def test_packed_columns_are_refused_by_name(column, values, says):
    message = refusal(PackedCandidates, ["a", "b"], array("f", [1.0, 0.0]), **{column: values})
    assert message.startswith(says)


def one():
    return Candidate("a", text="the city", **FIELDS)


@pytest.mark.parametrize(
    "candidates",
    [
        one,
        lambda: (c for c in [one()]),
        lambda: "a",
        lambda: {"a": one()},
        lambda: {1, 2},
        lambda: np.array([1.0, 2.0]),
        lambda: 7,
    ],
    ids=["single", "generator", "text", "mapping", "set", "array", "number"],
)
def test_candidates_that_are_no_list_are_refused_by_name(router, candidates):
    says = "candidates: a list of Candidate, or PackedCandidates, is needed, got "
    assert refusal(router.route, "x", candidates=candidates()).startswith(says)
    assert refusal(RoutingRequest, "x", candidates=candidates()).startswith(says)
    if not hasattr(candidates(), "__iter__"):
        assert refusal(router.set_candidates, candidates()).startswith("candidates: a list of")


def test_a_list_of_something_else_is_refused_with_its_index(router):
    assert "candidate 1: a Candidate is needed, got dict" in refusal(
        router.route, "x", candidates=[one(), {"id": "b"}]
    )


@pytest.mark.parametrize("metadata", [{"a": {"b": "c"}}, {"a": 1}, {1: "a"}, [("a", "b")], "a"])
def test_nested_metadata_is_refused_by_name(router, metadata):
    assert refusal(router.route, "x", metadata=metadata).startswith("metadata")
    assert refusal(Candidate, "a", text="x", metadata=metadata, **FIELDS).startswith(
        "candidate 'a': metadata"
    )


@pytest.mark.parametrize("value", [HUGE, -HUGE, 10**5000], ids=["huge", "minus", "longer"])
def test_integers_of_any_length_are_refused_by_name_wherever_a_number_is_taken(router, value):
    assert not is_number(value)
    assert refusal(check_number, "n", value).startswith("n: a number in")
    for field in ("access_count", "success_rate"):
        assert f"'a': {field}" in refusal(Candidate, "a", text="x", **{**FIELDS, field: value})
    assert refusal(BreakerConfig, open_s=value).startswith("open_s: a number from")
    assert refusal(BreakerConfig, min_calls=value).startswith("min_calls: an int from")
    assert refusal(RouterConfig, level=value).startswith("level: ")
    assert refusal(RouterConfig, confidence_threshold=value).startswith("confidence_threshold: ")
    assert refusal(RouterConfig, max_tokens=value).startswith("max_tokens: ")
    assert refusal(router.route, "x", top_k=value).startswith("top_k: ")
    for field in ("latency_ms", "retry_after", "status"):
        assert field in refusal(router.report, "light", ok=True, **{field: value})
    for field in ("cost", "tokens_in", "light_score"):
        refusal(router.record_outcome, "id", **{field: value})
    with pytest.raises(Exception, match="threshold: a number in"):
        Policy(value)
