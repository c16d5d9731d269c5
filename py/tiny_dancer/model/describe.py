"""What is inside a bundle or a policy, as `tiny-dancer inspect` and the page show it."""

from typing import Any

from ..policy import Policy
from .bundle import Bundle
from .sparse import PRUNED, compressed


def describe(
    bundle: Bundle, left_out: tuple[float, float] | None = None
) -> dict[str, dict[str, Any]]:
    """The facts of a bundle by section, JSON-ready.

    Args:
        bundle: any bundle.
        left_out: least and greatest quality that its policy kept of sources it was not trained on,
            where that was measured.
    """
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
        "policy": describe_policy(bundle.policy) | _promise(bundle.policy, left_out),
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


def _promise(policy: Policy, left_out: tuple[float, float] | None) -> dict[str, str]:
    """What a policy without a certificate can be trusted for, in words."""
    if policy.estimate is None or policy.certificate is not None:
        return {}
    said = f"{policy.estimate.quality_kept:.0%} on prompts like those it was trained on"
    if left_out is not None:
        said += f"; {left_out[0]:.0%} to {left_out[1]:.0%} on sources left out"
    return {"note": f"{said}; calibrate on your own"}
