"""The shipped bundle on what the data folder allows, scored by the kernel."""

from dataclasses import astuple
from typing import Any

import numpy as np

from ...calibration.probability import reliability
from ...calibration.sweep import kept_and_share, sweep
from ...hosts.package_data import default_bundle
from ...model import read_bundle
from ...train.corpora import usable
from ...train.labels import LabelledPrompts
from ...train.shipped import calibration_rows, score
from .figures import compared, with_simple
from .parts import ASIDE, NEVER_TRAINED, OURS

FEWEST_ROWS = 50


def shipped_figures(data: LabelledPrompts) -> dict[str, Any]:
    """Return the bundle's figures on the held-out stems and on the sources never trained on."""
    bytes_ = default_bundle() or b""
    bundle = read_bundle(bytes_)
    kept, _, untouched = usable(data)
    held = calibration_rows(kept, untouched)
    return {
        "bundle": {
            "sha256": bundle.bundle_hash,
            "bytes": bundle.n_bytes,
            "lambda": bundle.config.lam,
            "threshold": bundle.policy.threshold,
        },
        "held_out": _by_source(bytes_, held, bundle.policy.threshold, 300),
        "never_trained": _by_source(
            bytes_, data.take(data.of_source(*NEVER_TRAINED)), bundle.policy.threshold, 2_000
        ),
        "aside": _by_source(
            bytes_, data.take(data.of_source(*ASIDE)), bundle.policy.threshold, 300
        ),
    }


def _by_source(
    bundle: bytes, rows: LabelledPrompts, threshold: float, count: int
) -> dict[str, Any]:
    scored = score(bundle, rows)
    p, s = scored.probability.astype(np.float64), scored.score.astype(np.float64)
    groups = {"all": np.ones(len(rows), bool)}
    groups |= {name: rows.of_source(name) for name in sorted(set(rows.sources))}
    found = {}
    for name, inside in groups.items():
        if inside.sum() < FEWEST_ROWS:
            continue
        part = rows.take(inside)
        points = sweep(s[inside][:, None].tolist(), part.quality.tolist())
        quality, share = kept_and_share(points, threshold)
        found[name] = {
            "rows": len(part),
            "quality_kept": quality,
            "light_share": share,
            "light_alone": float(part.quality[:, 0].mean() / part.quality[:, -1].mean()),
            "routers": compared(part, with_simple(part, {OURS: (p[inside], s[inside])}), count),
            "reliability_light": [astuple(b) for b in reliability(p[inside, 0], part.right[:, 0])],
            "reliability_powerful": [
                astuple(b) for b in reliability(p[inside, -1], part.right[:, -1])
            ],
        }
    return found
