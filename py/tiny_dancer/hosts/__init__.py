"""Where the kernel runs. The only package that imports js, pyodide or wasmtime."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from ..errors import KernelError
from ..model import Bundle, image
from ..scoring.host import Host
from ..scoring.kernel import KernelScorer
from ..scoring.protocol import Scorer
from .package_data import kernel_wasm

OpenScorer: TypeAlias = Callable[[Bundle, int], Scorer]
"""Opens the scorer of a bundle that reads at most so many tokens."""


def open_scorer(bundle: Bundle, max_tokens: int) -> Scorer:
    """The kernel with this model where a host can run it, else the exact twin in Python."""
    try:
        return open_kernel(bundle, max_tokens)
    except (ImportError, KernelError):
        return open_twin(bundle, max_tokens)


async def compile_ahead() -> None:
    """Compile the kernel without blocking, where the host cares; a later `open_kernel` uses it."""
    if sys.platform == "emscripten":
        from .pyodide import compile_kernel

        with suppress(KernelError):  # open_scorer falls back to the twin then
            await compile_kernel(kernel_wasm())


def open_twin(bundle: Bundle, max_tokens: int) -> Scorer:
    """The exact twin: the same numbers from the standard library alone, a thousand times slower."""
    from ..scoring.twin.scorer import TwinScorer

    return TwinScorer(bundle, max_tokens)


def open_kernel(bundle: Bundle, max_tokens: int) -> KernelScorer:
    """The kernel with this model loaded.

    Raises:
        ImportError: no WebAssembly host is installed here.
        KernelError: the host cannot run the kernel, or the kernel refuses the model.
    """
    host: Host
    if sys.platform == "emscripten":
        from .pyodide import PyodideHost

        host = PyodideHost(kernel_wasm(), image(bundle, max_tokens))
    else:
        laid_out = image(bundle, max_tokens)
        try:
            from .cpython import WasmtimeHost

            host = WasmtimeHost(kernel_wasm(), laid_out)
        except (ImportError, KernelError):
            raise
        except Exception as error:  # another architecture or version, a library that is missing
            raise KernelError(f"kernel: wasmtime cannot be used here: {error}") from error
    return KernelScorer(host, bundle.sizes["M"], bundle.sizes["H"])
