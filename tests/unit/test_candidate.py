"""A candidate takes what people have and names what is wrong."""

import random
from array import array

import pytest

from tiny_dancer.candidates.candidate import Candidate
from tiny_dancer.errors import InvalidInputError

np = pytest.importorskip("numpy")


def candidate(**changes) -> Candidate:
    return Candidate("faq-12", **({"text": "x", "created_at": 0, "success_rate": 0.5} | changes))


@pytest.mark.parametrize(
    "vector",
    [
        [0.5, -2],
        (0.5, -2.0),
        array("f", [0.5, -2]),
        array("d", [0.5, -2]),
        memoryview(array("f", [0.5, -2])),
        np.array([0.5, -2], dtype=np.float32),
        np.array([0.5, 9.0, -2], dtype=np.float64)[::2],
    ],
    ids=["list", "tuple", "array-f", "array-d", "memoryview", "numpy-32", "numpy-strided"],
)
def test_embedding_may_be_any_numbers(vector) -> None:
    assert candidate(text=None, embedding=vector).embedding == array("f", [0.5, -2])


@pytest.mark.parametrize("power", [-46, -38, -1, 16, 17])
def test_numbers_become_the_nearest_float32_small_or_large(power) -> None:
    draw = random.Random(power)
    numbers = [draw.uniform(-3, 3) * 10.0**power for _ in range(384)]
    assert candidate(text=None, embedding=numbers).embedding.tobytes() == (
        np.array(numbers, dtype=np.float32).tobytes()
    )


def test_embedding_and_metadata_are_copies() -> None:
    numbers, pairs = array("f", [1.0]), {"a": "b"}
    one = candidate(text=None, embedding=numbers, metadata=pairs)
    numbers[0], pairs["a"] = 5.0, "c"
    assert one == candidate(text=None, embedding=[1.0], metadata={"a": "b"})


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"text": None}, "either embedding or text"),
        ({"embedding": [1.0]}, "either embedding or text"),
        ({"text": None, "embedding": []}, "embedding"),
        ({"text": None, "embedding": "abc"}, "embedding"),
        ({"text": None, "embedding": b"abcd"}, "embedding"),
        ({"text": None, "embedding": [1.0, None]}, "embedding"),
        ({"text": None, "embedding": [0.0] * 2049}, "2048 numbers are needed, got 2049"),
        ({"text": None, "embedding": [0.0, float("nan")]}, r"embedding\[1\]"),
        ({"text": None, "embedding": [0.0, 1.0, 1e39]}, r"embedding\[2\].*1e\+39"),
        ({"text": None, "embedding": [10**400]}, "embedding"),
        ({"text": None, "embedding": np.zeros((2, 2), dtype=np.float32)}, "embedding"),
        ({"text": "a\0b"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "x" * 65_537}, "text"),
        ({"metadata": ["a"]}, "metadata"),
        ({"metadata": {"a": 5}}, r"metadata\['a'\]"),
        ({"metadata": {"": "x"}}, "metadata key"),
        ({"metadata": {str(n): "" for n in range(65)}}, "metadata"),
        ({"created_at": float("inf")}, "created_at"),
        ({"access_count": -1}, "access_count"),
        ({"access_count": True}, "access_count"),
        ({"access_count": 1 << 53}, "access_count"),
        ({"success_rate": 1.01}, "success_rate"),
        ({"success_rate": float("nan")}, "success_rate"),
    ],
)
def test_every_fault_is_named(changes: dict, fault: str) -> None:
    with pytest.raises(InvalidInputError, match=fault) as raised:
        candidate(**changes)
    assert "faq-12" in str(raised.value)


@pytest.mark.parametrize("name", ["", "x" * 201, 5, None, "a\0"])
def test_an_id_is_a_short_text(name) -> None:
    with pytest.raises(InvalidInputError, match="id"):
        Candidate(name, text="x", created_at=0, success_rate=0.5)
