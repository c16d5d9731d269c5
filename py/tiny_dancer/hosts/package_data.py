"""Files that ship inside the package; read from a wheel on sys.path as well."""

import json
from pkgutil import get_data  # importlib.resources would take a quarter of the whole import

_PACKAGE = __package__.rpartition(".")[0]


def kernel_wasm() -> bytes:
    """The WebAssembly kernel."""
    return _read("data/kernel.wasm")


def default_bundle() -> bytes | None:
    """The bundle that ships with the package, or None where it was left out."""
    try:
        return _read("data/default.safetensors")
    except OSError:
        return None


def default_bundle_hash() -> str | None:
    """Hash of the bundle that `./build.sh golden` has read and checked in full, or None."""
    try:
        return _read("data/default.sha256").decode().strip()
    except OSError:
        return None


def kept_left_out(bundle_hash: str) -> tuple[float, float] | None:
    """Least and greatest quality kept of sources left out, by the default policy of this bundle.

    Measured by `./build.sh eval --full --part wide`; None for any bundle but the shipped one.
    """
    try:
        found = json.loads(_read("data/default.left_out.json"))
    except OSError:
        return None
    low, high = found["kept"]
    return (low, high) if found["bundle"] == bundle_hash else None


def _read(name: str) -> bytes:
    data = get_data(_PACKAGE, name)
    if data is None:
        raise OSError(f"{name}: the package's loader reads no data")
    return data
