"""Tables of docs/quality.md about sources left out in groups."""

from typing import Any

from ...train.agreement import agreement_rows
from .parts import (
    ABILITY,
    ASIDE,
    BEFORE,
    BOTH,
    GRAMS,
    GROUPS,
    MPNET,
    NEVER_TRAINED,
    OURS,
    PROBES,
)
from .tables import between, percent, table

Results = dict[str, Any]
COUNTED = tuple(source for group in GROUPS for source in group)


def aucs(r: Results) -> str:
    """Return the AUC of "light answers well" by source and router."""
    found = r["wide"]["sources"]
    names = [n for n in (GRAMS, ABILITY, MPNET, OURS, BOTH) if n in found[COUNTED[0]]["auc"]]
    rows = []
    for source in (*COUNTED, *PROBES):
        one = found[source]
        row = [source, f"{one['rows']:,}", *(f"{one['auc'][name]:.3f}" for name in names)]
        rows.append([*row, _before(one)])
    mean = r["wide"]["mean"]
    rows.append(["mean of the first eight", "", *(f"{mean[n]['auc']:.3f}" for n in names), ""])
    return table(["left out", "rows", *names, BEFORE], rows)


def families(r: Results) -> str:
    """Return n-grams' AUC without each source alone, and without its group's families too."""
    rows, both = [], []
    for source, one in r["wide"]["families"].items():
        alone, without = one["auc"]
        gain = f"{without - alone:+.3f} ({between(one['gain_95'])})"
        learnt = [f"{n:,}" for n in one["learnt"]]
        held = ", ".join(one["families"])
        rows.append([source, held, *learnt, f"{alone:.3f}", f"{without:.3f}", gain])
        both.append(one["auc"])
    first, second = (sum(x) / len(both) for x in zip(*both, strict=True))
    rows.append(["mean", "", "", "", f"{first:.3f}", f"{second:.3f}", f"{second - first:+.3f}"])
    head = ["left out", "families in it", "rows learnt", "without families"]
    return table([*head, GRAMS, "without families", "difference, 95 %"], rows)


def _before(one: dict[str, Any]) -> str:
    """Return the older bundle's AUC, or in brackets its recipe's with that source left out."""
    if BEFORE in one["auc"]:
        return f"{one['auc'][BEFORE]:.3f}"
    return f"({one['earlier']:.3f})" if "earlier" in one else ""


def leads(r: Results) -> str:
    """Return how far ours is ahead of each other router, with paired intervals, by source."""
    found, mean = r["wide"]["sources"], r["wide"]["mean"]
    names = [n for n in (GRAMS, MPNET, BOTH, BEFORE) if n in mean or n == BEFORE]
    rows = []
    for source in (*COUNTED, *PROBES):
        one = found[source]
        rows.append([source, *(_lead(one, name) for name in names)])
    total = ["mean of the first eight"]
    for name in names:
        lead = mean[name] if name in mean else r["wide"]["mean_earlier"]
        total.append(f"{lead['ahead']:+.3f} ({between(lead['ahead_95'])})")
    return table(["left out", *(f"ahead of {name}, 95 %" for name in names)], [*rows, total])


def _lead(one: dict[str, Any], name: str) -> str:
    if name in one["ahead"]:
        return f"{one['ahead'][name]:+.3f} ({between(one['ahead_95'][name])})"
    if name == BEFORE and "earlier" in one:
        return f"{one['earlier_ahead']:+.3f} ({between(one['earlier_95'])})*"
    return ""


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


def default(r: Results) -> str:
    """Return what the default policy's threshold keeps of each source when it was left out."""
    w = r["wide"]
    rows, above = [], 0
    for source in (*COUNTED, *PROBES):
        one = w["sources"][source]["default"]
        above += source in COUNTED and one["above_static_95"][0] > 0
        rows.append(
            [
                source,
                percent(one["kept"]),
                percent(one["light"]),
                percent(one["static"]),
                between([100 * x for x in one["above_static_95"]], 1),
            ]
        )
    head = ["left out", "quality kept", "light", "static mix", "above it, points, 95 %"]
    kept = [w["sources"][s]["default"]["kept"] for s in COUNTED]
    return (
        f"{table(head, rows)}\n\nOf the first eight: from {percent(min(kept))} to "
        f"{percent(max(kept))}, mean {percent(sum(kept) / len(kept))}; above the static mix, "
        f"interval above 0: {above} of {len(COUNTED)}."
    )


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
