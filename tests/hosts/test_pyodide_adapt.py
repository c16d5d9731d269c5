"""Adapting a bundle inside Pyodide: the standard library is enough, and it comes to the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hosts import adapting
from random_bundle import random_bundle


def test_a_tab_adapts_as_cpython_does(
    report: Callable[..., dict[str, Any]], wheel: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "b.safetensors"
    bundle.write_bytes(random_bundle(3, v=400))
    ours = json.loads(adapting.main(str(bundle), str(tmp_path / "labels.csv")))
    theirs = report("adapting.mjs", wheel, bundle)
    assert theirs["third_party"] == []
    assert theirs["kept"] is ours["kept"] is True
    assert theirs["strengths"] == ours["strengths"]
    # The two hosts' exp and log1p may differ in the last bit.
    for which in ("old", "new"):
        assert theirs[which] == pytest.approx(ours[which], rel=1e-9)
    assert theirs["heads"] == pytest.approx(ours["heads"], rel=1e-5, abs=1e-6)
