"""The training report: what went in, the held-out prompts' figures, the marked pairs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..calibration.curve import measure
from ..calibration.probability import auc, calibration_error, log_loss
from ..calibration.sweep import kept_and_share, sweep
from ..model import read_bundle
from ..tables import open_table
from .agreement import agreement, agreement_table
from .labels import LabelledPrompts
from .shipped import Scored, Shipped, score

FEWEST_ROWS = 50
"""Held-out rows below which a source has no figures of its own."""

PAIR_LOOKS = (
    "The pairs are scored after a bundle is finished; nothing was trained or stopped on them. "
    "Looks taken: six, at the first bundle (21 of 40), at two without the calibration by format "
    "(32 each), at the first one with it (32), at the first one with the assumed requests of "
    "`train.everyday` (37), and at the first one with everyday requests in eleven languages (36). "
    "The first count was known when small talk was added and the length "
    "cues were left out; those, and what followed, were chosen by other prompts, written for that. "
    "The assumed requests are of the pairs' kind, so the pairs no longer show what was learned "
    "from labels alone."
)


def report(shipped: Shipped, pairs: Sequence[dict[str, str]], seconds: float) -> dict[str, Any]:
    """Return the report as JSON-ready figures, rounded to 4 decimals."""
    held = shipped.held_out
    bundle = read_bundle(shipped.bundle)
    sources = [
        source
        for source in sorted(set(held.rows.sources))
        if held.rows.of_source(source).sum() >= FEWEST_ROWS
    ]
    tau = shipped.policy.threshold
    found: dict[str, Any] = {
        "bundle": {
            "sha256": bundle.bundle_hash,
            "bytes": bundle.n_bytes,
            "vocabulary": bundle.sizes["V"],
            "hidden": bundle.sizes["H"],
            "lambda": bundle.config.lam,
            "unfamiliar": list(bundle.config.unfamiliar),
        },
        "provenance": shipped.provenance,
        "minutes": seconds / 60,
        "policy": shipped.policy.to_dict(),
        "held_out": {
            "all": _figures(held, np.ones(len(held.rows), bool), tau),
            **{s: _figures(held, held.rows.of_source(s), tau) for s in sources},
        },
        "everyday": agreement(shipped.bundle),
        "pairs": _pairs(shipped.bundle, pairs),
    }
    rounded: dict[str, Any] = json.loads(
        json.dumps(found), parse_float=lambda text: round(float(text), 4)
    )
    return rounded


def _figures(held: Scored, rows: Any, tau: float) -> dict[str, float]:
    part: LabelledPrompts = held.rows.take(rows)
    light, powerful = part.quality[:, 0], part.quality[:, -1]
    s, p, right = held.score[rows], held.probability[rows].astype(np.float64), part.right
    points = sweep(s[:, None].tolist(), part.quality.tolist())
    kept, share = kept_and_share(points, tau)
    return {
        "rows": len(part),
        "quality_kept": kept,
        "light_share": share,
        **asdict(measure(s, light, powerful)),
        "auc_light": auc(p[:, 0], right[:, 0]),
        "ece_light": calibration_error(p[:, 0], right[:, 0]),
        "ece_powerful": calibration_error(p[:, -1], right[:, -1]),
        "log_loss_light": log_loss(p[:, 0], right[:, 0]),
    }


def _pairs(bundle: bytes, pairs: Sequence[dict[str, str]]) -> dict[str, Any]:
    if not pairs:
        return {}
    sides = {}
    for side in ("easy", "hard"):
        prompts = tuple(pair[side] for pair in pairs)
        blank = np.zeros((len(pairs), 2), np.float32)
        names = tuple("" for _ in pairs)
        rows = LabelledPrompts(prompts, blank, names, names, blank[:, 0])
        sides[side] = score(bundle, rows).score.astype(float)
    above = sides["hard"] > sides["easy"]
    scored = [
        {"id": pair["id"], "easy": float(a), "hard": float(b)}
        for pair, a, b in zip(pairs, sides["easy"], sides["hard"], strict=True)
    ]
    return {
        "hard_above_easy": int(above.sum()),
        "of": len(pairs),
        "misses": [pair["id"] for pair, good in zip(pairs, above, strict=True) if not good],
        "note": PAIR_LOOKS,
        "scores": scored,
    }


def read_pairs(path: Path) -> list[dict[str, str]]:
    """Return the marked pairs, or none where the file is missing (an installed package)."""
    if not path.is_file():
        return []
    with open_table(path, ()) as table:
        return [dict(row.values) for row in table]


def markdown(found: dict[str, Any]) -> str:
    """Return the report as a page."""
    bundle, provenance, pairs = found["bundle"], found["provenance"], found["pairs"]
    lines = [
        "# Training report of the shipped bundle",
        "",
        "Made by `./build.sh train`; the same figures are in `training-report.json`.",
        "",
        f"Bundle `{bundle['sha256'][:12]}`: {bundle['bytes']:,} bytes, {bundle['vocabulary']:,} "
        f"tokens, H = {bundle['hidden']}, λ = {bundle['lambda']:g}, threshold "
        f"{found['policy']['threshold']:.4f}; trained in {found['minutes']:.0f} minutes with seed "
        f"{provenance['recipe']['seed']}.",
        "",
        "## Held-out stems",
        "",
        "15 % of the stems: never trained on, stopped on or selected on, scored by the final",
        "int8 model; one row a stem.",
        "They are the calibration rows. *Quality kept* and *light* are the default policy's, point",
        "estimates without a guarantee; the threshold is one for all sources. The other columns",
        "do not depend on it. On sources left out it keeps less (docs/quality.md).",
        "",
        "| source | trained on | held out | quality kept | light | APGR | CPT50 | CPT80 | light@95 "
        "| AUC light | ECE light | ECE powerful |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    counts = provenance["trained_on"]
    for name, row in found["held_out"].items():
        trained = sum(counts.values()) if name == "all" else counts[name]
        lines.append(
            f"| {name} | {trained:,} | {row['rows']:,} | {row['quality_kept']:.1%} "
            f"| {row['light_share']:.1%} | {row['apgr']:.3f} | {row['cpt50']:.1%} "
            f"| {row['cpt80']:.1%} | {row['light95']:.1%} | {row['auc_light']:.3f} "
            f"| {row['ece_light']:.3f} | {row['ece_powerful']:.3f} |"
        )
    lines += ["", *agreement_table(found["everyday"])]
    if pairs:
        misses = ", ".join(pairs["misses"]) or "none"
        lines += [
            "",
            "## Marked pairs",
            "",
            f"{pairs['hard_above_easy']} of {pairs['of']}: the hard one is above the easy one. "
            f"{pairs['note']} Misses: {misses}.",
            "",
            "| pair | easy | hard |",
            "| --- | ---: | ---: |",
            *(f"| {p['id']} | {p['easy']:.4f} | {p['hard']:.4f} |" for p in pairs["scores"]),
        ]
    lines += [
        "",
        "## Files",
        "",
        "| file | SHA-256 |",
        "| --- | --- |",
        *(f"| {name} | `{digest}` |" for name, digest in provenance["files"].items()),
        "",
        "## Recipe",
        "",
        "| setting | value |",
        "| --- | --- |",
        *(f"| {name} | {value} |" for name, value in provenance["recipe"].items()),
    ]
    return "\n".join(lines) + "\n"
