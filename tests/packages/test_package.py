"""Wheel and sdist: the same bytes again, what has to be inside, and one version everywhere."""

import io
import json
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from tools.package import ROOT, build, rebuild

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> dict[str, bytes]:
    return build(ROOT, tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module")
def wheel(packages) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(packages[f"tiny_dancer-{VERSION}-py3-none-any.whl"]))


def test_the_sdist_gives_the_same_packages_in_another_folder(packages, tmp_path):
    assert rebuild(packages[f"tiny_dancer-{VERSION}.tar.gz"], tmp_path) == packages


def test_types_and_licences_are_in_the_wheel(wheel):
    names = set(wheel.namelist())
    assert "tiny_dancer/py.typed" in names
    held = {Path(name).name for name in names if "/licenses/" in name}
    assert held >= {"LICENSE", "NOTICE", "Apache-2.0.txt", "Unicode-3.0.txt"}


def test_nothing_but_the_package_is_in_the_wheel(wheel):
    assert {name.split("/")[0] for name in wheel.namelist()} == {
        "tiny_dancer",
        f"tiny_dancer-{VERSION}.dist-info",
    }


def test_the_kernel_s_sources_are_in_the_sdist_and_no_data(packages):
    with tarfile.open(fileobj=io.BytesIO(packages[f"tiny_dancer-{VERSION}.tar.gz"])) as archive:
        folders = {name.split("/")[1] for name in archive.getnames()}
    assert folders >= {"py", "wasm_kernels", "LICENSE", "NOTICE", "licenses"}
    assert not folders & {"tests", "data", "docs", "web", "node_modules"}


@pytest.mark.parametrize("path", [".", "pack", "worker", "web/router", "web/demo"])
def test_every_package_has_the_version_of_pyproject(path):
    assert json.loads((ROOT / path / "package.json").read_text())["version"] == VERSION


def test_the_readme_names_files_of_this_version():
    for path in ("README.md", "web/router/README.md"):
        text = (ROOT / path).read_text()
        assert text.count("tiny_dancer-") == text.count(f"tiny_dancer-{VERSION}"), path
        assert text.count(".tgz") == text.count(f"tiny-dancer-{VERSION}.tgz"), path
