"""Candidates in the kernel: what they score; nothing is kept or allocated."""

import math
import random
import struct
from array import array

import pytest
from kernel.candidates import (
    CREATED,
    HIDDEN,
    IMAGE,
    NOW,
    OK,
    ROWS,
    Candidates,
    faulty_candidate_request,
    filled,
    random_request,
    vector,
)
from kernel.instance import (
    CANDIDATES,
    EMBEDDING,
    F32,
    INT8,
    QUERY_FROM_TEXT,
    START_FROM_TEXT,
    TEXT,
    Module,
    Native,
    candidate_request,
    defined,
    request,
    rows_of,
)
from kernel.texts import random_text
from random_bundle import CANDIDATE

BOTH_FORMATS = pytest.mark.parametrize("form", [F32, INT8], ids=["f32", "int8"])


def status(result):
    return struct.unpack_from("<i", result)[0]


def chances(logits):
    """The chance of each of a request's candidates to be the one that fits, in float64."""
    prior = 0.9 / max(len(logits), 1)
    every = 0.1 + prior * sum(map(math.exp, logits))
    return [prior * math.exp(logit) / every for logit in logits]


@BOTH_FORMATS
@pytest.mark.parametrize("dimension", [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 384, 2_048])
def test_features_are_those_of_the_candidates(module, form, dimension):
    candidates = filled(module, 21, dimension, form)
    query = array("f", vector(random.Random(2), dimension))
    wanted = random.Random(3).getrandbits(128)
    result = module.run(
        candidate_request(21, 64, query.tobytes(), now=NOW, pairs=wanted, n_pairs=130)
    )
    rows = rows_of(result)
    assert sorted(row[0] for row in rows) == list(range(21))
    for index, _, _, similarity, recency, frequency, success, overlap in rows:
        bound = 2e-3 if form == INT8 else 2e-6
        assert similarity == pytest.approx(candidates.similarity(query, index), abs=bound)
        assert recency == pytest.approx(candidates.recency(index, CANDIDATE.half_life_s), rel=1e-4)
        assert frequency == candidates.frequency[index]
        assert success == candidates.success[index]
        shared = (candidates.pairs[index] & wanted).bit_count()
        assert overlap == pytest.approx(shared / 130, rel=1e-6)
    expected = chances([row[1] for row in rows])
    assert [row[2] for row in rows] == pytest.approx(expected, abs=5e-7)
    assert sum(row[2] for row in rows) < 1


@pytest.mark.parametrize("k", [0, 1, 4, 5, 63, 64])
@pytest.mark.parametrize("n", [0, 1, 3, 4, 5, 64, 65, 300])
def test_the_ranking_holds_the_best_of_the_first_n(module, n, k):
    filled(module, 300, 16, INT8)
    query = vector(random.Random(5), 16)
    alone = []
    for first in range(0, n, 64):  # all rows, in pieces of at most 64
        block = candidate_request(min(n, first + 64), 64, query, now=NOW)
        alone += [row for row in rows_of(module.run(block)) if row[0] >= first]
    if n > 64:  # a ranking of 64 out of more may leave some out: take them one by one instead
        alone = []
        for index in range(n):
            candidates = Candidates(random.Random(1), 300, 16, INT8)
            for at, data in enumerate(candidates.arrays()):
                size = len(data) // 300
                module.put(0, at, 0, data[index * size : (index + 1) * size])
            assert module.commit(0, 0, 1) == OK
            ((_, *rest),) = rows_of(module.run(candidate_request(1, 1, query, now=NOW)))
            alone.append((index, *rest))
        assert candidates.put(module) == OK
    of = dict(zip([row[0] for row in alone], chances([row[1] for row in alone]), strict=True))
    expected = sorted(alone, key=lambda row: (-row[1], row[0]))[:k]
    result = module.run(candidate_request(n, k, query, now=NOW))
    found = rows_of(result)
    assert [(*row[:2], *row[3:]) for row in found] == [(*row[:2], *row[3:]) for row in expected]
    # The sum of n numbers in binary32 may lose a bit with each.
    assert [row[2] for row in found] == pytest.approx([of[row[0]] for row in expected], rel=2e-5)
    assert struct.unpack_from("<2I", result, 3072) == (min(n, k), n)


def test_equal_candidates_are_ranked_by_their_position(kernel):
    candidates = filled(kernel, 100, 16, INT8)
    for at, data in enumerate(candidates.arrays()):
        kernel.put(0, at, 0, data[: len(data) // 100] * 100)
    assert kernel.commit(0, 0, 100) == OK
    for k in (1, 5, 64):
        result = kernel.run(candidate_request(100, k, vector(random.Random(1), 16), now=NOW))
        assert [row[0] for row in rows_of(result)] == list(range(k))


@pytest.mark.parametrize("order", [1, -1])
def test_any_order_of_arrival_gives_the_same_ranking(kernel, order):
    """Best first, and worst first: every candidate then moves all rows."""
    candidates = filled(kernel, 500, 16, F32)
    candidates.success = array("f", (i / 500 for i in range(500)))
    assert candidates.put(kernel) == OK
    query = vector(random.Random(1), 16)
    logits = {}
    for first in range(0, 500, 50):
        shifted = candidates.arrays()
        for at, data in enumerate(shifted):
            size = len(data) // 500
            kernel.put(0, at, 0, data[first * size : (first + 50) * size])
        assert kernel.commit(0, 0, 50) == OK
        for index, logit, *_ in rows_of(kernel.run(candidate_request(50, 64, query, now=NOW))):
            logits[first + index] = logit
    ranked = sorted(logits, key=lambda i: (order * logits[i], i))
    arrays = candidates.arrays()
    for at, data in enumerate(arrays):
        size = len(data) // 500
        moved = b"".join(data[i * size : (i + 1) * size] for i in ranked)
        kernel.put(0, at, 0, moved)
    assert kernel.commit(0, 0, 500) == OK
    result = kernel.run(candidate_request(500, 64, query, now=NOW))
    best = sorted((logits[i] for i in ranked), reverse=True)[:64]
    assert [row[1] for row in rows_of(result)] == best


def test_ages_and_overlaps_stay_within_their_bounds(kernel):
    filled(kernel, 4, 16, F32)
    kernel.put(0, CREATED, 0, struct.pack("<4i", -(2**31), 2**31 - 1, 0, NOW))
    query = vector(random.Random(1), 16)
    for now in (-(2**31), 2**31 - 1, 0, NOW):
        rows = rows_of(kernel.run(candidate_request(4, 4, query, now=now)))
        for index, *_, recency, _, _, overlap in rows:
            created = (-(2**31), 2**31 - 1, 0, NOW)[index]
            if created >= now:
                assert recency == 1
            assert 2.0**-30 <= recency <= 1
            assert overlap == 0


@pytest.mark.parametrize("flags", [START_FROM_TEXT, QUERY_FROM_TEXT])
def test_the_text_gives_start_and_query_where_asked(kernel, flags):
    filled(kernel, 30, HIDDEN, F32)
    query = b"" if flags & QUERY_FROM_TEXT else vector(random.Random(1), HIDDEN)

    def logits(text, flags):
        block = candidate_request(30, 30, query, text, dimension=HIDDEN, now=NOW, flags=flags)
        result = kernel.run(block)
        assert status(result) == OK
        return [row[:2] for row in rows_of(result)]

    one, other = b"what is the theorem", b"the capital of"
    assert logits(one, flags) != logits(other, flags)
    if flags == START_FROM_TEXT:
        assert logits(one, 0) == logits(other, 0)


def test_text_and_candidates_do_not_change_each_other(kernel):
    filled(kernel, 30, 384, INT8)
    generator = random.Random(8)
    for _ in range(30):
        text, query = random_text(generator), vector(generator, 384)
        both = kernel.run(candidate_request(30, 5, query, text, now=NOW, flags=24))
        assert both[4:3072][: 4 * 63] == kernel.run(request(text))[4 : 4 + 4 * 63]
        alone = kernel.run(candidate_request(30, 5, query, now=NOW))
        assert both[3072 : 3088 + 5 * 32] == alone[3072 : 3088 + 5 * 32]
        assert alone[4:24] + alone[28:3072] == bytes(20 + 3072 - 28)
        assert alone[24:28] == struct.pack("<I", 2)


def test_the_embedding_is_the_unit_mean_of_the_rows(kernel):
    assert kernel.load(IMAGE) == OK
    for text in (b"what is the theorem", b"", b"\x00", b"zz of " * 5_000):
        result = kernel.run(request(text, TEXT | EMBEDDING | 16))
        kept = struct.unpack_from("<I", result, 4)[0]
        ids = struct.unpack_from(f"<{kept}I", result, 1024)
        rows, scales = (struct.unpack_from("<I", IMAGE, 4 * word)[0] for word in (20, 21))
        total = [0.0] * HIDDEN
        for token in ids:
            (scale,) = struct.unpack_from("<f", IMAGE, scales + 4 * token)
            row = struct.unpack_from(f"<{HIDDEN}b", IMAGE, rows + HIDDEN * token)
            total = [t + scale * x for t, x in zip(total, row, strict=True)]
        norm = math.hypot(*total) or 1.0
        found = struct.unpack_from(f"<{HIDDEN}f", result, 5136)
        assert found == pytest.approx([t / norm for t in total], abs=1e-5)


def test_a_query_that_is_zero_or_a_vector_that_is_zero_is_at_right_angles(kernel):
    for form in (F32, INT8):
        candidates = filled(kernel, 5, 20, form)
        rows = rows_of(kernel.run(candidate_request(5, 5, bytes(80), now=NOW)))
        assert {row[3] for row in rows} == {0.5}
        kernel.put(0, ROWS, 0, bytes(len(candidates.arrays()[0])))
        assert kernel.commit(0, 0, 5) == OK
        rows = rows_of(kernel.run(candidate_request(5, 5, vector(random.Random(1), 20), now=NOW)))
        assert {row[3] for row in rows} == {0.5}


def test_arrays_are_those_of_the_set(module):
    assert module.load(IMAGE) == OK
    assert [module.call("td_array", which, 0) for which in (0, 1, 2, -1)] == [0] * 4
    assert module.reserve(0, 5, 20, F32) == OK
    addresses = [module.call("td_array", 0, array) for array in range(6)]
    assert addresses[5] == 0 and all(address % 64 == 0 for address in addresses)
    sizes = [8 * 32 * 4, 8 * 4, 8 * 16, 8 * 4, 8 * 4]
    for i in range(4):
        assert addresses[i + 1] - addresses[i] >= sizes[i]
    assert module.call("td_array", 1, 0) == 0


def test_room_is_used_again_and_then_zero(module):
    filled(module, 100, 384, INT8, which=1)
    before, address = module.memory_bytes(), module.call("td_array", 1, 0)
    for capacity, dimension, form in ((100, 384, INT8), (20, 384, F32), (1, 1, F32), (80, 99, F32)):
        assert module.reserve(1, capacity, dimension, form) == OK
        assert module.call("td_array", 1, 0) == address
        query = vector(random.Random(1), dimension)
        rows = rows_of(module.run(candidate_request(capacity, 64, query, which=1)))
        assert {row[1:] for row in rows} == {rows[0][1:]}, "all alike, since all is zero"
        assert rows[0][3] == 0.5 and rows[0][5:] == (0, 0, 0)
    assert module.memory_bytes() == before


def test_growth_step_by_step_loses_no_more_than_as_much_again(module):
    assert module.load(IMAGE) == OK
    for capacity in range(4, 4_000, 4):
        assert module.reserve(0, capacity, 256, F32) == OK
    need = 4_000 * (256 * 4 + 32)
    assert module.memory_bytes() < 5 * need


def test_the_same_request_gives_the_same_bytes_whatever_came_before(kernel):
    generator = random.Random(52)
    residents = filled(kernel, 90, HIDDEN, INT8)
    requests = [random_request(generator, 90, HIDDEN, HIDDEN) for _ in range(40)]
    requests += [request(random_text(generator)) for _ in range(10)]
    alone = []
    for block in requests:
        assert kernel.load(IMAGE) == OK
        assert kernel.reserve(0, 90, HIDDEN, INT8) == OK
        assert residents.put(kernel) == OK
        alone.append(defined(kernel.run(block)))
    for _ in range(1_000):
        at = generator.randrange(len(requests))
        chance = generator.random()
        if chance < 0.2:
            kernel.run(faulty_candidate_request(generator, requests[at]))
        elif chance < 0.25:
            dimension, form = generator.choice((1, 100, HIDDEN)), generator.randrange(2)
            assert kernel.reserve(1, 30, dimension, form) == OK
            assert Candidates(generator, 30, dimension, form).put(kernel, 1) == OK
            kernel.run(random_request(generator, 30, dimension, HIDDEN, which=1))
        assert defined(kernel.run(requests[at])) == alone[at]


def test_ten_thousand_requests_do_not_grow_the_memory(module):
    generator = random.Random(53)
    filled(module, 64, HIDDEN, INT8)
    own = Candidates(generator, 10, HIDDEN, F32)
    assert module.reserve(1, 10, HIDDEN, F32) == OK
    requests = [random_request(generator, 64, HIDDEN, HIDDEN) for _ in range(100)]
    of_request = [random_request(generator, 10, HIDDEN, HIDDEN, which=1) for _ in range(20)]
    before = module.memory_bytes()
    for i in range(10_000):
        if i % 20 == 0:
            assert own.put(module, 1) == OK
            module.run(generator.choice(of_request))
        module.run(requests[i % 100])
    assert module.memory_bytes() == before


@BOTH_FORMATS
def test_five_thousand_candidates_of_two_thousand_numbers(module, form):
    assert module.load(IMAGE) == OK
    assert module.reserve(0, 5_000, 2_048, form) == OK
    some = Candidates(random.Random(54), 50, 2_048, form)
    for first in range(0, 5_000, 50):
        assert some.put(module, 0, first) == OK
    query = vector(random.Random(55), 2_048)
    result = module.run(candidate_request(5_000, 64, query, now=NOW))
    best = rows_of(module.run(candidate_request(50, 1, query, now=NOW)))[0]
    rows = rows_of(result)
    assert [row[0] for row in rows] == [best[0] + 50 * i for i in range(64)]
    assert {(row[1], *row[3:]) for row in rows} == {(best[1], *best[3:])}
    (chance,) = {row[2] for row in rows}  # a hundred times the candidates, each a hundredth of it
    assert chance == pytest.approx(best[2] / 100, rel=1e-3)


def test_the_largest_sums_of_int8_rows_are_exact(kernel):
    """2,048 · 127 · 8,191 lies just below 2³¹."""
    assert kernel.load(IMAGE) == OK
    assert kernel.reserve(0, 3, 2_048, INT8) == OK
    kernel.put(0, ROWS, 0, b"\x7f" * 2_048 + b"\x81" * 2_048 + b"\x80" * 2_048)
    assert kernel.commit(0, 0, 3) == OK
    block = candidate_request(3, 3, array("f", [1.0] * 2_048).tobytes(), now=NOW)
    found = {row[0]: row[3] for row in rows_of(kernel.run(block))}
    assert found == {
        0: pytest.approx(1, abs=1e-6),
        1: pytest.approx(0, abs=1e-6),
        2: pytest.approx(0, abs=1e-6),
    }


def test_module_and_native_scalar_code_give_the_same_bytes(native_program):
    if native_program is None:
        pytest.skip("no C compiler with sanitizers")
    generator = random.Random(56)
    module, native = Module(), Native(native_program)
    for dimension in (*range(1, 36), 63, 100, 384, 2_048):
        n, form = generator.randint(1, 70), generator.randrange(2)
        for kernel in (module, native):
            filled(kernel, n, dimension, form, seed=dimension)
        for _ in range(10):
            block = random_request(generator, n, dimension, HIDDEN)
            ours, theirs = module.run(block), native.run(block)
            assert defined(ours) == defined(theirs)
            if struct.unpack_from("<I", block, 8)[0] & EMBEDDING:
                assert ours[5136 : 5136 + 4 * HIDDEN] == theirs[5136 : 5136 + 4 * HIDDEN]
            assert struct.unpack_from("<I", block, 8)[0] & CANDIDATES
    native.close()
