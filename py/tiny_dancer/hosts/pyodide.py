"""The kernel in Pyodide: inside a browser tab, a Cloudflare Worker or Node.

With the glue module (pack/glue.mjs, registered by the page as `tiny_dancer_glue`) a
decision is one JavaScript call without arguments, and a request that brings its own candidates is
one more, which copies their vectors. Without it, in any stock Pyodide, the kernel of this package
is compiled here and a decision takes three calls. Neither way lets an object of JavaScript come
back in a decision, so nothing has to be freed.
"""

import weakref
from array import array
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from struct import Struct
from typing import Any, Final

import js
from pyodide.ffi import JsException

from ..errors import KernelError
from ..scoring.kernel import (
    BLOCK_BYTES,
    COLUMN_BYTES,
    OF_REQUEST,
    RESULT_BYTES,
    Bytes,
    row_bytes,
)
from .status import check_abi, check_load

GLUE: Final = "tiny_dancer_glue"
"""Name under which a page registers the glue module."""

TRAPPED: Final = -128
"""What `run` returns from a kernel that trapped: this one is lost."""

_WINDOWS: Final = (512, 4_096, BLOCK_BYTES)
"""Lengths of the request that are copied in one piece without the glue: the smallest that fits."""

_STAGED: Final = Struct("<3I")
"""Head of the staged columns: set, first, n."""
_STAGE_HEAD: Final = 64

_MOST_WINDOWS: Final = 64
"""Places for vectors that are kept looked up."""

_modules: dict[bytes, Any] = {}


class PyodideHost:
    """One kernel instance with one model loaded; its attributes are those of `scoring.kernel.Host`.

    Args:
        kernel_wasm: the kernel; not read where the glue module brings it compiled.
        image: the model as `model.image` lays it out.

    Attributes:
        abi: version of the kernel's ABI, major << 16 | minor.
        unicode: Unicode version of its tables, major << 16 | minor << 8 | patch.
        glue: True where a decision is one call.

    Raises:
        KernelError: this engine cannot run the kernel, or the kernel refuses the model.
    """

    def __init__(self, kernel_wasm: bytes | None, image: bytes) -> None:
        request, result = array("B", bytes(BLOCK_BYTES)), array("B", bytes(RESULT_BYTES))
        self.block, self.result = memoryview(request), memoryview(result)
        self.abi: int
        self.unicode: int
        self.run: Callable[[], int]
        self.reserve: Callable[[int, int, int, int], int]
        self.write: Callable[[int, int, int, Bytes, Bytes], int]
        glue = _glue()
        self.glue = glue is not None
        try:
            if glue is not None:
                self._open_glue(glue, image, request, result)
            else:
                self._open_kernel(kernel_wasm, image)
        except JsException as error:
            raise KernelError(f"kernel: it does not start here: {error}") from error

    def _open_glue(
        self, glue: Any, image: bytes, request: "array[int]", result: "array[int]"
    ) -> None:
        kernel = glue.open()
        self.abi, self.unicode = kernel.abi, kernel.unicode
        check_abi(self.abi)
        check_load(kernel.load(image))
        self.run = kernel.bind(request, result)
        candidates = _GlueCandidates(kernel)
        self.reserve, self.write = candidates.reserve, candidates.write
        weakref.finalize(self, kernel.close)

    def _open_kernel(self, kernel_wasm: bytes | None, image: bytes) -> None:
        if kernel_wasm is None:
            raise KernelError(f"kernel: no module {GLUE} is registered and no kernel was given")
        kernel = js.WebAssembly.Instance.new(_compile(kernel_wasm)).exports
        if hasattr(kernel, "_initialize"):
            kernel._initialize()
        self.abi, self.unicode = kernel.td_abi(), kernel.td_unicode()
        check_abi(self.abi)
        address = kernel.td_alloc(len(image)) & 0xFFFF_FFFF
        if not address:
            raise KernelError(f"kernel: no memory for a model image of {len(image)} bytes")
        js.Uint8Array.new(kernel.memory.buffer, address, len(image)).assign(image)
        check_load(kernel.td_load(address, len(image)))
        self._three_calls(kernel)
        candidates = _PlainCandidates(kernel, lambda: self._three_calls(kernel))
        self.reserve, self.write = candidates.reserve, candidates.write

    def _three_calls(self, kernel: Any) -> None:
        """Make `run`: copy in, run, copy out. Its views hold until the kernel's memory grows."""
        memory, request_at = kernel.memory.buffer, kernel.td_block() & 0xFFFF_FFFF
        windows = [
            (size, js.Uint8Array.new(memory, request_at, size).assign, self.block[:size])
            for size in _WINDOWS
        ]
        read = js.Uint8Array.new(memory, kernel.td_result() & 0xFFFF_FFFF, RESULT_BYTES).assign_to
        length, result, td_run = self.block[:4].cast("I"), self.result, kernel.td_run

        def run() -> int:
            n = length[0]
            for size, write, part in windows:
                if n <= size:
                    write(part)
                    break
            try:
                status: int = td_run()
            except JsException:
                return TRAPPED
            read(result)
            return status

        self.run = run


class _GlueCandidates:
    """Candidates through the glue: vectors in one call, all else in a staged array.

    What is staged is copied and committed by `take`, or, for the candidates of a request, by the
    run that follows.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._take: Callable[[], int] = kernel.take
        self._row_bytes: dict[int, int] = {}
        self._windows: dict[tuple[int, int, int], Callable[[Bytes], None]] = {}
        self._stage = memoryview(b"")

    def reserve(self, which: int, capacity: int, dimension: int, format: int) -> int:
        status: int = self._kernel.reserve(which, capacity, dimension, format)
        if status == 0:
            self._windows.clear()
            self._row_bytes[which] = row_bytes(dimension, format)
            need = _STAGE_HEAD + sum(COLUMN_BYTES) * capacity
            if need > len(self._stage):
                stage = array("B", bytes(need))
                self._kernel.stage(stage)
                self._stage = memoryview(stage)
        return status

    def write(self, which: int, first: int, n: int, rows: Bytes, columns: Bytes) -> int:
        key = (which, first, n)
        try:
            self._windows[key](rows)
        except (KeyError, JsException):  # a new place, or views of a memory that has grown since
            self._window(key)(rows)
        self._stage[_STAGE_HEAD : _STAGE_HEAD + len(columns)] = columns
        _STAGED.pack_into(self._stage, 0, which, first, n)
        return 0 if which == OF_REQUEST else self._take()

    def _window(self, key: tuple[int, int, int]) -> Callable[[Bytes], None]:
        which, first, n = key
        if len(self._windows) >= _MOST_WINDOWS:
            self._windows.clear()
        size = self._row_bytes[which]
        assign: Callable[[Bytes], None]
        assign = self._kernel.window(which, first * size, n * size).assign
        self._windows[key] = assign
        return assign


class _PlainCandidates:
    """Candidates without the glue: five copies and a commit, each a call.

    Args:
        kernel: the exports of the kernel.
        renew: takes all other views anew, after the memory may have grown.
    """

    def __init__(self, kernel: Any, renew: Callable[[], None]) -> None:
        self._kernel = kernel
        self._renew = renew
        self._row_bytes: dict[int, int] = {}

    def reserve(self, which: int, capacity: int, dimension: int, format: int) -> int:
        status: int = self._kernel.td_candidates(which, capacity, dimension, format)
        if status == 0:
            self._row_bytes[which] = row_bytes(dimension, format)
            self._renew()
        return status

    def write(self, which: int, first: int, n: int, rows: Bytes, columns: Bytes) -> int:
        size = self._row_bytes[which]
        self._assign(which, 0, first * size, rows)
        at = 0
        for array_, size in enumerate(COLUMN_BYTES, 1):
            self._assign(which, array_, first * size, columns[at : at + n * size])
            at += n * size
        status: int = self._kernel.td_commit(which, first, n)
        return status

    def _assign(self, which: int, array_: int, offset: int, data: Bytes) -> None:
        address = (self._kernel.td_array(which, array_) & 0xFFFF_FFFF) + offset
        js.Uint8Array.new(self._kernel.memory.buffer, address, len(data)).assign(data)


async def compile_kernel(kernel_wasm: bytes) -> None:
    """Compile the kernel where blocking is not allowed; a later `PyodideHost` then finds it.

    Raises:
        KernelError: this engine cannot run the kernel.
    """
    if _glue() is None:
        try:
            module = await js.WebAssembly.compile(_js_bytes(kernel_wasm))
        except JsException as error:
            raise KernelError(f"kernel: it does not compile here: {error}") from error
        _modules[sha256(kernel_wasm).digest()] = module


def _compile(kernel_wasm: bytes) -> Any:
    key = sha256(kernel_wasm).digest()
    if key not in _modules:
        _modules[key] = js.WebAssembly.Module.new(_js_bytes(kernel_wasm))
    return _modules[key]


def _js_bytes(data: bytes) -> Any:
    view = js.Uint8Array.new(len(data))
    view.assign(data)
    return view


def _glue() -> Any:
    try:
        return import_module(GLUE)
    except ImportError:
        return None
