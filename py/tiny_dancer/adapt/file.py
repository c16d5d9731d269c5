"""The file of an adapted bundle: other heads, and calibration rows and a policy that fit them."""

from array import array
from collections.abc import Sequence

from ..calibration.sweep import sweep
from ..calibration.tensors import calibration_tensors
from ..calibration.threshold import policy_for
from ..model import Bundle, write_bundle
from .heads import Head, scores
from .labels import Labels


def write_adapted(
    bundle: Bundle,
    labels: Labels,
    heads: list[Head],
    logits: Sequence[Sequence[float]],
    rows: list[int],
) -> bytes:
    """The bundle's file with other heads; calibration and policy from `rows`, if there are any.

    Args:
        bundle: the bundle before.
        labels: what the heads were fitted to.
        heads: the new ones.
        logits: of each of `rows`, from heads that did not see it.
        rows: indices of labels, one a question.
    """
    columns = zip(*(head.weights for head in heads), strict=True)
    weights = array("f", [w for row in columns for w in row])
    tensors = {
        "head.weights": ([len(heads[0].weights), len(heads)], weights.tobytes()),
        "head.bias": ([len(heads)], array("f", [h.bias for h in heads]).tobytes()),
    }
    policy = None
    if rows:
        quality = [labels.quality[i] for i in rows]
        scored = [scores(row, bundle.config.lam) for row in logits]
        policy = policy_for(sweep([s for _, s in scored], quality), len(rows))
        tensors |= calibration_tensors(
            [s[0] for _, s in scored], [p for p, _ in scored], quality, len(heads)
        )
    facts = {
        "from": bundle.bundle_hash,
        "labels": len(labels),
        "sha256": labels.digest,
        "recalibrated": bool(rows),
    }
    return write_bundle(*bundle.with_(tensors, policy=policy, provenance={"adapted": facts}))
