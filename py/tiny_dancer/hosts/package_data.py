"""Files that ship inside the package; read from a wheel on sys.path as well."""

from importlib.resources import files

_DATA = files(__package__.rpartition(".")[0]) / "data"


def kernel_wasm() -> bytes:
    """The WebAssembly kernel."""
    return (_DATA / "kernel.wasm").read_bytes()


def default_bundle() -> bytes | None:
    """The bundle that ships with the package, or None where it was left out."""
    path = _DATA / "default.safetensors"
    return path.read_bytes() if path.is_file() else None
