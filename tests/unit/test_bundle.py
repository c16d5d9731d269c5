"""A bundle is read back as written, and any other byte is refused (tests/attacks has the rest)."""

import random
from dataclasses import replace

import pytest
from random_bundle import CANDIDATE, random_bundle, random_config, random_tensors
from safetensors.numpy import load as load_safetensors

from tiny_dancer import BundleError, Policy
from tiny_dancer.calibration.conformal import Calibration
from tiny_dancer.model import read_bundle, write_bundle
from tiny_dancer.model.spec import TENSORS

DATA = random_bundle(1)


def test_reading_gives_back_what_was_written():
    tensors = random_tensors(5, v=200, h=32, m=3, n=250)
    data = write_bundle(tensors, random_config(3), Policy(0.5), {"seed": 5})
    bundle = read_bundle(data)
    assert {name: bytes(values) for name, values in bundle.tensors.items()} == {
        name: raw for name, (_, raw) in tensors.items()
    }
    assert bundle.config == random_config(3)
    assert bundle.policy == Policy(0.5, bundle_hash=bundle.bundle_hash)
    assert bundle.provenance == {"seed": 5}
    assert data == write_bundle(tensors, random_config(3), Policy(0.5), {"seed": 5})


def test_the_safetensors_library_reads_the_same_numbers():
    ours, theirs = read_bundle(DATA), load_safetensors(DATA)
    assert ours.tensors.keys() == theirs.keys()
    for name, values in ours.tensors.items():
        assert values.tobytes() == theirs[name].tobytes()
        assert len(theirs[name].shape) == len(TENSORS[name].shape)


def test_a_path_is_read_and_a_missing_one_is_named(tmp_path):
    (tmp_path / "b.safetensors").write_bytes(DATA)
    assert read_bundle(tmp_path / "b.safetensors").bundle_hash == read_bundle(DATA).bundle_hash
    with pytest.raises(BundleError, match=r"nowhere\.safetensors"):
        read_bundle(str(tmp_path / "nowhere.safetensors"))


def test_any_changed_byte_is_refused():
    generator = random.Random(1)
    header = 8 + int.from_bytes(DATA[:8], "little")
    places = [*range(header), *(generator.randrange(header, len(DATA)) for _ in range(3_000))]
    for place in places:
        changed = bytearray(DATA)
        changed[place] ^= generator.randrange(1, 256)
        with pytest.raises(BundleError):
            read_bundle(bytes(changed))


def test_any_cut_or_added_byte_is_refused():
    step = 97
    for length in [*range(0, len(DATA), step), len(DATA) - 1]:
        with pytest.raises(BundleError):
            read_bundle(DATA[:length])
    for place in [*range(0, len(DATA), step), len(DATA)]:
        with pytest.raises(BundleError):
            read_bundle(DATA[:place] + b"\0" + DATA[place:])


def test_a_bundle_with_the_candidates_group_is_read_back():
    bundle = read_bundle(random_bundle(1, candidates=True))
    assert bundle.config.candidate == CANDIDATE
    assert bundle.sizes["C"] == len(bundle.tensors["candidate.calibration.works"])
    assert 0 < Calibration.of_candidates(bundle).uncertainty(0.5) <= 1


def test_writing_refuses_what_reading_would():
    with pytest.raises(BundleError, match="lambda"):
        write_bundle(random_tensors(1), replace(random_config(), lam=2.0), Policy(0.5), {})
