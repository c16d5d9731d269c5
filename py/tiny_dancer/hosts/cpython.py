"""The kernel on CPython, through wasmtime. Importing this module imports wasmtime."""

import ctypes
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, Final

import wasmtime

from ..errors import KernelError
from ..scoring.kernel import BLOCK_BYTES, RESULT_BYTES
from .status import check_abi, check_load

_compiling: Final = Lock()


class WasmtimeHost:
    """One kernel instance with one model loaded, for one thread at a time.

    Args:
        kernel_wasm: the kernel.
        image: the model as `model.image` lays it out.

    Attributes:
        block: the request block, writable.
        result: the result block.
        run: does what the request block says and returns the status. After a trap it raises
            KernelError, then and ever after.
        abi: version of the kernel's ABI, major << 16 | minor.
        unicode: Unicode version of its tables, major << 16 | minor << 8 | patch.

    Raises:
        KernelError: wasmtime cannot run this kernel, or the kernel refuses the image.
    """

    def __init__(self, kernel_wasm: bytes, image: bytes) -> None:
        self.block: memoryview
        self.result: memoryview
        self.run: Callable[[], int]
        self.abi: int
        self.unicode: int
        try:
            with _compiling:
                engine, module = _engine(), _module(kernel_wasm)
            store = wasmtime.Store(engine)
            exports = wasmtime.Instance(store, module, []).exports(store)
            self._open(store, exports, image)
        except (wasmtime.WasmtimeError, wasmtime.Trap, KeyError) as error:
            raise KernelError(f"kernel: wasmtime cannot run it: {error}") from error

    def _open(self, store: Any, exports: Any, image: bytes) -> None:
        def call(name: str, *arguments: int) -> int:
            value: int = exports[name](store, *arguments)
            return value

        self.abi, self.unicode = call("td_abi"), call("td_unicode")
        check_abi(self.abi)
        address = call("td_alloc", len(image))
        if address == 0:
            raise KernelError(f"kernel: no memory for a model image of {len(image)} bytes")
        memory = exports["memory"]
        _view(store, memory, address, len(image))[:] = image
        check_load(call("td_load", address, len(image)))
        # Views are taken last: loading may grow the memory, a run does not.
        self.block = _view(store, memory, call("td_block"), BLOCK_BYTES)
        self.result = _view(store, memory, call("td_result"), RESULT_BYTES).toreadonly()
        self.run = _prepared_or_public(store, exports["td_run"])


@cache
def _engine() -> Any:
    """The process's engine, with wasmtime's cache of compiled code where there can be one."""
    try:
        return wasmtime.Engine(_config(cached=True))
    except wasmtime.WasmtimeError:  # no home folder, or none that can be written
        return wasmtime.Engine(_config(cached=False))


def _config(cached: bool) -> Any:
    config = wasmtime.Config()
    config.wasm_relaxed_simd = False
    if cached:
        config.cache = True
    return config


@cache
def _module(kernel_wasm: bytes) -> Any:
    return wasmtime.Module(_engine(), kernel_wasm)


def _view(store: Any, memory: Any, address: int, size: int) -> memoryview:
    """Bytes of the kernel's memory; the view keeps the instance alive."""
    if not 0 < address <= memory.data_len(store) - size:
        raise KernelError(f"kernel: {size} bytes at {address} lie outside its memory")
    start = ctypes.addressof(memory.data_ptr(store).contents) + address
    window = (ctypes.c_ubyte * size).from_address(start)
    window.store = store  # type: ignore[attr-defined]
    return memoryview(window).cast("B")


def _prepared_or_public(store: Any, function: Any) -> Callable[[], int]:
    """A call of a function without arguments that returns an i32.

    The public call costs ten times as much, most of it in asking for the function's type. The
    prepared one uses wasmtime's C interface through a private module, so it is tried here (the
    request block is still empty, which the kernel refuses) and dropped where anything differs.
    """
    trapped = ""

    def public() -> int:
        nonlocal trapped
        if not trapped:
            try:
                status: int = function(store)
                return status
            except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
                trapped = str(error)
        raise KernelError(f"kernel: it trapped, this instance is lost: {trapped}")

    expected = public()
    try:
        prepared = _prepared(store, function)
        if prepared() == expected:
            return prepared
    except Exception:
        pass
    return public


def _prepared(store: Any, function: Any) -> Callable[[], int]:
    from wasmtime import _ffi as ffi

    value = (ffi.wasmtime_val_raw_t * 1)()
    trap = ctypes.POINTER(ffi.wasm_trap_t)()
    call = ffi.dll["wasmtime_func_call_unchecked"]  # an object of its own: its types are set below
    call.argtypes = None
    call.restype = ctypes.c_void_p
    arguments = (
        store._context(),
        ctypes.byref(function._func),
        value,
        ctypes.c_size_t(1),
        ctypes.byref(trap),
    )
    status = memoryview(value).cast("B")[:4].cast("i")

    def prepared() -> int:
        # A trap leaves its pointer set, so that every later call fails too.
        if call(*arguments) is not None or trap:
            raise KernelError("kernel: it trapped, this instance is lost")
        return status[0]

    prepared.keep = (store, function)  # type: ignore[attr-defined]
    return prepared
