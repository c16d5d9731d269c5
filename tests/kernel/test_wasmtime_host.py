"""The host on CPython: named errors, a trap that stays fatal, a fallback for the fast call."""

import gc
import os
import struct
import subprocess
import sys

import pytest
import wasmtime
from kernel.instance import random_image, request

from tiny_dancer import KernelError
from tiny_dancer.hosts import cpython
from tiny_dancer.hosts.cpython import WasmtimeHost
from tiny_dancer.hosts.package_data import kernel_wasm

IMAGE = random_image(1)

# Answers an empty request block with -6, as the kernel does, and traps at any other.
TRAPPING = """(module (memory (export "memory") 4)
  (func (export "td_abi") (result i32) i32.const 65536)
  (func (export "td_unicode") (result i32) i32.const 1048576)
  (func (export "td_alloc") (param i32) (result i32) i32.const 65536)
  (func (export "td_load") (param i32 i32) (result i32) i32.const 0)
  (func (export "td_block") (result i32) i32.const 131072)
  (func (export "td_result") (result i32) i32.const 64)
  (func (export "td_commit") (param i32 i32 i32) (result i32) i32.const -6)
  (func (export "td_part") (param i32 i32) (result i32) (i32.const -6))
  (func (export "td_run") (result i32)
    (if (i32.load (i32.const 131072)) (then unreachable)) i32.const -6))"""


def trapping(*changes):
    wat = TRAPPING
    for old, new in changes:
        assert old in wat
        wat = wat.replace(old, new)
    return bytes(wasmtime.wat2wasm(wat))


@pytest.fixture(params=["prepared", "public"])
def call(request, monkeypatch):
    """Both ways of calling `td_run`."""
    if request.param == "public":

        def missing(store, function, n):
            raise AttributeError("no such function in wasmtime")

        monkeypatch.setattr(cpython, "_prepared", missing)
    return request.param


def ask(host, text):
    block = request(text)
    host.block[: len(block)] = block
    return host.run(), bytes(host.result)


def test_both_calls_give_the_same_bytes(call, module):
    host = WasmtimeHost(kernel_wasm(), IMAGE)
    assert host.run.__name__ == call
    assert module.load(IMAGE) == 0
    assert ask(host, b"what is the theorem") == (0, module.run(request(b"what is the theorem")))


def test_attributes_are_those_of_the_kernel():
    host = WasmtimeHost(kernel_wasm(), IMAGE)
    assert (host.abi, host.unicode) == (1 << 16 | 3, 16 << 16)
    assert (len(host.block), host.block.format, host.block.readonly) == (73_792, "B", False)
    assert (len(host.result), host.result.format) == (5_440, "B")


def test_a_malformed_request_is_a_status(call):
    host = WasmtimeHost(kernel_wasm(), IMAGE)
    assert host.run() == -6
    assert ask(host, b"fine")[0] == 0


@pytest.mark.parametrize(
    ("at", "value", "name"),
    [(0, 1, "TD_E_MAGIC"), (64, 1, "TD_E_SECTION"), (16, 5, "TD_E_SHAPE"), (36, 1, "TD_E_UNICODE")],
)
def test_a_refused_image_names_the_error(at, value, name):
    changed = bytearray(IMAGE)
    struct.pack_into("<I", changed, at, value)
    with pytest.raises(KernelError, match=name):
        WasmtimeHost(kernel_wasm(), bytes(changed))


def test_another_abi_is_refused():
    wasm = trapping(
        ('i32.const 65536)\n  (func (export "td_u', 'i32.const 131072)\n  (func (export "td_u')
    )
    with pytest.raises(KernelError, match=r"ABI 2\.0"):
        WasmtimeHost(wasm, IMAGE)


def test_exhausted_memory_is_an_error():
    wasm = trapping(
        ("(param i32) (result i32) i32.const 65536", "(param i32) (result i32) i32.const 0")
    )
    with pytest.raises(KernelError, match="no memory"):
        WasmtimeHost(wasm, IMAGE)


def test_a_block_outside_the_memory_is_refused():
    wasm = trapping(
        ('i32.const 131072)\n  (func (export "td_res', 'i32.const 262144)\n  (func (export "td_res')
    )
    with pytest.raises(KernelError, match="outside"):
        WasmtimeHost(wasm, IMAGE)


@pytest.mark.parametrize(
    "wasm", [b"", b"\0asm", kernel_wasm()[:-1], trapping(("td_run", "td_ran"))]
)
def test_what_is_not_the_kernel_is_refused(wasm):
    with pytest.raises(KernelError):
        WasmtimeHost(wasm, IMAGE)


def test_a_trap_raises_then_and_ever_after(call):
    host = WasmtimeHost(trapping(), IMAGE[:1024])
    assert host.run.__name__ == call
    assert host.run() == -6
    host.block[0] = 1
    for _ in range(3):
        with pytest.raises(KernelError, match="lost"):
            host.run()
        host.block[0] = 0
    with pytest.raises(KernelError, match="lost"):
        host.run()


def test_the_views_keep_the_memory_alive():
    host = WasmtimeHost(kernel_wasm(), IMAGE)
    status, expected = ask(host, b"the theorem")
    block, result, run = host.block, host.result, host.run
    del host
    gc.collect()
    others = [WasmtimeHost(kernel_wasm(), IMAGE) for _ in range(3)]
    block[0:4] = bytes(4)
    assert run() == -6
    block[: len(request(b"the theorem"))] = request(b"the theorem")
    assert (run(), bytes(result)) == (status, expected)
    del others


def test_the_module_is_compiled_once():
    WasmtimeHost(kernel_wasm(), IMAGE)
    before = cpython._module.cache_info().misses
    WasmtimeHost(bytes(bytearray(kernel_wasm())), IMAGE)
    assert cpython._module.cache_info().misses == before


@pytest.mark.parametrize("home", [None, "/dev/null"])
def test_a_missing_cache_folder_does_not_matter(home):
    code = (
        "from tiny_dancer.hosts.cpython import WasmtimeHost\n"
        "from tiny_dancer.hosts.package_data import kernel_wasm\n"
        "import sys\n"
        "print(WasmtimeHost(kernel_wasm(), sys.stdin.buffer.read()).run())\n"
    )
    hidden = ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    if home:
        env |= {"HOME": home, "XDG_CACHE_HOME": home}
    done = subprocess.run([sys.executable, "-c", code], input=IMAGE, capture_output=True, env=env)
    assert done.stdout == b"-6\n", done.stderr.decode()
