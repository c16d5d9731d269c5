"""What this recipe was asked for on sources left out and everyday requests, beside what it does."""

from collections.abc import Mapping
from typing import Any

from .parts import BEFORE, GRAMS, MPNET
from .tables import between, table
from .wide_tables import COUNTED

Results = dict[str, Any]

LEAD, LOSS = 0.03, -0.02
"""Asked of the mean lead over the bundle before, and of the worst source's."""
ABOVE_STATIC = 5
"""Sources, of eight, where the default policy is to keep more than a static mix."""
SMALLER_THAN = 1_000_000
"""Bytes of a bundle."""


def aims(r: Results) -> str:
    """Return the table: figure, found, floor, goal, what was reached."""
    rows = [*_left_out(r["wide"]), *_everyday(r["everyday"]), *_others(r)]
    return table(["aim", "found", "floor", "goal", "reached"], rows)


def _left_out(w: Results) -> list[list[str]]:
    earlier, by = w["mean_earlier"], w["sources"]
    leads = {s: by[s]["ahead"].get(BEFORE, by[s].get("earlier_ahead", 0.0)) for s in COUNTED}
    worst = min(leads, key=leads.__getitem__)
    above = sum(by[s]["default"]["above_static_95"][0] > 0 for s in COUNTED)
    sure = earlier["ahead"] >= LEAD and earlier["ahead_95"][0] > 0
    rows = [
        _lead("lead over the bundle before, mean of eight", earlier, f"{LEAD:+.3f}", sure),
        [
            f"lead over the bundle before, worst ({worst})",
            f"{leads[worst]:+.3f}",
            f"{LOSS:+.3f}",
            "",
            _verdict(leads[worst], LOSS),
        ],
    ]
    for name in (GRAMS, MPNET):
        if name in w["mean"]:
            one = w["mean"][name]
            rows.append(_lead(f"lead over {name}, mean of eight", one, "0", one["ahead"] >= 0))
    rows += [
        [
            "default policy above the static mix, interval above 0",
            f"{above} of {len(COUNTED)}",
            f"{ABOVE_STATIC} of {len(COUNTED)}",
            "",
            _verdict(above, ABOVE_STATIC),
        ],
        _figure("calibration error on sources left out, mean", w["ece_mean"], 0.10, 0.06),
    ]
    return rows


def _everyday(found: Mapping[str, Any]) -> list[list[str]]:
    languages = {name: row["auc"] for name, row in found.items() if name != "all"}
    worst = min(languages, key=languages.__getitem__)
    talk, light = found["all"]["small_talk"], found["all"]["small_talk_light"]
    return [
        _figure("everyday requests, AUC (families left out)", found["all"]["auc"], 0.85),
        _figure(f"everyday requests, worst language ({worst})", languages[worst], 0.75),
        [
            "greetings and thanks light",
            f"{light} of {talk}",
            f"{talk} of {talk}",
            "",
            _verdict(light, talk),
        ],
    ]


def _others(r: Results) -> list[list[str]]:
    kept, size = r["robustness"]["all but languages"]["kept"], r["shipped"]["bundle"]["bytes"]
    return [
        _figure("decisions unchanged by typos, case, wrapping, …", kept, 0.95),
        [
            "bytes of the bundle",
            f"{size:,}",
            f"{SMALLER_THAN:,}",
            "",
            "floor" if size < SMALLER_THAN else "missed",
        ],
    ]


def _lead(name: str, found: Mapping[str, Any], floor: str, reached: bool) -> list[str]:
    shown = f"{found['ahead']:+.3f} ({between(found['ahead_95'])})"
    return [name, shown, floor, "", "floor" if reached else "missed"]


def _figure(name: str, value: float, floor: float, goal: float | None = None) -> list[str]:
    """Return a row; a floor above its goal means that less is better."""
    sign = -1 if goal is not None and goal < floor else 1
    verdict = _verdict(sign * value, sign * floor)
    if goal is not None and sign * value >= sign * goal:
        verdict = "goal"
    return [name, f"{value:.3f}", f"{floor:.3f}", "" if goal is None else f"{goal:.3f}", verdict]


def _verdict(value: float, floor: float) -> str:
    return "floor" if value >= floor else "missed"
