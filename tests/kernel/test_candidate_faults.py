"""Whatever stands in an array or a request for candidates: an error or an answer, no trap."""

import math
import random
import struct
from array import array

import pytest
from kernel.candidates import (
    ARG,
    FINITE,
    FREQUENCY,
    HIDDEN,
    IMAGE,
    MEMORY,
    NOTREADY,
    NOW,
    OK,
    ROWS,
    SECTION,
    SUCCESS,
    Candidates,
    faulty_candidate_request,
    filled,
    random_request,
    vector,
)
from kernel.instance import (
    EMBEDDING,
    F32,
    INT8,
    QUERY_FROM_TEXT,
    TEXT,
    candidate_request,
    defined,
    random_image,
    request,
    rows_of,
)

BOTH_FORMATS = pytest.mark.parametrize("form", [F32, INT8], ids=["f32", "int8"])


def status(result):
    return struct.unpack_from("<i", result)[0]


def with_word(data, index, value):
    changed = bytearray(data)
    struct.pack_into("<I", changed, 4 * index, value & 0xFFFFFFFF)
    return bytes(changed)


@pytest.mark.parametrize(
    ("numbers", "error"),
    [
        ([math.nan, 1.0], FINITE),
        ([1.0, math.inf], FINITE),
        ([-math.inf, math.inf], FINITE),
        ([3e38, 1.0], FINITE),
        ([1.75e19, 0.0], FINITE),
        ([1.7e19, 0.0], OK),
        ([1e-30, 0.0], OK),
        ([9e-31, 0.0], FINITE),
        ([1e-45, 1e-45], FINITE),
        ([1e-45, 1.0], OK),
        ([-0.0, 0.0], OK),
    ],
)
@BOTH_FORMATS
def test_a_query_must_be_finite_and_fit_f32_sums(kernel, form, numbers, error):
    filled(kernel, 6, 2, form)
    result = kernel.run(candidate_request(6, 6, array("f", numbers).tobytes(), now=NOW))
    assert status(result) == error
    rows = rows_of(result)
    assert len(rows) == (6 if error == OK else 0)
    assert all(math.isfinite(number) for row in rows for number in row)
    assert all(0 <= row[3] <= 1 for row in rows)
    if error != OK:
        assert result[4:256] == bytes(252)


@pytest.mark.parametrize(
    ("numbers", "error"),
    [
        ([math.nan, 1.0], FINITE),
        ([1.0, -math.inf], FINITE),
        ([3e38, 3e38], FINITE),
        ([1.75e19, 0.0], FINITE),
        ([1.7e19, 0.0], OK),
        ([1e-45, 1e-45], OK),
        ([1e-20, 0.0], OK),
    ],
)
@pytest.mark.parametrize("at", [0, 3, 4, 6])
def test_a_row_must_be_finite_and_fit_f32_sums(kernel, at, numbers, error):
    filled(kernel, 7, 2, F32)
    kernel.put(0, ROWS, at * 64, array("f", numbers).tobytes())
    assert kernel.commit(0, 0, 7) == error
    assert kernel.commit(0, at, 1) == error
    if error == OK:
        for query in ([1.0, 1.0], [1.7e19, -1.0], [1e-30, 0.0]):
            rows = rows_of(kernel.run(candidate_request(7, 7, array("f", query).tobytes())))
            assert all(math.isfinite(number) for row in rows for number in row)


@pytest.mark.parametrize("value", [math.nan, -1e-9, 1.0000001, math.inf, -math.inf])
@pytest.mark.parametrize("column", [FREQUENCY, SUCCESS])
@BOTH_FORMATS
def test_a_share_must_lie_within_its_bounds(kernel, form, column, value):
    filled(kernel, 7, 3, form)
    kernel.put(0, column, 4 * 5, struct.pack("<f", value))
    assert kernel.commit(0, 0, 7) == FINITE
    assert kernel.commit(0, 6, 1) == OK


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((2, 1, 1, 0), ARG),
        ((-1, 1, 1, 0), ARG),
        ((0, 0, 1, 0), ARG),
        ((0, 65_537, 1, 0), ARG),
        ((0, -1, 1, 0), ARG),
        ((0, 1, 0, 0), ARG),
        ((0, 1, 2_049, 0), ARG),
        ((0, 1, 1, 2), ARG),
        ((0, 1, -1, 1), ARG),
        ((0, 65_536, 2_048, 0), MEMORY),
        ((1, 65_536, 1, 1), OK),
        ((1, 1, 2_048, 0), OK),
    ],
)
def test_room_has_bounds(module, arguments, error):
    candidates = filled(module, 9, 20, F32)
    block = candidate_request(9, 9, vector(random.Random(1), 20), now=NOW)
    before = module.run(block)
    assert module.reserve(*arguments) == error
    assert module.run(block) == before, "the residents are still there"
    assert candidates.n == 9


@pytest.mark.parametrize(
    ("first", "n", "error"),
    [(0, 8, OK), (8, 0, OK), (0, 0, OK), (0, 9, ARG), (9, 0, ARG), (-1, 1, ARG), (1, -1, ARG)],
)
def test_a_commit_stays_inside_the_set(kernel, first, n, error):
    filled(kernel, 5, 20, F32)  # capacity 8: a multiple of four
    assert kernel.commit(0, first, n) == error
    assert kernel.commit(1, 0, 1) == ARG
    assert kernel.commit(2, 0, 0) == ARG


def test_an_image_without_candidates_scores_none(kernel):
    assert kernel.load(random_image(1)) == OK
    assert kernel.reserve(0, 4, 16, F32) == OK
    block = candidate_request(4, 4, vector(random.Random(1), 16), b"what")
    result = kernel.run(block)
    assert status(result) == NOTREADY
    assert result[4:256] == bytes(252)
    assert status(kernel.run(request(b"what", TEXT | EMBEDDING))) == OK


@pytest.mark.parametrize("offset", [64, 129, len(IMAGE), len(IMAGE) - 64, 0xFFFFFFC0])
def test_the_section_of_the_candidates_lies_in_the_image(module, offset):
    assert module.load(with_word(IMAGE, 27, offset)) == SECTION


GOOD = candidate_request(
    9, 5, vector(random.Random(1), HIDDEN), b"ten bytes.", now=NOW, pairs=3, n_pairs=2
)


@pytest.mark.parametrize(
    ("index", "value"),
    [
        *[(2, flags) for flags in (0, 2 | 4, 2 | 8, 2 | 16, 2 | 32, 2 | 64, 128 | 3, 1 << 31)],
        *[(5, offset) for offset in (0, 48, 63, 65, 72, 1 << 20, 0xFFFFFFF0, 80 + len(GOOD))],
        *[(6, numbers) for numbers in (0, 31, 33, 48, 0x40000020, 0xFFFFFFFF)],
        *[(7, n) for n in (13, 65_536, 0xFFFFFFFF)],
        *[(8, k) for k in (65, 0xFFFFFFFF)],
        *[(10 + word, 0xFFFFFFFF) for word in range(4)],
        (14, 1),
        *[(15, which) for which in (1, 2, 0xFFFFFFFF)],
    ],
)
def test_every_word_for_candidates_is_checked(module, index, value):
    filled(module, 9, HIDDEN, F32)
    assert status(module.run(GOOD)) == OK
    result = module.run(with_word(GOOD, index, value))
    assert status(result) == ARG
    assert result[4:256] == bytes(252) and result[3072:3088] == bytes(16)


def test_the_text_is_a_query_only_of_its_own_dimension(module):
    for dimension in (HIDDEN - 1, HIDDEN, HIDDEN + 16):
        filled(module, 9, dimension, F32)
        block = candidate_request(9, 5, b"", b"x", dimension=dimension, flags=QUERY_FROM_TEXT)
        assert status(module.run(block)) == (OK if dimension == HIDDEN else ARG)
        assert status(module.run(with_word(block, 5, 7))) == (OK if dimension == HIDDEN else ARG)


def test_words_of_candidates_are_ignored_without_them(kernel):
    filled(kernel, 9, HIDDEN, F32)
    expected = defined(kernel.run(request(b"what")))
    for index in range(5, 16):
        assert defined(kernel.run(with_word(request(b"what"), index, 0xFFFFFFFF))) == expected


def test_faulty_requests_are_refused_or_answer(kernel):
    generator = random.Random(50)
    seen = set()
    for seed in range(20):
        n, dimension = generator.randint(1, 40), generator.choice((1, 7, HIDDEN, 100))
        filled(kernel, n, dimension, generator.randrange(2), seed)
        for _ in range(200):
            good = random_request(generator, n, dimension, HIDDEN)
            assert status(kernel.run(good)) == OK
            result = kernel.run(faulty_candidate_request(generator, good))
            seen.add(status(result))
            for row in rows_of(result):
                assert row[0] < n + 3
                assert not any(map(math.isnan, row[1:]))
    assert seen == {OK, ARG, FINITE}


def test_faulty_images_score_without_a_trap(kernel):
    """Whatever numbers the section holds: NaN and infinities too."""
    generator = random.Random(51)
    (at,) = struct.unpack_from("<I", IMAGE, 4 * 27)
    for _ in range(100):
        data = bytearray(IMAGE)
        for _ in range(generator.randint(1, 60)):
            place = at + 4 * generator.randrange(152 + 8 * HIDDEN)
            bits = generator.choice((0x7FC00000, 0x7F800000, 0xFF800000, generator.getrandbits(32)))
            struct.pack_into("<I", data, place, bits)
        assert kernel.load(bytes(data)) == OK
        assert kernel.reserve(0, 70, HIDDEN, F32) == OK
        assert Candidates(generator, 70, HIDDEN, F32).put(kernel) == OK
        for _ in range(5):
            result = kernel.run(random_request(generator, 70, HIDDEN, HIDDEN))
            assert all(row[0] < 70 for row in rows_of(result))
