"""Pictures of docs/quality.md as SVG: the same bytes from the same results."""

import io
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from .parts import OURS

Results = dict[str, Any]
matplotlib.rcParams["svg.hashsalt"] = "tiny-dancer"
matplotlib.rcParams["svg.fonttype"] = "none"


def pictures(results: Results) -> dict[str, bytes]:
    """Return file name → SVG, for every picture whose results are there."""
    found = {}
    for name, draw in (
        ("reliability.svg", _reliability),
        ("sizes.svg", _sizes),
        ("left-out.svg", _left_out),
    ):
        try:
            figure = draw(results)
        except KeyError:
            continue
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
        pyplot.close(figure)
        found[name] = file.getvalue()
    return found


def _reliability(r: Results) -> Any:
    figure, axes = pyplot.subplots(1, 2, figsize=(8, 4), sharey=True, layout="constrained")
    held = r["shipped"]["held_out"]["all"]
    for axis, title, sets in (
        (axes[0], "MMLU, five folds", r["mmlu-5fold"]),
        (axes[1], "shipped bundle, held-out stems", held),
    ):
        axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        for key, label, mark in (
            ("reliability_light", "light", "o"),
            ("reliability_powerful", "powerful", "s"),
        ):
            p, right, rows = zip(*sets[key], strict=True)
            size = [8 + 80 * n / sum(rows) for n in rows]
            axis.scatter(p, right, s=size, marker=mark, label=label)
        axis.set(title=title, xlabel="mean probability", xlim=(0, 1), ylim=(0, 1))
    axes[0].set_ylabel("share answered well")
    axes[0].legend()
    return figure


def _sizes(r: Results) -> Any:
    figure, axis = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for p in r["sizes"]["points"]:
        axis.scatter(p["table_bytes"] / 1000, p["apgr"], color="C0")
        label = f"{p['vocabulary'] // 1000}k × {p['hidden']}"
        axis.annotate(
            label,
            (p["table_bytes"] / 1000, p["apgr"]),
            textcoords="offset points",
            xytext=(5, 4),
        )
    axis.set(xlabel="token table, KB", ylabel="APGR, MMLU fold")
    return figure


def _left_out(r: Results) -> Any:
    sources = r["left-out"]["sources"]
    figure, axis = pyplot.subplots(figsize=(8, 4), layout="constrained")
    names = ["length", "cues + LR", "TF-IDF + LR", "MiniLM-384 + LR", OURS]
    for k, name in enumerate(names):
        y = [sources[s]["routers"][name]["apgr"] for s in sources]
        x = [i + 0.15 * (k - 2) for i in range(len(sources))]
        spans = [sources[s]["routers"][name]["apgr_95"] for s in sources]
        low = [max(0.0, a - s[0]) for a, s in zip(y, spans, strict=True)]
        high = [max(0.0, s[1] - a) for a, s in zip(y, spans, strict=True)]
        axis.errorbar(x, y, yerr=[low, high], fmt="o", markersize=4, label=name, linewidth=1)
    axis.axhline(0.5, color="0.7", linewidth=1)
    axis.set(ylabel="APGR, 95 % interval")
    axis.set_xticks(range(len(sources)), list(sources))
    axis.legend(fontsize=8, ncols=3)
    return figure
