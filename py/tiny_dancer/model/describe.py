"""What is inside a bundle or a policy, as `tiny-dancer inspect` and the page show it."""

from typing import Any

from ..policy import Policy
from .bundle import Bundle
from .sparse import PRUNED, compressed


def describe(bundle: Bundle) -> dict[str, dict[str, Any]]:
    """The facts of a bundle by section, JSON-ready."""
    form = "float, to be quantized before a router takes it" if bundle.is_float else "int8"
    facts: dict[str, dict[str, Any]] = {
        "bundle": {
            "sha256": bundle.bundle_hash,
            "bytes": bundle.n_bytes,
            "form": form,
            **bundle.sizes,
        },
        "tensors": {name: values.nbytes for name, values in bundle.tensors.items()},
        "config": bundle.config.to_dict(),
        "policy": describe_policy(bundle.policy),
        "provenance": dict(bundle.provenance),
    }
    if found := sparsity(bundle):
        facts["sparsity"] = found
    return facts


def sparsity(bundle: Bundle) -> dict[str, Any]:
    """Weights, zeros and bytes in the file of each part that is stored sparse; {} without one."""
    found: dict[str, Any] = {}
    for name in PRUNED:
        values = bundle.tensors[name]
        parts = compressed("F32" if values.itemsize > 1 else "I8", values.tobytes())
        if parts is not None:
            zeros = len(values) - len(parts[1]) // values.itemsize
            size = sum(map(len, parts))
            found[name] = {"weights": len(values), "zeros": zeros, "bytes": size}
    return found


def describe_policy(policy: Policy) -> dict[str, Any]:
    """The fields of a policy that are set, with its id."""
    return {"id": policy.id, **{k: v for k, v in policy.to_dict().items() if v is not None}}
