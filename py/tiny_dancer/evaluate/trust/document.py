"""docs/trust.md: its tables and picture drawn from the results file."""

import re
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.figure import Figure

from ..picture import STYLE, svg

NAMES: Final = {
    "quality_kept": "quality kept, at least",
    "regret": "regret, at most",
    "joint": "joint, at most",
    "selective": "selective, at most",
    "missed_failures": "missed failures, at most",
}
_BLOCK: Final = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.S)


def redraw(page: str, results: dict[str, Any]) -> str:
    """The page with its tables drawn anew."""
    tables = {
        "buys": _table_savings,
        "missed": _table_missed,
        "alarms": _table_alarms,
        "delay": _tell_delay,
    }
    return _BLOCK.sub(lambda match: match[1] + tables[match[2]](results) + match[3], page)


def _table_savings(results: dict[str, Any]) -> str:
    """Light share and net saving of certificates, on the pool of held-out questions."""
    rows = results["pools"]["held out"]["rows"]
    numbers = sorted({row["n"] for row in rows})
    head = " | ".join(f"{n:,}" for n in numbers)
    lines = [
        f"| target | attainable | {head} |",
        f"| --- | ---: | {' | '.join('---:' for _ in numbers)} |",
    ]
    for measure, value in dict.fromkeys((row["measure"], row["value"]) for row in rows):
        found = [row for row in rows if (row["measure"], row["value"]) == (measure, value)]
        cells = [_saving(row["certified"]) for row in sorted(found, key=lambda row: row["n"])]
        lines.append(
            f"| {NAMES[measure]} {value:.0%} | {found[0]['attainable']:.0%} | {' | '.join(cells)} |"
        )
    return "\n".join(lines) + "\n"


def _saving(found: dict[str, Any]) -> str:
    if found["refused"] == found["samples"]:
        return "refused"
    low, high = found["light_interval"]
    return f"{found['light_share']:.0%} ({low:.0%} to {high:.0%}), {found['net_saving']:+.0%}"


def _table_missed(results: dict[str, Any]) -> str:
    """How often each way of choosing a threshold misses the quality it promised."""
    lines = [
        "| prompts | quality kept, at least | outcomes | certified | by point estimate | "
        "fixed on a benchmark |",
        "| --- | ---: | ---: | --- | --- | --- |",
    ]
    for pool, found in results["pools"].items():
        for row in found["rows"]:
            if row["measure"] == "quality_kept":
                ways = [_missed(row[way]) for way in ("certified", "point", "benchmark")]
                lines.append(f"| {pool} | {row['value']:.0%} | {row['n']:,} | {' | '.join(ways)} |")
    return "\n".join(lines) + "\n"


def _missed(found: dict[str, Any]) -> str:
    missed, samples = found["missed"], found["samples"]
    told = f"missed in {missed} of {samples}" if samples > 1 else ("missed" if missed else "kept")
    return f"{told}; kept {found['value']:.1%}, light {found['light_share']:.0%}"


def _table_alarms(results: dict[str, Any]) -> str:
    """False alarms and false warnings, by kind of traffic."""
    found = results["false_alarms"]
    lines = ["| traffic | runs | alarms | warnings |", "| --- | ---: | ---: | ---: |"]
    for name in ("steady", "bursts", "days"):
        row = found[name]
        lines.append(f"| {name} | {row['runs']} | {row['alarms']} | {row['warnings']} |")
    return "\n".join(lines) + "\n"


def _tell_delay(results: dict[str, Any]) -> str:
    """What came of a change of subject, and how late the alarm was, in sentences."""
    subjects, other = results["harder_subjects"], results["other_requests"]
    pairs, decisions = other["pairs"], other["decisions"]
    lines = (
        "- From all subjects of MMLU but ten to the ten on which light loses most: "
        f"{subjects['broken']} of {subjects['policies']} policies break, quality kept is "
        f"{subjects['kept_after_the_change']:.1%}, for the router sends harder subjects up.",
        f"- From there to sources that the bundle never saw, where "
        f"{other['kept_after_the_change']:.0%} is kept: {other['alarms']} of {other['runs']} runs "
        f"alarm, {other['before_the_change']} of them before the change, after "
        f"{pairs['median']:.0f} graded pairs ({decisions['median']:,.0f} decisions) in the median "
        f"and {pairs['nine_in_ten']:.0f} in nine of ten; the scores warn in {other['warnings']}.",
    )
    return "\n".join(lines) + "\n"


def draw(results: dict[str, Any]) -> bytes:
    """Light share by outcomes for each quality, and what the ways keep in truth, as SVG."""
    rows = [r for r in results["pools"]["held out"]["rows"] if r["measure"] == "quality_kept"]
    with rc_context(STYLE):
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        for value, colour in zip((0.90, 0.95, 0.98), ("C0", "C1", "C2"), strict=True):
            some = sorted((r for r in rows if r["value"] == value), key=lambda r: r["n"])
            n = [r["n"] for r in some]
            left.plot(n, [r["certified"]["light_share"] for r in some], "o-", color=colour)
            low, high = zip(*(r["certified"]["light_interval"] for r in some), strict=True)
            left.fill_between(n, low, high, color=colour, alpha=0.15)
            left.axhline(some[0]["attainable"], color=colour, linestyle=":")
            left.annotate(f"{value:.0%}", (n[-1], high[-1]), (4, 0), textcoords="offset points")
            for way, mark in (("certified", "o-"), ("point", "x--")):
                share = [r[way]["missed"] / r[way]["samples"] for r in some]
                label = f"{'certified' if way == 'certified' else 'point estimate'}, {value:.0%}"
                right.plot(n, share, mark, color=colour, label=label, markersize=4)
        right.axhline(results["delta"], color="0.5", linestyle=":")
        for axes, name in ((left, "light share certified"), (right, "share that misses")):
            axes.set_xscale("log")
            axes.set_xticks([100, 300, 1000, 3000], ["100", "300", "1,000", "3,000"])
            axes.minorticks_off()
            axes.set_xlabel("outcomes")
            axes.set_ylabel(name)
            axes.set_ylim(bottom=0)
        right.legend(frameon=False, ncols=2, fontsize=7)
        return svg(figure)
