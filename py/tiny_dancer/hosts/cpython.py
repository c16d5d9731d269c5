"""The kernel on CPython, through wasmtime. Importing this module imports wasmtime."""

import ctypes
from array import array
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, Final
from weakref import ref

import wasmtime

from ..candidates.layout import COLUMN_BYTES, Packed, row_bytes
from ..errors import KernelError
from ..scoring.host import BLOCK_BYTES, OF_REQUEST, RESIDENT, RESULT_BYTES, Bytes
from .status import check_abi, check_load

_NO_SET: Final = 2
"""A set the kernel does not have: it refuses to commit it."""

_PART: Final = 128
"""Candidates of a request that are copied and scored in one piece: a call costs as much as five."""

_compiling: Final = Lock()


def _nothing() -> None:
    """A reference to no candidates."""


class WasmtimeHost:
    """One kernel instance with one model loaded, for one thread at a time.

    All views are of the kernel's memory, which `reserve` may grow and thereby move: it takes them
    anew, and whoever holds `block` or `result` must take them again too. Nothing else grows it.

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
        self._sets: dict[int, tuple[int, int]] = {}
        self._views: dict[int, tuple[memoryview, ...]] = {}
        self._columns_of: Callable[[], Packed | None] = _nothing
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

        self._call, self._store, self._memory = call, store, exports["memory"]
        self.abi, self.unicode = call("td_abi"), call("td_unicode")
        check_abi(self.abi)
        address = call("td_alloc", len(image))
        if address == 0:
            raise KernelError(f"kernel: no memory for a model image of {len(image)} bytes")
        self._view(address, len(image))[:] = image
        check_load(call("td_load", address, len(image)))
        self._take_views()
        self.run = _prepared_or_public(store, exports["td_run"])
        self._commit = _prepared_or_public(store, exports["td_commit"], (_NO_SET, 0, 0))
        self._part = _prepared_or_public(store, exports["td_part"], (0, 0))

    def reserve(self, which: int, capacity: int, dimension: int, format: int) -> int:
        """Make room for candidates, as `scoring.host.Host` says."""
        status = self._call("td_candidates", which, capacity, dimension, format)
        if status == 0:
            self._columns_of = _nothing
            self._sets[which] = (capacity, row_bytes(dimension, format))
            self._take_views()
        return status

    def write(self, first: int, n: int, rows: Bytes, columns: Bytes) -> int:
        """Copy and commit residents, as `scoring.host.Host` says."""
        size = self._sets[RESIDENT][1]
        self._views[RESIDENT][0][first * size : (first + n) * size] = rows
        self._copy_columns(RESIDENT, first, n, columns)
        status: int = self._commit(RESIDENT, first, n)
        return status

    def run_packed(self, packed: Packed) -> int:
        """Score the candidates of a request part by part, as `scoring.host.Host` says."""
        n, part, size = packed.n, self._part, self._sets[OF_REQUEST][1]
        if self._columns_of() is not packed:
            self._copy_columns(OF_REQUEST, 0, n, packed.columns)
            self._columns_of = ref(packed)
        rows, view = packed.padded_rows(), self._views[OF_REQUEST][0]
        status = 0
        for first in range(0, n, _PART):
            count = min(_PART, n - first)
            view[: count * size] = rows[first * size : (first + count) * size]
            status = part(first, count)
            if status < 0:
                break
        return status

    def _copy_columns(self, which: int, first: int, n: int, columns: Bytes) -> None:
        at = 0
        for view, size in zip(self._views[which][1:], COLUMN_BYTES, strict=True):
            view[first * size : (first + n) * size] = columns[at : at + n * size]
            at += n * size

    def _take_views(self) -> None:
        self.block = self._view(self._call("td_block"), BLOCK_BYTES)
        self.result = self._view(self._call("td_result"), RESULT_BYTES).toreadonly()
        for which, (capacity, size) in self._sets.items():
            self._views[which] = tuple(
                self._view(self._call("td_array", which, array), capacity * bytes_each)
                for array, bytes_each in enumerate((size, *COLUMN_BYTES))
            )

    def _view(self, address: int, size: int) -> memoryview:
        return _view(self._store, self._memory, address & 0xFFFF_FFFF, size)


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


def _prepared_or_public(
    store: Any, function: Any, refused: tuple[int, ...] = ()
) -> Callable[..., int]:
    """A call of a function that takes i32s and returns one.

    The public call costs ten times as much, most of it in asking for the function's type. The
    prepared one uses wasmtime's C interface through a private module, so it is tried here with
    arguments that the kernel refuses (`td_run`: the request block is still empty) and dropped
    where anything differs.
    """
    trapped = ""

    def public(*arguments: int) -> int:
        nonlocal trapped
        if not trapped:
            try:
                status: int = function(store, *arguments)
                return status
            except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
                trapped = str(error)
        raise KernelError(f"kernel: it trapped, this instance is lost: {trapped}")

    expected = public(*refused)
    try:
        prepared = _prepared(store, function, len(refused))
        if prepared(*refused) == expected:
            return prepared
    except Exception:
        pass
    return public


def _prepared(store: Any, function: Any, n: int) -> Callable[..., int]:
    from wasmtime import _ffi as ffi

    value = (ffi.wasmtime_val_raw_t * max(n, 1))()
    trap = ctypes.POINTER(ffi.wasm_trap_t)()
    call = ffi.dll["wasmtime_func_call_unchecked"]  # an object of its own: its types are set below
    call.argtypes = None
    call.restype = ctypes.c_void_p
    arguments = (
        store._context(),
        ctypes.byref(function._func),
        value,
        ctypes.c_size_t(max(n, 1)),
        ctypes.byref(trap),
    )
    words = memoryview(value).cast("B").cast("i")
    status, step = words[:1], len(words) // max(n, 1)

    def prepared() -> int:
        # A trap leaves its pointer set, so that every later call fails too.
        if call(*arguments) is not None or trap:
            raise KernelError("kernel: it trapped, this instance is lost")
        return status[0]

    def prepared_with(*numbers: int) -> int:
        words[::step] = array("i", numbers)
        return prepared()

    prepared.keep = (store, function)  # type: ignore[attr-defined]
    return prepared_with if n else prepared
