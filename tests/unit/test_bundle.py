"""A bundle is read back as written, and whatever is not exactly one is refused by name."""

import hashlib
import json
import random
import struct
import tracemalloc
from dataclasses import asdict, replace

import pytest
from random_bundle import CANDIDATE, random_bundle, random_config, random_tensors
from safetensors.numpy import load as load_safetensors

from tiny_dancer import BundleError, Policy
from tiny_dancer.model import read_bundle, write_bundle
from tiny_dancer.model.safetensors import parse, serialize
from tiny_dancer.model.spec import TENSORS

DATA = random_bundle(1)


def rewritten(change, data=DATA):
    """A file after `change(metadata, tensors)`, its hash made right again."""
    metadata, entries = parse(data)
    tensors = {name: (dtype, shape, bytes(raw)) for name, (dtype, shape, raw) in entries.items()}
    change(metadata, tensors)
    metadata["sha256"] = "0" * 64
    metadata["sha256"] = hashlib.sha256(serialize(metadata, tensors)).hexdigest()
    return serialize(metadata, tensors)


def set_config(**values):
    def change(metadata, tensors):
        metadata["config"] = json.dumps(json.loads(metadata["config"]) | values)

    return change


def set_float(name, index, value):
    def change(metadata, tensors):
        dtype, shape, raw = tensors[name]
        tensors[name] = (
            dtype,
            shape,
            raw[: 4 * index] + struct.pack("<f", value) + raw[4 * index + 4 :],
        )

    return change


def set_byte(name, index, value):
    def change(metadata, tensors):
        dtype, shape, raw = tensors[name]
        tensors[name] = (dtype, shape, raw[:index] + bytes([value]) + raw[index + 1 :])

    return change


def set_metadata(name, value):
    def change(metadata, tensors):
        metadata[name] = value

    return change


def set_tensor(name, value):
    def change(metadata, tensors):
        tensors[name] = value

    return change


def drop(name):
    def change(metadata, tensors):
        del tensors[name]

    return change


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


@pytest.mark.parametrize("seed", range(2))
def test_any_changed_byte_is_refused(seed):
    generator = random.Random(seed)
    header = 8 + int.from_bytes(DATA[:8], "little")
    places = [*range(header), *(generator.randrange(header, len(DATA)) for _ in range(3_000))]
    for place in places:
        changed = bytearray(DATA)
        changed[place] ^= generator.randrange(1, 256)
        with pytest.raises(BundleError):
            read_bundle(bytes(changed))


@pytest.mark.parametrize("step", [97])
def test_any_cut_or_added_byte_is_refused(step):
    for length in [*range(0, len(DATA), step), len(DATA) - 1]:
        with pytest.raises(BundleError):
            read_bundle(DATA[:length])
    for place in [*range(0, len(DATA), step), len(DATA)]:
        with pytest.raises(BundleError):
            read_bundle(DATA[:place] + b"\0" + DATA[place:])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_metadata("format", "other"), "format: 'other'"),
        (set_metadata("format_version", "2"), "format_version"),
        (set_metadata("unicode_version", "15.0.0"), "unicode_version"),
        (set_metadata("extra", "1"), "metadata: exactly"),
        (set_metadata("config", "[" * 30_000), "config: not JSON"),
        (set_metadata("config", "[]"), "config: a JSON object"),
        (set_metadata("policy", "{}"), "policy: version"),
        (set_metadata("policy", Policy(0.1, bundle_hash="x").to_json()), "must not name a bundle"),
        (set_metadata("provenance", "{"), "provenance: not JSON"),
        (set_config(models=["light"]), "models must be 2 different names"),
        (set_config(models=["a", "a"]), "models must be 2 different names"),
        (set_config(models=[["a"], "b"]), "models must be 2 different names"),
        (set_config(**{"lambda": 1.5}), "lambda must be"),
        (set_config(zeta=True), "zeta must be"),
        (set_config(nu=None), "nu must be"),
        (set_config(unknown=300), "unknown must be a token id"),
        (set_config(unfamiliar=[1]), "unfamiliar must be two numbers"),
        (set_config(more=1), "config: exactly"),
        (drop("cell.u"), "cell.u missing"),
        (set_tensor("cell.w", ("F32", [1], b"0000")), "'cell.w' is not part"),
        (set_tensor("cell.u", ("F32", [256], bytes(1024))), r"cell.u: F32 with axes"),
        (set_tensor("cell.u", ("F32", [8, 32], bytes(1024))), r"cell.u: shape \[16, 16\]"),
        (set_tensor("token.rows", ("U8", [300, 16], bytes(4800))), "token.rows: I8"),
        (set_tensor("token.rows", ("I8", [300, 17], bytes(5100))), "H = 17 is outside"),
        (set_tensor("token.rows", ("I8", [300, 80], bytes(24000))), "H = 80 is outside"),
        (set_float("token.scales", 3, -0.5), "token.scales: an element is negative"),
        (set_float("token.scales", 3, float("nan")), "token.scales: element 3 is not finite"),
        (set_float("cell.u", 7, float("inf")), "cell.u: element 7 is not finite"),
        (set_float("head.weights", 1, 1e7), "head.weights: element 1 is beyond its bound"),
        (set_float("calibration.score", 0, 1.5), "rows must be sorted"),
        (set_float("calibration.confidence", 0, 1.5), "calibration.confidence: element 0"),
        (set_byte("calibration.interval", 1, 255), "calibration.interval: row 0"),
        (set_byte("vocab.lengths", 2, 0), "vocab.lengths"),
        (set_byte("vocab.lengths", 2, 200), "vocab.lengths"),
        (set_byte("vocab.flags", 2, 4), "vocab.flags"),
        (set_byte("vocab.strings", 0, 255), "vocab.strings: an entry is not UTF-8"),
    ],
)
def test_a_fault_behind_a_right_hash_is_named(change, message):
    with pytest.raises(BundleError, match=message):
        read_bundle(rewritten(change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("candidate.u"), "candidate.u missing"),
        (set_tensor("candidate.w", ("F32", [8, 5], bytes(160))), r"candidate.w: shape \[5, 8\]"),
        (set_tensor("candidate.project", ("F32", [32, 8], bytes(1024))), "candidate.project"),
        (set_float("candidate.start", 0, 1.5), "candidate.start: element 0 is beyond"),
        (set_float("candidate.calibration.confidence", 0, 1.0), "rows must be sorted"),
        (set_byte("candidate.calibration.works", 0, 2), "neither 0 nor 1"),
        (set_byte("candidate.calibration.interval", 3, 255), "candidate.calibration.interval"),
        (set_config(candidate=None), "candidate needs exactly"),
        (set_config(candidate={}), "candidate needs exactly"),
        (set_config(candidate=asdict(CANDIDATE) | {"zeta": 2}), "candidate.zeta must be"),
        (set_config(candidate=asdict(CANDIDATE) | {"count_cap": 1.5}), "count_cap"),
        (set_config(candidate=asdict(CANDIDATE) | {"half_life_s": 0}), "half_life_s"),
    ],
)
def test_a_fault_of_the_candidates_group_is_named(change, message):
    with pytest.raises(BundleError, match=message):
        read_bundle(rewritten(change, random_bundle(1, candidates=True)))


def test_constants_without_their_tensors_are_refused():
    with pytest.raises(BundleError, match="config: exactly"):
        read_bundle(rewritten(set_config(candidate=asdict(CANDIDATE))))


def test_a_bundle_with_the_candidates_group_is_read_back():
    bundle = read_bundle(random_bundle(1, candidates=True))
    assert bundle.config.candidate == CANDIDATE
    assert bundle.sizes["C"] == len(bundle.tensors["candidate.calibration.works"])
    assert 0 < bundle.candidate_calibration().uncertainty(0.5) <= 1


def test_an_entry_that_occurs_twice_is_refused():
    def change(metadata, tensors):
        _, _, lengths = tensors["vocab.lengths"]
        at = [i for i, n in enumerate(lengths) if n == 1][:2]
        offsets = [sum(lengths[:i]) for i in at]
        _, shape, strings = tensors["vocab.strings"]
        copied = bytearray(strings)
        copied[offsets[1]] = copied[offsets[0]]
        tensors["vocab.strings"] = ("U8", shape, bytes(copied))
        set_byte("vocab.flags", at[0], 0)(metadata, tensors)
        set_byte("vocab.flags", at[1], 0)(metadata, tensors)

    with pytest.raises(BundleError, match="occurs twice"):
        read_bundle(rewritten(change))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "too short"),
        (b"\xff" * 8, "header: length"),
        ((1 << 40).to_bytes(8, "little") + b"{}", "header: length"),
        ((2).to_bytes(8, "little") + b"[]", "a JSON object"),
        ((2).to_bytes(8, "little") + b"{}", "__metadata__"),
        ((4).to_bytes(8, "little") + b"\xff\xff\xff\xff", "not JSON"),
        (bytes((8 << 20) + 1), "at most"),
    ],
)
def test_a_malformed_container_is_refused(data, message):
    with pytest.raises(BundleError, match=message):
        read_bundle(data)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 4]}, "whole numbers up to"),
        ({"dtype": "F32", "shape": [4096, 4096], "data_offsets": [0, 4]}, "needs"),
        ({"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}, "dtype 'F64'"),
        ({"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]}, "dtype"),
        ({"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}, "whole numbers"),
        ({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}, "whole numbers"),
        ({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}, "offsets in order"),
        ({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "ends at byte 8 of 4"),
        ({"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}, "ends at byte 6|not aligned"),
        ({"dtype": "U8", "shape": [2], "data_offsets": [1, 3]}, "starts at byte 1"),
        ({"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}, "2 bytes after the last"),
        ({"dtype": "U8", "shape": [2]}, "dtype, shape and data_offsets"),
    ],
)
def test_a_malformed_tensor_entry_is_refused(entry, message):
    header = json.dumps({"__metadata__": {"format": "x"}, "t": entry}).encode()
    with pytest.raises(BundleError, match=message):
        read_bundle(len(header).to_bytes(8, "little") + header + bytes(4))


def test_a_name_given_twice_is_refused():
    header = b'{"__metadata__":{},"__metadata__":{}}'
    with pytest.raises(BundleError, match="occurs twice"):
        read_bundle(len(header).to_bytes(8, "little") + header)


def test_a_huge_declared_size_allocates_nothing():
    header = json.dumps(
        {
            "__metadata__": {},
            "t": {"dtype": "F32", "shape": [8388608, 8388608], "data_offsets": [0, 8388608]},
        }
    ).encode()
    tracemalloc.start()
    with pytest.raises(BundleError):
        read_bundle(len(header).to_bytes(8, "little") + header)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


def test_writing_refuses_what_reading_would():
    with pytest.raises(BundleError, match="lambda"):
        write_bundle(random_tensors(1), replace(random_config(), lam=2.0), Policy(0.5), {})
