"""What ships is what the manifest says: small, without imports, rebuilt to the same bytes."""

import hashlib
import json
import shutil
import subprocess
from importlib.resources import files

import pytest
import wasmtime
from kernel.instance import SOURCES

from tiny_dancer.hosts.package_data import kernel_wasm
from tiny_dancer.model.spec import UNICODE_VERSION

MANIFEST = json.loads((files("tiny_dancer") / "data" / "kernel.json").read_text())
KIB = 1024


def test_the_manifest_describes_the_file(module):
    wasm = kernel_wasm()
    assert MANIFEST["sha256"] == hashlib.sha256(wasm).hexdigest()
    assert MANIFEST["bytes"] == len(wasm)
    assert MANIFEST["bytes"] == MANIFEST["code_bytes"] + MANIFEST["unicode_table_bytes"]
    assert MANIFEST["abi"] == module.call("td_abi") == 1 << 16 | 3
    number = module.call("td_unicode")
    assert MANIFEST["unicode"] == f"{number >> 16}.{number >> 8 & 255}.{number & 255}"
    assert MANIFEST["unicode"] == UNICODE_VERSION


def test_the_kernel_is_small():
    assert MANIFEST["bytes"] <= 64 * KIB
    assert MANIFEST["code_bytes"] <= 40 * KIB
    assert MANIFEST["unicode_table_bytes"] <= 24 * KIB


def test_the_module_imports_nothing_and_exports_the_calls():
    module = wasmtime.Module(wasmtime.Engine(), kernel_wasm())
    assert list(module.imports) == []
    exports = {export.name: export.type for export in module.exports}
    calls = "abi alloc array block candidates commit load part result run unicode".split()
    assert sorted(name for name in exports if name.startswith("td_")) == [f"td_{c}" for c in calls]
    limits = exports["memory"].limits
    assert (limits.min, limits.max) == (16, 4096)


def test_the_module_needs_no_relaxed_simd():
    config = wasmtime.Config()
    config.wasm_relaxed_simd = False
    wasmtime.Module.validate(wasmtime.Engine(config), kernel_wasm())


@pytest.mark.skipif(shutil.which("emcc") is None, reason="no emcc")
def test_two_builds_in_two_folders_are_equal():
    built = subprocess.run([SOURCES / "build.sh", "--check"], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    assert "two builds in two folders are equal" in built.stderr
