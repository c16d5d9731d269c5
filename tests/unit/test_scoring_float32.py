"""The twin's vectors hold exactly what binary32 arithmetic gives."""

import math
import random
import struct

import numpy as np
import pytest

from tiny_dancer.scoring.twin import float32

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


def test_exp2_is_within_its_stated_error():
    points = [x / 4096 for x in range(-30 * 4096, 30 * 4096 + 1, 7)]
    points += [n + 0.5 for n in range(-30, 30)]
    got = float32.exp2(float32.vector(points))
    worst = max(abs(y / 2.0**x - 1) for x, y in zip(points, got, strict=True))
    assert worst <= 1.1e-7


def test_exp2_is_exact_at_whole_numbers_and_constant_beyond_its_limits():
    assert list(float32.exp2(range(-30, 31))) == [2.0**n for n in range(-30, 31)]
    assert set(float32.exp2([-30.5, -1e9, -math.inf])) == {2.0**-30}
    assert set(float32.exp2([30.5, 1e9])) == {2.0**30}


def test_rounding_takes_halves_to_even():
    numbers = [0.5, 1.5, 2.5, -0.5, -1.5, 8190.5, 8191.0, -8190.5, 0.49999997]
    assert list(float32.rounded(numbers)) == list(map(round, numbers))


@pytest.mark.parametrize("length", [8, 16, 32, 2_048])
def test_a_dot_product_has_eight_partial_sums(length):
    a, b = float32.vector(A[:length]), float32.vector(B[:length])
    with np.errstate(all="ignore"):
        products = (np.array(a, np.float32) * np.array(b, np.float32)).reshape(-1, 8)
        total = np.zeros(8, np.float32)
        for row in products:
            total = total + row
        low, high = (total[:4] + total[4:]).reshape(2, 2)
        want = (low[0] + low[1]) + (high[0] + high[1])
    assert float32.vector([float32.dot(a, b)]).tobytes() == want.tobytes()


def test_the_inverse_root_of_zero_is_zero():
    assert float32.inverse_root(0.0) == 0.0
    assert float32.inverse_root(4.0) == 0.5
    for square in (2.0**-149, 2.0, 3e38):
        square = float32.scalar(square)
        want = np.float32(1) / np.sqrt(np.float32(square))
        assert float32.inverse_root(square) == want
