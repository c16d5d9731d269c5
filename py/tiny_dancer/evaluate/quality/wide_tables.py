"""Tables of docs/quality.md about sources left out in groups."""

from typing import Any

from ...train.agreement import agreement_rows
from .parts import ABILITY, ASIDE, GRAMS, GROUPS, NEVER_TRAINED, OURS, PROBES
from .tables import between, percent, table

Results = dict[str, Any]
COUNTED = tuple(source for group in GROUPS for source in group)


def aucs(r: Results) -> str:
    """Return the AUC of "light answers well" by source, with how far ours is ahead."""
    found = r["wide"]["sources"]
    rows = []
    for source in (*COUNTED, *PROBES):
        one = found[source]
        before = one.get("before")
        rows.append(
            [
                source,
                f"{one['rows']:,}",
                *(f"{one['auc'][name]:.3f}" for name in (GRAMS, ABILITY, OURS)),
                between(one["ahead_95"][GRAMS]),
                f"{before['auc']:.3f}" if before else _earlier(r, source),
                between(before["ahead_95"]) if before else "",
            ]
        )
    mean = r["wide"]["mean"]
    rows.append(
        ["mean of the first eight", ""] + [f"{mean[n]:.3f}" for n in (GRAMS, ABILITY, OURS)]
    )
    rows[-1] += ["", "", ""]
    head = ["left out", "rows", GRAMS, ABILITY, OURS, f"ours ahead of {GRAMS}, 95 %"]
    return table([*head, "the bundle before", "ours ahead of it, 95 %"], rows)


def _earlier(r: Results, source: str) -> str:
    """The network before with this source alone left out: other rows, so no paired interval."""
    sources = r["left-out"]["sources"]
    return f"({sources[source]['routers'][OURS]['auc_light']:.3f})" if source in sources else ""


def kept(r: Results) -> str:
    """Return what the default threshold keeps of each source, beside the two controls."""
    rows = [
        [
            source,
            percent(one["kept"]),
            percent(one["kept_shrunk"]) if "kept_shrunk" in one else "",
            percent(one["light"]),
            percent(one["static"]),
            between([100 * x for x in one["above_static_95"]], 1),
            percent(one["light_alone"]),
            f"{one['ece']:.3f}",
        ]
        for source, one in ((s, r["wide"]["sources"][s]) for s in (*COUNTED, *PROBES))
    ]
    head = ["left out", "quality kept", "shrunk", "light", "static mix", "above it, points, 95 %"]
    return table([*head, "light alone", "ECE, light"], rows)


def promise(r: Results) -> str:
    """Return the sentence that stands beside the default policy."""
    w = r["wide"]
    low, high = w["kept_range"]
    counted = [w["sources"][s] for s in COUNTED]
    above = sum(one["above_static_95"][0] > 0 for one in counted)
    return (
        f"Threshold {w['threshold']:.4f}: the mean of the eight sources keeps "
        f"{percent(w['kept_mean'])}; from {percent(min(one['kept'] for one in counted))} to "
        f"{percent(max(one['kept'] for one in counted))} as found, and nine of ten further sources "
        f"like these should lie from {percent(low)} to {percent(min(high, 1.0))}. Above the static "
        f"mix, interval above 0: {above} of {len(counted)}. Calibration error of the light "
        f"probability, mean: {w['ece_mean']:.3f}."
    )


def lambdas(r: Results) -> str:
    """Return the mean APGR of the eight sources for some λ."""
    by = r["wide"]["apgr_by_lambda"]
    rows = [[x, f"{by[x]:.3f}"] for x in ("0.0", "0.25", "0.5", "0.75", "1.0")]
    return table(["λ", "APGR, mean of the eight sources left out"], rows)


def aside(r: Results) -> str:
    """Return what the default policy keeps of sources that no training saw, beside two controls."""
    found = {**r["shipped"]["never_trained"], **r["shipped"]["aside"]}
    rows = []
    for source in (*NEVER_TRAINED, *ASIDE):
        one = found[source]
        share, alone = one["light_share"], one["light_alone"]
        rows.append(
            [
                source,
                f"{one['rows']:,}",
                percent(one["quality_kept"]),
                percent(share),
                percent(1 - share + share * alone),
                percent(alone),
                f"{one['routers'][OURS]['auc_light']:.3f}",
            ]
        )
    head = ["source", "rows", "quality kept", "light", "static mix", "light alone", "AUC light"]
    return table(head, rows)


def everyday(r: Results) -> str:
    """Return how far the bundle agrees with what is assumed of everyday requests, by language."""
    return "\n".join(agreement_rows(r["everyday"]))


def robustness(r: Results) -> str:
    """Return how often decisions stay, by kind of change."""
    rows = [
        [name, f"{row['pairs']:,}", percent(row["kept"]), f"{row['move']:.3f}"]
        for name, row in r["robustness"].items()
    ]
    return table(["change", "requests", "decision kept", "mean move of the score"], rows)
