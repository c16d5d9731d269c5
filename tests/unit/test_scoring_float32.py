"""The twin's vectors hold exactly what binary32 arithmetic gives."""

import math
import random
import struct

import numpy as np
import pytest

from tiny_dancer.scoring import float32

GENERATOR = random.Random(3)


def numbers(n: int) -> list[float]:
    """Finite binary32 values of all magnitudes up to 2^60, subnormal ones and zeros among them."""
    values = []
    while len(values) < n:
        (value,) = struct.unpack("<f", GENERATOR.randbytes(4))
        if math.isfinite(value) and abs(value) < 2.0**60:
            values.append(value)
    return [0.0, -0.0, 1.0, -1.0, 2.0**-149, *values[5:]]


A, B = numbers(20_000), numbers(20_000)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (float32.plus, np.add),
        (float32.minus, np.subtract),
        (float32.times, np.multiply),
        (float32.over, np.divide),
    ],
)
def test_operations_equal_those_of_binary32(ours, theirs):
    b = [x or 1.0 for x in B] if theirs is np.divide else B
    with np.errstate(all="ignore"):
        want = theirs(np.array(A, np.float32), np.array(b, np.float32))
    assert ours(A, b).tobytes() == want.tobytes()


def test_rows_are_added_in_order_with_two_roundings():
    start, factors = float32.vector(A[10:14]), float32.vector([0.1, 3.7, -2.2])
    rows = [float32.vector(B[4 * k : 4 * k + 4]) for k in range(3)]
    want = np.array(start, np.float32)
    for factor, row in zip(factors, rows, strict=True):
        want = want + np.float32(factor) * np.array(row, np.float32)
    assert float32.add_rows(start, factors, rows).tobytes() == want.tobytes()


POINTS = [x / 1024 for x in range(-20 * 1024, 20 * 1024 + 1)]


def test_tanh_is_within_its_stated_error():
    worst = max(abs(y - math.tanh(x)) for x, y in zip(POINTS, float32.tanh(POINTS), strict=True))
    assert worst <= 3.8e-7


def test_sigmoid_is_within_its_stated_error():
    got = float32.sigmoid(POINTS)
    worst = max(abs(y - 1 / (1 + math.exp(-x))) for x, y in zip(POINTS, got, strict=True))
    assert worst <= 2.2e-7


def test_tanh_is_odd_and_keeps_the_sign_of_zero():
    positive, negative = float32.tanh(POINTS), float32.tanh([-x for x in POINTS])
    assert [-y for y in negative] == list(positive)
    assert math.copysign(1.0, float32.tanh([-0.0])[0]) == -1.0


def test_beyond_their_limits_both_are_constant():
    far = [8.5, 8.6, 17.0, 1e10, 3e38]
    assert set(float32.tanh(far)) == {float32.tanh([8.5])[0]}
    far = [17.0, 17.1, 1e3, 3e38]
    assert set(float32.sigmoid(far)) == {1.0}
    assert set(float32.sigmoid([-x for x in far])) == {0.0}
