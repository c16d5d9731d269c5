"""The kernel's status codes by name (docs/kernel.md, 1), for messages."""

from typing import Final

from ..errors import KernelError

ABI_MAJOR: Final = 1

ERRORS: Final = {
    -1: "TD_E_MAGIC",
    -2: "TD_E_SECTION",
    -3: "TD_E_SHAPE",
    -4: "TD_E_MEMORY",
    -5: "TD_E_NOTREADY",
    -6: "TD_E_ARG",
    -7: "TD_E_UNICODE",
    -8: "TD_E_FINITE",
}


def check_abi(abi: int) -> None:
    """Refuse a kernel of another major version."""
    if abi >> 16 != ABI_MAJOR:
        raise KernelError(
            f"kernel: ABI {abi >> 16}.{abi & 0xFFFF}, this package speaks {ABI_MAJOR}.x"
        )


def check_load(status: int) -> None:
    """Refuse a model that `td_load` refused."""
    if status < 0:
        name = ERRORS.get(status, "an unknown error")
        raise KernelError(f"kernel: td_load refused the model image: {name} ({status})")
