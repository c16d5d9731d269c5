"""A float model becomes one that routes, within half a step of every row, and says what it cost."""

import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
from random_bundle import (
    CANDIDATE,
    random_bundle,
    random_candidate_tensors,
    random_config,
    random_tensors,
)
from typer.testing import CliRunner

from tiny_dancer import BundleError, InvalidInputError, Policy, Router
from tiny_dancer.cli.app import app
from tiny_dancer.model import Model, read_bundle, write_bundle

V, H = 200, 32
ROWS = np.random.default_rng(3).normal(0, 0.4, (V, H)).astype(np.float32)
PROMPTS = ["what is the capital of a theorem?", "", "Prove it: 1 + 1 = 2 \ud800 é"]


def float_bundle(rows=ROWS, **candidates):
    """A float model with these token rows."""
    tensors = random_tensors(3, v=V, h=H) | {"token.rows": ([V, H], rows.tobytes())}
    del tensors["token.scales"]
    if candidates:
        tensors |= random_candidate_tensors(3, H)
    return write_bundle(tensors, random_config(**candidates), Policy(0.25), {"seed": 3})


def restored(model):
    tensors = model.bundle.tensors
    rows = np.frombuffer(tensors["token.rows"], np.int8).reshape(V, H)
    return rows * np.frombuffer(tensors["token.scales"], np.float32)[:, None]


def test_a_router_refuses_a_float_model_and_says_what_to_do():
    with pytest.raises(BundleError, match=r"quantize it first: Model.load\(\.\.\.\)\.quantize\(\)"):
        Router(model=float_bundle())
    router = Router()
    before = router.bundle.bundle_hash
    with pytest.raises(BundleError, match="quantize it first"):
        router.reload_model(float_bundle())
    assert router.bundle.bundle_hash == before


@pytest.mark.parametrize("candidates", [{}, {"candidate": CANDIDATE}])
def test_a_quantized_model_routes_near_to_the_float_one(candidates, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(float_bundle(**candidates))
    model = Model.load(path)
    model.quantize()
    assert model.save(path) == read_bundle(path).bundle_hash
    assert [file.name for file in tmp_path.iterdir()] == ["model.safetensors"]
    router = Router(model=path)
    scales = np.frombuffer(model.bundle.tensors["token.scales"], np.float32)
    # Half a step, and the rounding of f32 on top.
    assert (np.abs(restored(model) - ROWS) <= 0.5001 * scales[:, None]).all()
    assert len({router.route(prompt).score for prompt in PROMPTS}) == len(PROMPTS)


def test_the_report_gives_bytes_and_error_of_every_tensor():
    model = Model.load(float_bundle())
    before = model.bundle
    report = model.quantize()
    after = model.bundle
    assert (report.bytes_before, report.bytes_after) == (before.n_bytes, after.n_bytes)
    assert {n: c.bytes_before for n, c in report.tensors.items() if c.bytes_before} == {
        name: raw.nbytes for name, raw in before.tensors.items()
    }
    assert {n: c.bytes_after for n, c in report.tensors.items()} == {
        name: raw.nbytes for name, raw in after.tensors.items()
    }
    error = (restored(model) - ROWS.astype(np.float64)).ravel()
    rows = report.tensors["token.rows"]
    assert (rows.bytes_before, rows.bytes_after) == (4 * V * H, V * H)
    assert rows.max_error == pytest.approx(np.abs(error).max(), rel=1e-4)
    assert rows.rms_error == pytest.approx((error**2).mean() ** 0.5, rel=1e-4)
    assert 0 < rows.rms_error < rows.max_error < 0.01
    assert all(c.max_error == 0 for n, c in report.tensors.items() if n != "token.rows")


def test_everything_but_the_rows_stays_and_the_float_model_is_named():
    model = Model.load(float_bundle())
    before = model.bundle
    model.quantize()
    after = model.bundle
    assert before.is_float and not after.is_float
    assert after.provenance == {"seed": 3, "quantised_from": before.bundle_hash}
    assert (after.config, after.policy.threshold) == (before.config, 0.25)
    for name, raw in before.tensors.items():
        assert (name == "token.rows") == (after.tensors[name].tobytes() != raw.tobytes())


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([0.0] * H, [0] * H),
        ([127e3, -127e3, 500.0, *[0.0] * (H - 3)], [127, -127, 0, *[0] * (H - 3)]),
        ([2.6e-43, -1e-43, *[0.0] * (H - 2)], [0] * H),  # its scale would be one subnormal step
        ([1.5e-36, -1.5e-36, *[0.0] * (H - 2)], [127, -127, *[0] * (H - 2)]),
    ],
)
def test_rows_at_the_borders_of_f32_stay_in_range(row, expected):
    rows = ROWS.copy()
    rows[7] = row
    model = Model.load(float_bundle(rows))
    model.quantize()
    assert model.bundle.tensors["token.rows"][7 * H : 8 * H].tolist() == expected


def test_an_int8_model_is_not_quantized_again_and_is_saved_as_it_was(tmp_path):
    data = random_bundle(1, candidates=True)
    model = Model.load(data)
    with pytest.raises(InvalidInputError, match="int8 already"):
        model.quantize()
    model.save(tmp_path / "same")
    assert (tmp_path / "same").read_bytes() == data


def test_the_example_of_the_page_runs(tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs/bundle.md").read_text("utf-8")
    example = page[page.index("    from tiny_dancer.model import Model") :]
    example = textwrap.dedent(example[: example.index("\n\nEach row")])
    monkeypatch.chdir(tmp_path)
    Path("float.safetensors").write_bytes(float_bundle())
    exec(compile(example, "docs/bundle.md", "exec"), {})
    assert not read_bundle("model.safetensors").is_float


def test_a_float_model_is_saved_as_it_was():
    assert Model.load(float_bundle()).to_bytes() == float_bundle()


@pytest.mark.parametrize(
    ("value", "fault"), [(float("nan"), "not finite"), (-1.28e5, "beyond its bound")]
)
def test_a_float_model_is_checked_like_any_bundle(value, fault):
    rows = ROWS.copy()
    rows[0, 5] = value
    with pytest.raises(BundleError, match=f"token.rows: element 5 is {fault}"):
        float_bundle(rows)


def test_inspect_shows_a_float_model_as_such(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(float_bundle())
    shown = CliRunner().invoke(app, ["inspect", str(path)])
    assert shown.exit_code == 0
    assert "float, to be quantized before a router takes it" in shown.stdout
    path.write_bytes(random_bundle(1))
    assert re.search(r"form +int8", CliRunner().invoke(app, ["inspect", str(path)]).stdout)


def test_inspect_prints_a_strangers_text_as_it_stands(tmp_path):
    facts = {"note [/bold]": "[red]x[/red]", "esc\x1b[2J": "\x1b]0;title\x07"}
    tensors = random_tensors(1)
    path = tmp_path / "model.safetensors"
    path.write_bytes(write_bundle(tensors, random_config(), Policy(0.25), facts))
    shown = CliRunner().invoke(app, ["inspect", str(path)])
    assert shown.exit_code == 0
    assert "note [/bold]" in shown.stdout and "[red]x[/red]" in shown.stdout
    assert "\x1b" not in shown.stdout and "\\u001b" in shown.stdout
