"""No candidate makes numbers too small for f32, which would take a processor many times as long."""

import random
import struct
from array import array

import pytest
from kernel.candidates import FREQUENCY, NOW, OK, PAIRS, SUCCESS, Candidates, vector
from kernel.instance import F32, INT8, Native, candidate_request

from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.model import image, read_bundle

DIMENSION = 32
YEAR = 31_557_600
AGES = [0, 1, YEAR // 12, YEAR, 5 * YEAR, 50 * YEAR]


@pytest.fixture(scope="module")
def native(native_program):
    data = default_bundle()
    if native_program is None or data is None:
        pytest.skip("no C compiler with sanitizers, or no shipped bundle")
    kernel = Native(native_program)
    assert kernel.load(image(read_bundle(data), 512)) == OK
    yield kernel
    kernel.close()


@pytest.mark.parametrize("form", [F32, INT8], ids=["f32", "int8"])
@pytest.mark.parametrize("n", range(1, 10))  # up to three padding lanes, all of 1970
@pytest.mark.parametrize("age", AGES)
def test_candidates_of_any_age_make_none(native, form, n, age):
    candidates = Candidates(random.Random(n), n, DIMENSION, form)
    candidates.created = [NOW - age] * n
    query = vector(random.Random(2), DIMENSION)
    for which in (0, 1):
        assert native.reserve(which, n, DIMENSION, form) == OK
        assert candidates.put(native, which) == OK
        block = candidate_request(n, n, query, now=NOW, pairs=7, n_pairs=3, which=which)
        check(native, block, n)
        for column in (FREQUENCY, SUCCESS):  # nothing but its age speaks for it
            native.put(which, column, 0, bytes(4 * n))
        native.put(which, PAIRS, 0, bytes(16 * n))
        check(native, block, n)


def check(native, block, n):
    for run in (lambda: native.run(block), lambda: native.part(block, 0, n)):
        assert struct.unpack_from("<i", run()) == (OK,)
        assert not native.underflowed()


def test_the_check_sees_a_number_that_is_too_small(native):
    """Vectors of 1e-25: their squares are below what f32 can hold."""
    assert native.reserve(0, 1, DIMENSION, F32) == OK
    native.put(0, 0, 0, array("f", [1e-25] * DIMENSION).tobytes())
    query = array("f", [1e-20] * DIMENSION).tobytes()
    native.run(candidate_request(1, 1, query, now=NOW))
    assert native.underflowed()
