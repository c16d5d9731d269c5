"""The kernel in Pyodide: inside a browser tab, a Cloudflare Worker or Node.

With the glue module (web/router/src/glue.mjs, registered by the page as `tiny_dancer_glue`) a
decision is one JavaScript call without arguments. Without it, in any stock Pyodide, the kernel of
this package is compiled here and a decision takes three calls. Neither way lets an object of
JavaScript come back in a decision, so nothing has to be freed.
"""

import weakref
from array import array
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from typing import Any, Final

import js
from pyodide.ffi import JsException

from ..errors import KernelError
from ..scoring.kernel import BLOCK_BYTES, RESULT_BYTES
from .status import check_abi, check_load

GLUE: Final = "tiny_dancer_glue"
"""Name under which a page registers the glue module."""

TRAPPED: Final = -128
"""What `run` returns from a kernel that trapped: this one is lost."""

_WINDOWS: Final = (512, 4_096, BLOCK_BYTES)
"""Lengths of the request that are copied in one piece without the glue: the smallest that fits."""

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
        self.run = self._three_calls(kernel)

    def _three_calls(self, kernel: Any) -> Callable[[], int]:
        """Copy in, run, copy out. The kernel's memory grows only while loading, so views hold."""
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

        return run


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
