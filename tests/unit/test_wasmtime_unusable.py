"""Where wasmtime is installed and cannot be used, the twin serves: never an exception."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from patience import WORK_S
from random_bundle import random_bundle

from tiny_dancer import Router

wasmtime = pytest.importorskip("wasmtime")

CODE = (
    "import sys; from tiny_dancer import Router; router = Router(model=sys.argv[1]); "
    "print(router.scorer, router.route('what is the city').score)"
)


@pytest.fixture
def bundle(tmp_path):
    path = tmp_path / "b.safetensors"
    path.write_bytes(random_bundle(1))
    return path


def run(bundle, *before, first_on_path=None):
    paths = [str(first_on_path or ""), *sys.path]
    return subprocess.run(
        [*before, sys.executable, "-c", CODE, str(bundle)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        timeout=WORK_S,
    )


def serves_by_the_twin(done, bundle) -> bool:
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    kind, score = done.stdout.split()
    return kind == "twin" and float(score) == Router(model=bundle).route("what is the city").score


def test_here_it_can_be_used(bundle):
    assert run(bundle).stdout.startswith("kernel ")


@pytest.mark.skipif(shutil.which("setarch") is None, reason="there is no setarch")
def test_another_architecture(bundle):
    assert serves_by_the_twin(run(bundle, "setarch", "i686"), bundle)


@pytest.mark.parametrize("library", ["missing", "damaged", "empty", "of something else"])
def test_its_library_cannot_be_used(bundle, tmp_path, library):
    """The package itself, with its library taken away or another one in its place."""
    own, copy = Path(wasmtime.__file__).parent, tmp_path / "path" / "wasmtime"
    libraries = [p for p in own.rglob("*") if p.suffix in (".so", ".dylib", ".dll")]
    assert libraries
    shutil.copytree(
        own,
        copy,
        ignore=lambda _, names: [n for n in names if Path(n).suffix in (".so", ".dylib", ".dll")],
    )
    for path in libraries:
        place = copy / path.relative_to(own)
        if library == "damaged":
            place.write_bytes(b"\x7fELF" + bytes(4_096))
        elif library == "empty":
            place.write_bytes(b"")
        elif library == "of something else":
            import _ctypes

            shutil.copy(_ctypes.__file__, place)
    assert serves_by_the_twin(run(bundle, first_on_path=copy.parent), bundle)


@pytest.mark.parametrize(
    "error",
    [
        "RuntimeError",
        "OSError",
        "AttributeError",
        "ImportError",
        "ValueError",
        "NotImplementedError",
    ],
)
def test_importing_it_fails_in_any_way(bundle, tmp_path, error):
    (tmp_path / "wasmtime").mkdir()
    (tmp_path / "wasmtime" / "__init__.py").write_text(f"raise {error}('not here')\n")
    assert serves_by_the_twin(run(bundle, first_on_path=tmp_path), bundle)


def test_a_version_with_other_names(bundle, tmp_path):
    (tmp_path / "wasmtime.py").write_text("class Engine: pass\n")
    assert serves_by_the_twin(run(bundle, first_on_path=tmp_path), bundle)
