"""What a bundle claims costs nothing; what it may hold costs a known multiple of its bytes."""

import json
import random
import tracemalloc
from array import array
from dataclasses import replace

import pytest
import wasmtime
from attacks.collisions import colliding_bundle
from attacks.files import GOOD, container, joined
from attacks.routing import check_routes
from random_bundle import CANDIDATE, random_config

from tiny_dancer import BundleError, Policy, Router
from tiny_dancer.hosts.package_data import kernel_wasm
from tiny_dancer.model import image, read_bundle, write_bundle
from tiny_dancer.model.spec import MAX_FILE_BYTES, SYMBOLS, size_of, table

MIB = 1 << 20
KERNEL_PAGES = 4_096
"""Of 64 KiB: the memory that the kernel may grow to."""


def peak_of(call):
    """Largest number of bytes that a call held at once, beyond those before."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def refused(source, fault):
    def call():
        with pytest.raises(BundleError, match=fault):
            read_bundle(source)

    return call


def test_claims_are_refused_before_anything_is_allocated():
    for shape, offsets in (
        ([MAX_FILE_BYTES, MAX_FILE_BYTES], [0, MAX_FILE_BYTES]),
        ([MAX_FILE_BYTES // 4], [0, MAX_FILE_BYTES]),
    ):
        entry = {"dtype": "F32", "shape": shape, "data_offsets": offsets}
        assert peak_of(refused(container({"t": entry}), "t: ")) < MIB


def test_tensors_on_one_place_are_not_copied():
    """Nine hundred tensors of seven megabytes each, all the same seven megabytes."""
    size = 7 * MIB
    entry = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    header = {"__metadata__": {}, **{f"t{n}": entry for n in range(900)}}
    data = joined(json.dumps(header, separators=(",", ":")).encode(), bytes(size))
    assert len(data) < MAX_FILE_BYTES
    assert peak_of(refused(data, "starts at byte 0, the tensor before it ends at")) < 3 * size


def test_a_file_is_not_read_beyond_the_bound(tmp_path):
    path = tmp_path / "long.safetensors"
    with path.open("wb") as file:
        file.write(GOOD)
        file.truncate(1 << 30)
    assert peak_of(refused(path, "file: longer than the bound")) < 3 * MAX_FILE_BYTES
    assert peak_of(refused(bytearray(64 * MIB), "file: longer than")) < 80 * MIB


@pytest.mark.parametrize("path", ["a\0b", "."])
def test_a_path_that_cannot_be_opened_is_refused(path):
    with pytest.raises(BundleError, match=r"^'?(a|\.)"):
        read_bundle(path)


def largest_bundle():
    """Every size at its bound."""
    sizes = {symbol: bound[-1] for symbol, bound in SYMBOLS.items()}
    v, strings = sizes["V"], sizes["S"]
    generator = random.Random(1)
    words = [f"{n:05d}".encode().ljust(strings // v, b"x") for n in range(v)]
    tensors = {}
    for name, tensor in table(["candidate.w"], False).items():
        shape = [size_of(symbol, sizes) for symbol in tensor.shape]
        count = shape[0] * (shape[1] if len(shape) == 2 else 1)
        if tensor.dtype == "F32":
            raw = array("f", [0.01]).tobytes() * count
        elif tensor.dtype == "U16":
            raw = array("H", [0, 10_000]).tobytes() * (count // 2)
        else:
            raw = generator.randbytes(count) if name == "token.rows" else bytes(count)
        tensors[name] = (shape, raw)
    tensors["vocab.strings"] = ([strings], b"".join(words))
    tensors["vocab.lengths"] = ([v], bytes(map(len, words)))
    return write_bundle(
        tensors, replace(random_config(16), candidate=CANDIDATE), Policy(0.25), {"note": "largest"}
    )


def test_the_largest_bundle_takes_a_known_multiple_of_its_bytes(record_property):
    data = largest_bundle()
    assert 5 * MIB < len(data) < MAX_FILE_BYTES
    found = []
    peak = peak_of(lambda: found.append(read_bundle(data)))
    record_property("peak of the largest bundle, times its bytes", round(peak / len(data), 1))
    assert peak < 8 * len(data)
    check_routes(found[0])
    assert len(image(found[0], 512)) < MAX_FILE_BYTES


def test_the_kernels_memory_has_a_maximum():
    module = wasmtime.Module(wasmtime.Engine(), kernel_wasm())
    (memory,) = [export.type for export in module.exports if export.name == "memory"]
    assert memory.limits.max == KERNEL_PAGES


def test_a_vocabulary_made_to_collide_is_served_by_the_twin():
    """The kernel would walk over all of it for every word; the twin's look-up does not mind."""
    router = Router(model=colliding_bundle())
    assert router.scorer == "twin"
    assert router.route("any prompt").n_tokens == 2
