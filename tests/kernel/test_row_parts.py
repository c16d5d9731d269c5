"""Candidates of a request that come in parts: the same numbers, and no part out of turn."""

import math
import random
import struct
from array import array

import pytest
from kernel.candidates import (
    ARG,
    FINITE,
    HIDDEN,
    IMAGE,
    NOTREADY,
    NOW,
    OK,
    ROWS,
    Candidates,
    filled,
    random_request,
    vector,
)
from kernel.instance import F32, INT8, candidate_request, defined, random_image, request

BOTH_FORMATS = pytest.mark.parametrize("form", [F32, INT8], ids=["f32", "int8"])
N, DIMENSION = 21, 20
QUERY = vector(random.Random(1), DIMENSION)
BLOCK = candidate_request(N, 5, QUERY, now=NOW, which=1)


def status(result):
    return struct.unpack_from("<i", result)[0]


def put_columns(kernel, candidates):
    for at, data in enumerate(candidates.arrays()[1:], 1):
        kernel.put(1, at, 0, data)


def in_parts(kernel, candidates, block, size):
    """The result block after all parts of at most so many candidates."""
    rows = candidates.arrays()[0]
    each = len(rows) // candidates.n
    put_columns(kernel, candidates)
    for first in range(0, candidates.n, size):
        n = min(size, candidates.n - first)
        kernel.put(1, ROWS, 0, rows[first * each : (first + n) * each])
        result = kernel.part(block, first, n)
        assert status(result) == OK
    return result


@BOTH_FORMATS
@pytest.mark.parametrize("dimension", [1, 15, 16, 33, 384, 2_048])
@pytest.mark.parametrize("n", [1, 3, 4, 5, 64, 101])
def test_parts_give_the_bytes_of_one_run(kernel, form, dimension, n):
    generator = random.Random(n)
    candidates = filled(kernel, n, dimension, form, seed=dimension, which=1)
    blocks = [random_request(generator, n, dimension, HIDDEN, which=1) for _ in range(4)]
    blocks = [block[:28] + struct.pack("<I", n) + block[32:] for block in blocks]
    whole = [defined(kernel.run(block)) for block in blocks]
    for size in (4, 32, 128):
        assert [defined(in_parts(kernel, candidates, b, size)) for b in blocks] == whole


def some_of(candidates, n):
    """The first n of them, as candidates of their own."""
    some = Candidates(random.Random(1), N, DIMENSION, F32)
    for name in ("vectors", "created", "pairs", "frequency", "success"):
        setattr(some, name, getattr(candidates, name)[:n])
    some.n = n
    return some


def test_what_other_parts_left_behind_changes_nothing(kernel):
    """The lanes beyond the last candidate see vectors of an earlier request."""
    expected = {}
    for n in (1, 2, 3, 5, 6, 7):
        candidates = filled(kernel, N, DIMENSION, F32, which=1)
        assert kernel.reserve(1, N, DIMENSION, F32) == OK
        block = candidate_request(n, 5, QUERY, now=NOW, which=1)
        expected[n] = defined(in_parts(kernel, some_of(candidates, n), block, 4))
    for n, wanted in expected.items():
        kernel.put(1, ROWS, 0, array("f", [math.nan, math.inf, -3e38, 1e-45] * 160).tobytes())
        assert status(kernel.part(BLOCK, 0, 4)) == FINITE
        block = candidate_request(n, 5, QUERY, now=NOW, which=1)
        assert defined(in_parts(kernel, some_of(candidates, n), block, 4)) == wanted


@pytest.mark.parametrize(
    ("first", "n"),
    [(4, 4), (0, 0), (0, 3), (0, 24), (0, 22), (1, 4), (0, -4), (-4, 4), (20, 1)],
)
def test_a_part_that_does_not_come_next_is_refused(kernel, first, n):
    filled(kernel, N, DIMENSION, F32, which=1)
    result = kernel.part(BLOCK, first, n)
    assert status(result) == ARG
    assert result[4:256] == bytes(252)


def test_parts_end_with_whatever_comes_between(kernel):
    candidates = filled(kernel, N, DIMENSION, F32, which=1)
    others = [
        lambda: kernel.run(BLOCK),
        lambda: kernel.run(request(b"what")),
        lambda: kernel.run(bytes(64)),
        lambda: kernel.reserve(1, N, DIMENSION, F32),
        lambda: kernel.part(BLOCK, 8, 4),
        lambda: kernel.part(BLOCK[:60] + struct.pack("<I", 0) + BLOCK[64:], 4, 4),
    ]
    assert kernel.reserve(0, N, DIMENSION, F32) == OK
    for other in others:
        assert candidates.put(kernel, 1) == OK
        assert status(kernel.part(BLOCK, 0, 4)) == OK
        other()
        assert status(kernel.part(BLOCK, 4, 4)) == ARG
        assert status(kernel.part(BLOCK, 0, 4)) == OK
        assert status(kernel.part(BLOCK, 4, 4)) == OK


@pytest.mark.parametrize("at", [0, 3, 4, 20])
@pytest.mark.parametrize("column", [None, 3, 4])
def test_a_part_is_checked_as_a_commit_checks(kernel, at, column):
    candidates = filled(kernel, N, DIMENSION, F32, which=1)
    if column is None:
        candidates.vectors[at][7] = math.inf
    else:
        (candidates.frequency, candidates.success)[column - 3][at] = 1.5
    rows = candidates.arrays()[0]
    put_columns(kernel, candidates)
    found = []
    for first in range(0, N, 4):
        kernel.put(1, ROWS, 0, rows[first * 128 : (first + 4) * 128])
        found.append(status(kernel.part(BLOCK, first, min(4, N - first))))
    bad = at // 4
    assert found == [OK] * bad + [FINITE] + [ARG] * (5 - bad)


def test_an_image_without_candidates_takes_no_parts(kernel):
    assert kernel.load(random_image(1)) == OK
    assert kernel.reserve(1, 4, 16, F32) == OK
    block = candidate_request(4, 4, vector(random.Random(1), 16), which=1)
    assert status(kernel.part(block, 0, 4)) == NOTREADY


def test_a_part_asks_for_candidates(kernel):
    assert kernel.load(IMAGE) == OK
    assert status(kernel.part(request(b"what"), 0, 4)) == ARG
