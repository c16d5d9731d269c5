"""Ten thousand damaged bundles, each as it is and again with its hash made right."""

import random
import re
import tracemalloc
from collections import Counter
from time import perf_counter

import pytest
from attacks.files import FLOAT, GOOD, PLAIN, sealed
from attacks.mutations import mutated
from attacks.routing import check_routes
from safetensors.numpy import load as load_safetensors

from tiny_dancer import BundleError
from tiny_dancer.model import Model, read_bundle
from tiny_dancer.model.spec import CANDIDATE_TENSORS, TENSORS

COUNT = 10_000
MESSAGE = re.compile(r"([\w.]+): .{8,}")
SUBJECTS = {*TENSORS, *CANDIDATE_TENSORS, "file", "header", "metadata", "tensors", "sha256"} | {
    *("format", "format_version", "unicode_version", "config", "policy", "provenance")
}
PEAK = 128 << 10
"""Bytes a read may take at most, of a file below 10,000: far less than it can claim."""


class Reads:
    """What reading took: the longest one in seconds, the largest peak in bytes."""

    def __init__(self):
        self.longest, self.peak = 0.0, 0

    def __call__(self, data):
        """The bundle, or the error that refused it."""
        tracemalloc.start()
        start = perf_counter()
        try:
            return read_bundle(data)
        except BundleError as error:
            return error
        finally:
            self.longest = max(self.longest, perf_counter() - start)
            self.peak = max(self.peak, tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()


@pytest.fixture
def reads(record_property):
    found = Reads()
    yield found
    record_property("longest read in ms", round(1e3 * found.longest, 2))
    record_property("largest peak in bytes", found.peak)
    print(f"longest read {1e3 * found.longest:.1f} ms, largest peak {found.peak} bytes")


def test_a_damaged_bundle_is_refused_and_a_sealed_one_is_named_or_routes(reads):
    generator = random.Random(13)
    named, routed = Counter(), 0
    for n in range(COUNT):
        data = mutated(GOOD if n % 4 else PLAIN, generator)
        with pytest.raises(BundleError):
            read_bundle(data)
        data = sealed(data)
        bundle = reads(data)
        if isinstance(bundle, BundleError):
            named[subject(bundle, data)] += 1
            continue
        check_routes(bundle)
        assert {name: raw.tobytes() for name, raw in load_safetensors(data).items()} == {
            name: raw.tobytes() for name, raw in bundle.tensors.items()
        }
        routed += 1
    print(f"{routed} routed; refused: {named}")
    assert reads.peak < PEAK
    assert COUNT // 8 < routed < COUNT // 2
    assert named.keys() >= SUBJECTS - {"tensors"}


def test_a_damaged_float_model_is_refused_or_routes_when_quantized():
    generator = random.Random(14)
    routed = 0
    for _ in range(COUNT // 20):
        try:
            model = Model.load(sealed(mutated(FLOAT, generator)))
        except BundleError:
            continue
        if model.bundle.is_float:
            report = model.quantize()
            step = max(model.bundle.tensors["token.scales"])
            assert report.tensors["token.rows"].max_error <= 0.5001 * step + 1e-35
        check_routes(model.bundle)
        routed += 1
    assert routed > COUNT // 200


def subject(error, data):
    """What a message names first: a part of the format, or a tensor that the file declares."""
    found = MESSAGE.fullmatch(str(error))
    assert found and str(error).isprintable() and len(str(error)) < 300, str(error)
    assert found[1] in SUBJECTS or f'"{found[1]}"'.encode() in data
    return found[1]
