"""A bundle's file written anew: other heads, and calibration rows and a policy that fit them."""

from array import array
from collections.abc import Sequence

from ..calibration.clopper_pearson import interval_table
from ..calibration.sweep import policy_for, sweep
from ..model import Bundle, write_bundle
from ..model.spec import ANSWERS_WELL, CANDIDATE_TENSORS, QUALITY_SCALE, TENSORS, size_of
from ..policy import Policy
from .heads import Head, scores
from .labels import ANSWERS_WELL as LABELLED_WELL
from .labels import Labels


def rewritten(
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
    sizes, known = dict(bundle.sizes), TENSORS | CANDIDATE_TENSORS
    tensors = {
        name: ([size_of(symbol, sizes) for symbol in known[name].shape], values.tobytes())
        for name, values in bundle.tensors.items()
    }
    columns = zip(*(head.weights for head in heads), strict=True)
    flat = array("f", [w for row in columns for w in row])
    tensors["head.weights"] = ([len(heads[0].weights), len(heads)], flat.tobytes())
    tensors["head.bias"] = ([len(heads)], array("f", [h.bias for h in heads]).tobytes())
    policy = bundle.policy
    policy = Policy(policy.threshold, policy.target, policy.estimate, policy.certificate)
    if rows:
        quality = [labels.quality[i] for i in rows]
        scored = [scores(row, bundle.config.lam) for row in logits]
        policy = policy_for(sweep([s for _, s in scored], quality), len(rows))
        tensors |= calibration(scored, quality)
    provenance = dict(bundle.provenance) | {
        "adapted": {
            "from": bundle.bundle_hash,
            "labels": len(labels),
            "sha256": labels.digest,
            "recalibrated": bool(rows),
        }
    }
    return write_bundle(tensors, bundle.config, policy, provenance)


def calibration(
    scored: Sequence[tuple[float, Sequence[float]]], quality: Sequence[Sequence[float]]
) -> dict[str, tuple[list[int], bytes]]:
    """The calibration tensors of N prompts: confidence and routing scores, and M qualities each."""
    score = array("f", [s[0] for _, s in scored])
    confidence = array("f", [c for c, _ in scored])
    order = sorted(range(len(score)), key=lambda i: (score[i], confidence[i]))
    graded = bytes(_graded(q) for i in order for q in quality[i])
    n = len(order)
    table = interval_table(n)
    return {
        "calibration.score": ([n], array("f", [score[i] for i in order]).tobytes()),
        "calibration.confidence": ([n], array("f", [confidence[i] for i in order]).tobytes()),
        "calibration.quality": ([n, len(quality[0])], graded),
        "calibration.interval": ([len(table) // 2, 2], table.tobytes()),
    }


def _graded(quality: float) -> int:
    """A quality as its byte; at least 0.5 stays at least 0.5."""
    byte = round(quality * QUALITY_SCALE)
    return max(byte, ANSWERS_WELL) if quality >= LABELLED_WELL else min(byte, ANSWERS_WELL - 1)
