"""The kernel in Pyodide: inside a browser tab, a Cloudflare Worker or Node.

With the glue module (pack/glue.mjs, registered by the page as `tiny_dancer_glue`) a
decision is one JavaScript call without arguments, also where the request brings its own
candidates. Without it, in any stock Pyodide, the kernel of this package
is compiled here and a decision takes three calls. Neither way lets an object of JavaScript come
back in a decision, so nothing has to be freed.
"""

import weakref
from array import array
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from importlib import import_module
from typing import Any, Final

import js
from pyodide.ffi import JsException

from ..candidates.layout import Packed
from ..errors import KernelError
from ..scoring.host import BLOCK_BYTES, RESULT_BYTES, Bytes
from .pyodide_candidates import TRAPPED, GlueCandidates, PlainCandidates
from .status import check_abi, check_load

GLUE: Final = "tiny_dancer_glue"
"""Name under which a page registers the glue module."""

_WINDOWS: Final = (512, 4_096, BLOCK_BYTES)
"""Lengths of the request that are copied in one piece without the glue: the smallest that fits."""

_modules: dict[bytes, Any] = {}


class PyodideHost:
    """One kernel instance with one model loaded; its attributes are those of `scoring.host.Host`.

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
        self.write: Callable[[int, int, Bytes, Bytes], int]
        self.run_packed: Callable[[Packed], int]
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
        self._hold(GlueCandidates(kernel, self.run))
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
        renew = partial(self._three_calls, kernel)
        self._hold(PlainCandidates(kernel, renew, lambda call: self._run_by(call)))

    def _hold(self, candidates: GlueCandidates | PlainCandidates) -> None:
        self.reserve, self.write = candidates.reserve, candidates.write
        self.run_packed = candidates.run_packed

    def _three_calls(self, kernel: Any) -> None:
        """Make `run`: copy in, run, copy out. Its views hold until the kernel's memory grows."""
        memory, request_at = kernel.memory.buffer, kernel.td_block() & 0xFFFF_FFFF
        windows = [
            (size, js.Uint8Array.new(memory, request_at, size).assign, self.block[:size])
            for size in _WINDOWS
        ]
        read = js.Uint8Array.new(memory, kernel.td_result() & 0xFFFF_FFFF, RESULT_BYTES).assign_to
        length, result, td_run = self.block[:4].cast("I"), self.result, kernel.td_run

        def run_by(call: Callable[[], int]) -> int:
            n = length[0]
            for size, write, part in windows:
                if n <= size:
                    write(part)
                    break
            try:
                status = call()
            except JsException:
                return TRAPPED
            read(result)
            return status

        self._run_by, self.run = run_by, partial(run_by, td_run)


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
