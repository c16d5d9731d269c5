"""What is done to a candidate when it is registered."""

import math
import random
from array import array

import numpy as np
import pytest

from tiny_dancer.candidates.registration import PairBits, frequency, int8_row, log2, seconds


@pytest.mark.parametrize("dimension", [1, 15, 16, 17, 384, 2_048])
def test_an_int8_row_is_rounded_to_even(dimension):
    generator = np.random.default_rng(dimension)
    numbers = generator.normal(size=dimension).astype(np.float32)
    row = int8_row(array("f", numbers))
    assert row.typecode == "b"
    assert len(row) == dimension
    exact = numbers.astype(np.float64) * (127 / np.abs(numbers).max().astype(np.float64))
    assert list(row) == [int(x) for x in np.rint(exact)]
    assert max(map(abs, row)) == 127


def test_halves_are_rounded_to_even():
    assert list(int8_row(array("f", [127, 0.5, 1.5, 2.5, -0.5, -1.5]))) == [127, 0, 2, 2, 0, -2]


@pytest.mark.parametrize("largest", [2.0**-149, 1e-30, 3e38])
def test_extreme_vectors_still_use_all_of_int8(largest):
    assert list(int8_row(array("f", [largest, -largest, 0]))) == [127, -127, 0]


def test_a_zero_vector_gives_a_zero_row():
    assert int8_row(array("f", [0.0, -0.0])) == array("b", bytes(2))


def test_log2_is_within_its_stated_error():
    generator = random.Random(5)
    numbers = [*range(1, 5_000), *(2.0**e for e in range(-60, 61))]
    numbers += [generator.randrange(1, 1 << generator.randrange(1, 54)) for _ in range(20_000)]
    numbers += [math.nextafter(math.sqrt(0.5), way) for way in (0, 1)]
    worst = max(abs(log2(x) - math.log2(x)) / max(1.0, abs(math.log2(x))) for x in numbers)
    assert worst <= 4e-16


def test_powers_of_two_have_whole_logarithms():
    assert [log2(1 << e) for e in range(54)] == list(range(54))


@pytest.mark.parametrize("cap", [1, 7, 1_000, 1 << 32])
def test_frequency_rises_from_zero_to_one_at_the_cap(cap):
    counts = sorted({0, 1, 2, 3, 10, cap // 3, cap - 1, cap, cap + 1, (1 << 53) - 1})
    shares = [frequency(count, cap) for count in counts]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert frequency(cap, cap) == frequency((1 << 53) - 1, cap) == 1.0
    for count, share in zip(counts, shares, strict=True):
        want = min(1.0, math.log2(1 + count) / math.log2(1 + cap))
        assert share == pytest.approx(want, rel=1e-14)


def test_seconds_are_whole_and_within_i32():
    times = [0, 0.9, -0.1, 1.7e9, 1e300, -1e300, 2**31 - 1, 2**31, -(2**31) - 1]
    wanted = [0, 0, -1, 1_700_000_000, 2**31 - 1, -(2**31), 2**31 - 1, 2**31 - 1, -(2**31)]
    assert list(map(seconds, times)) == wanted


def test_equal_pairs_share_a_bit_and_others_do_not():
    pairs = PairBits()
    first = pairs.add({"topic": "law", "lang": "en"})
    second = pairs.add({"topic": "law", "lang": "de"})
    third = pairs.add({"lang": "law"})
    assert [bits.bit_count() for bits in (first, second, third)] == [2, 2, 1]
    assert (first & second).bit_count() == 1
    assert not third & (first | second)
    assert pairs.bits({"topic": "law", "lang": "de", "tier": "1"}) == (second, 3)
    assert pairs.bits({}) == (0, 0)


def test_pairs_beyond_the_limit_have_no_bit():
    pairs = PairBits()
    taken = [pairs.add({"n": str(n)}) for n in range(130)]
    assert sorted(taken) == [0, 0, *(1 << bit for bit in range(128))]
    assert taken[128:] == [0, 0]
    assert pairs.bits({"n": "129"}) == (0, 1)


def test_a_bit_is_free_when_its_last_candidate_goes():
    pairs = PairBits()
    bits = [pairs.add({"n": str(n)}) for n in range(128)]
    again = pairs.add({"n": "5"})
    pairs.remove(bits[5])
    assert pairs.add({"new": "x"}) == 0
    assert pairs.bits({"n": "5"}) == (again, 1)
    pairs.remove(again)
    assert pairs.bits({"n": "5"}) == (0, 1)
    assert pairs.add({"new": "x"}) == again


def test_a_candidate_without_a_bit_takes_none_from_others_when_it_goes():
    pairs = PairBits()
    bits = [pairs.add({"n": str(n)}) for n in range(128)]
    without = pairs.add({"late": "x"})
    pairs.remove(bits[0])
    holder = pairs.add({"late": "x"})
    pairs.remove(without)
    assert pairs.bits({"late": "x"}) == (holder, 1)
    assert holder


def test_pair_bits_stay_right_while_candidates_come_and_go():
    generator = random.Random(8)
    pairs = PairBits()
    resident = []
    for _ in range(5_000):
        if resident and generator.random() < 0.5:
            pairs.remove(resident.pop(generator.randrange(len(resident)))[1])
        else:
            keys = generator.sample(range(200), generator.randrange(6))
            metadata = {str(key): generator.choice("ab") for key in keys}
            resident.append((metadata, pairs.add(metadata)))
        request = {str(key): generator.choice("ab") for key in generator.sample(range(200), 20)}
        wanted, number = pairs.bits(request)
        assert number == 20
        for metadata, bits in resident:
            shared = metadata.items() & request.items()
            assert (bits & wanted).bit_count() <= len(shared)
            if bits.bit_count() == len(metadata):
                assert (bits & wanted).bit_count() == len(shared)
    for _, bits in resident:
        pairs.remove(bits)
    fresh = [pairs.add({"fresh": str(n)}) for n in range(128)]
    assert sorted(fresh) == [1 << bit for bit in range(128)]
