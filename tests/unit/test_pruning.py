"""A pruned bundle is smaller in the file, dense in memory, and read alike by kernel and twin."""

import json
import re
from array import array
from pathlib import Path

import numpy as np
import pytest
from attacks.files import drop, rewritten, set_tensor
from random_bundle import random_bundle
from typer.testing import CliRunner

from tiny_dancer import BundleError, InvalidInputError
from tiny_dancer.cli.app import app
from tiny_dancer.evaluate.quality import more_tables
from tiny_dancer.hosts import open_kernel
from tiny_dancer.model import Model, image, read_bundle
from tiny_dancer.model.prune import kept_weights
from tiny_dancer.model.sparse import PRUNED, _dense, compressed
from tiny_dancer.scoring.twin.scorer import TwinScorer

WHOLE = random_bundle(3, v=400, spread=0.3)
PROMPTS = ["what is the capital of a theorem?", "", "Prove it: 1 + 1 = 2 é"]


def pruned(share: float) -> bytes:
    model = Model.load(WHOLE)
    model.prune(share)
    return model.to_bytes()


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9])
def test_the_file_shrinks_and_the_report_counts_what_is_zero(share):
    model = Model.load(WHOLE)
    report = model.prune(share)
    assert (report.bytes_before, report.bytes_after) == (len(WHOLE), len(model.to_bytes()))
    rows = model.bundle.tensors["token.rows"]
    assert report.bytes_after < report.bytes_before - len(rows) * (share - 0.13)
    assert set(report.parts) == set(PRUNED)
    for name, part in report.parts.items():
        values = model.bundle.tensors[name].tolist()
        assert (part.weights, part.zeros) == (len(values), values.count(0))
        assert part.zeros >= round(share * part.weights)


def test_the_least_weights_go_and_the_others_stay_as_they_were():
    before, after = read_bundle(WHOLE), read_bundle(pruned(0.8))
    scales = np.array(before.tensors["token.scales"])[:, None]
    old, new = (np.array(b.tensors["token.rows"]).reshape(400, -1) for b in (before, after))
    size = np.abs(old * scales)
    assert (new[new != 0] == old[new != 0]).all()
    assert size[(new == 0) & (old != 0)].max() <= size[new != 0].min()


def test_kernel_and_twin_read_the_same_dense_numbers():
    bundle = read_bundle(pruned(0.8))
    kernel, twin = open_kernel(bundle, 512), TwinScorer(bundle, 512)
    for prompt in PROMPTS:
        one, two = kernel.score_text(prompt.encode()), twin.score_text(prompt.encode())
        assert one.scores == two.scores and one.probabilities == two.probabilities
    assert bundle.tensors["token.rows"].nbytes == read_bundle(WHOLE).tensors["token.rows"].nbytes


def test_the_kernel_has_no_more_and_no_less_to_do():
    whole, small = (image(read_bundle(data), 512) for data in (WHOLE, pruned(0.9)))
    assert len(small) == len(whole) and small[:64] == whole[:64]


def test_a_pruned_file_is_written_again_byte_for_byte():
    data = pruned(0.9)
    assert Model.load(data).to_bytes() == data
    content = read_bundle(data).with_()
    assert {name: raw for name, (_, raw) in content.tensors.items()} == {
        name: bytes(values) for name, values in read_bundle(data).tensors.items()
    }


def test_a_whole_bundle_is_stored_as_before():
    assert b".mask" not in WHOLE and Model.load(WHOLE).to_bytes() == WHOLE


def test_inspect_shows_the_sparsity(tmp_path):
    (tmp_path / "b.safetensors").write_bytes(pruned(0.8))
    done = CliRunner().invoke(app, ["inspect", str(tmp_path / "b.safetensors"), "--json"])
    facts = json.loads(done.output)
    rows = facts["sparsity"]["token.rows"]
    assert rows["zeros"] >= round(0.8 * rows["weights"]) and rows["bytes"] < rows["weights"] / 2
    assert facts["provenance"]["pruned"]["from"] == read_bundle(WHOLE).bundle_hash
    assert "sparsity" not in json.loads(CliRunner().invoke(app, ["inspect", "--json"]).output)


@pytest.mark.parametrize("share", [-0.1, 1, 1.5, "much", None, True])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(InvalidInputError, match="share: a number in"):
        Model.load(WHOLE).prune(share)


def test_minus_zero_and_tiny_numbers_survive():
    numbers = array("f", [0.0, -0.0, 1e-45, *[0.0] * 29])
    mask, values = compressed("F32", numbers.tobytes())
    assert len(values) == 8
    back = _dense("x", ("U8", [4], memoryview(mask)), ("F32", [2], memoryview(values)), 32)
    assert back.tobytes() == numbers.tobytes()


def test_equal_weights_go_in_their_order():
    assert kept_weights(np.ones(4), 0.5).tolist() == [False, False, True, True]


DATA = pruned(0.8)
N_MASK = len(read_bundle(DATA).tensors["token.rows"]) // 8


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (drop("token.rows.mask"), "token.rows: either it or both .mask and .values"),
        (drop("cell.u.values"), "cell.u: either it or both .mask and .values"),
        (set_tensor("cell.u", "F32", [1], bytes(4)), "cell.u: either it or both"),
        (set_tensor("token.rows.mask", "I8", [N_MASK], bytes(N_MASK)), "a mask of U8"),
        (set_tensor("token.rows.mask", "U8", [2], b"\1\1"), "bits are needed"),
        (set_tensor("token.rows.mask", "U8", [N_MASK], bytes(N_MASK)), "for each bit set"),
        (set_tensor("token.rows.values", "I8", [1], b"\1"), "for each bit set"),
        (drop("token.rows.mask", "token.rows.values"), "token.rows missing"),
        (drop("vocab.lengths"), "bits are needed"),
        (drop("head.bias"), "bits are needed"),
    ],
)
def test_mask_and_values_that_make_no_tensor_are_refused(change, fault):
    with pytest.raises(BundleError, match=re.escape(fault)):
        read_bundle(rewritten(change, data=DATA))


def test_the_pages_table_shows_the_time_that_was_measured_for_each_row_and_no_other():
    results = Path(__file__).parents[2] / "docs/results/quality/pruning.json"
    found = json.loads(results.read_text("utf-8"))
    found["time"] = {"50%": 0.5, "80%": 0.8, "90%": 0.9}
    shown = [
        row.split("|")[4].strip() for row in more_tables.pruning({"pruning": found}).split("\n")
    ]
    assert shown[2:9] == ["1.00", "0.50", "0.50", "0.80", "0.80", "0.90", "0.90"]
    del found["time"]["80%"]
    with pytest.raises(KeyError, match="80%"):
        more_tables.pruning({"pruning": found})
