"""docs/adapt.md: its table and picture drawn from the results file."""

import re
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from ..picture import STYLE, svg

TITLES = {"gsm8k": "GSM8K", "mmlu_pro": "MMLU-Pro"}
_BLOCK = re.compile(r"(<!-- drawn: curve -->\n).*?(<!-- end -->)", re.S)


def redrawn(page: str, results: dict[str, Any]) -> str:
    """Return the page with its table drawn anew."""
    return _BLOCK.sub(lambda match: match[1] + table(results) + match[2], page)


def table(results: dict[str, Any]) -> str:
    """Return the Markdown table of mean APGR and log-loss."""
    lines = [
        "| left out | labels | router | APGR | light at 95 % | log-loss | new heads kept |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for source, found in results["sources"].items():
        for row in sorted(found["summary"], key=lambda r: r["labels"]):
            kept = f"{row['kept']} of {row['draws']}" if "kept" in row else ""
            lines.append(
                f"| {TITLES[source]} | {row['labels']:,} | {row['router']} | "
                f"{row['apgr']:.3f} ± {row['apgr_deviation']:.3f} | {100 * row['light95']:.1f} % | "
                f"{row['log_loss']:.3f} | {kept} |"
            )
    return "\n".join(lines) + "\n"


def picture(results: dict[str, Any]) -> bytes:
    """Return the curves as SVG; bars are one standard deviation over the draws."""
    with rc_context(STYLE):
        figure = Figure(figsize=(8, 3.2), layout="constrained")
        panels = figure.subplots(1, len(results["sources"]), squeeze=False)[0]
        for axes, (source, found) in zip(panels, results["sources"].items(), strict=True):
            routers = dict.fromkeys(row["router"] for row in found["summary"])
            for shift, router in enumerate(routers):
                rows = [r for r in found["summary"] if r["router"] == router]
                axes.errorbar(
                    [max(r["labels"], 20) * 1.04**shift for r in rows],
                    [r["apgr"] for r in rows],
                    [r["apgr_deviation"] for r in rows],
                    marker="o",
                    markersize=3,
                    capsize=2,
                    label=router,
                )
            axes.axhline(0.5, color="0.7", linestyle=":")
            axes.set_xscale("log")
            axes.set_xticks([20, 50, 200, 1000], ["0", "50", "200", "1,000"], minor=False)
            axes.minorticks_off()
            axes.set_title(TITLES[source])
            axes.set_xlabel("labels")
            axes.set_ylabel("APGR")
        panels[0].legend(frameon=False)
        return svg(figure)
