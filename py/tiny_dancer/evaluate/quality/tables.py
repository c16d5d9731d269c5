"""Tables of docs/quality.md, from the results."""

from typing import Any

from .money import PRICE_RATIOS, dollars_a_year, saving
from .parts import ALSO_LEFT_OUT, NEVER_TRAINED, OURS, ZERO_SHOT

Results = dict[str, Any]

PUBLISHED = (
    ("MT-Bench, matrix factorisation", 0.802, 0.134, 0.313),
    ("MMLU (57 subjects; ours has 49), best", 0.603, 0.354, 0.716),
    ("GSM8K, best", 0.622, 0.336, 0.633),
)
"""RouteLLM, arXiv 2406.18665, section 4: APGR, CPT50, CPT80 of the best router reported."""


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; the first column is text, the rest are figures."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def percent(x: float) -> str:
    """Return a share in per cent with one decimal."""
    return f"{100 * x:.1f} %"


def between(pair: list[float] | None, digits: int = 3) -> str:
    """Return an interval, or nothing."""
    return "" if pair is None else f"{pair[0]:.{digits}f} – {pair[1]:.{digits}f}"


def routers(found: Results) -> str:
    """Return routers side by side, with the interval of APGR where there is one."""
    rows = [
        [
            name,
            f"{f['apgr']:.3f}",
            between(f.get("apgr_95"))
            or ("± " + f"{f['apgr_deviation']:.3f}" if "apgr_deviation" in f else ""),
            percent(f["cpt50"]),
            percent(f["cpt80"]),
            percent(f["light90"]),
            percent(f["light95"]),
            percent(f["light98"]),
        ]
        for name, f in found.items()
    ]
    head = ["router", "APGR", "95 % interval, or deviation", "CPT50", "CPT80"]
    return table([*head, "light@90", "light@95", "light@98"], rows)


def published() -> str:
    """Return RouteLLM's figures."""
    rows = [[n, f"{a:.3f}", percent(b), percent(c)] for n, a, b, c in PUBLISHED]
    return table(["RouteLLM, as published", "APGR", "CPT50", "CPT80"], rows)


def floors(r: Results) -> str:
    """Return what was asked for beside what was found."""

    def line(name: str, value: float, floor: float, goal: float, share: bool = False) -> list[str]:
        show = percent if share else lambda x: f"{x:.3f}"
        verdict = "goal" if value >= goal else "floor" if value >= floor else "missed"
        return [name, show(value), show(floor), show(goal), verdict]

    m, s, g = (r[part]["routers"][OURS] for part in ("mmlu-5fold", "mmlu-subjects", "gsm8k-5fold"))
    zero = r["left-out"]["mean"][OURS]["apgr"]
    rows = [
        line("MMLU 5-fold, APGR", m["apgr"], 0.68, 0.72),
        line("MMLU 5-fold, light@95", m["light95"], 0.60, 0.66, True),
        line("MMLU leave-subjects-out, APGR", s["apgr"], 0.60, 0.64),
        line("GSM8K 5-fold, APGR", g["apgr"], 0.64, 0.66),
        line("GSM8K 5-fold, light@95", g["light95"], 0.39, 0.45, True),
        line("zero-shot, plain mean APGR of six sources", zero, 0.56, 0.60),
    ]
    return table(["figure", "found", "floor", "goal", "reached"], rows)


def left_out(r: Results) -> str:
    """Return APGR of every router on every source that it has not seen."""
    sources = {name: r["left-out"]["sources"][name] for name in (*ZERO_SHOT, *ALSO_LEFT_OUT)}
    names = list(sources[ZERO_SHOT[0]]["routers"])
    rows = []
    for source, found in sources.items():
        ours = found["routers"][OURS]
        cells = [f"{found['routers'][name]['apgr']:.3f}" for name in names]
        rows.append([source, *cells, between(ours["apgr_95"]), percent(ours["light95"])])
    return table(["left out", *names, "95 % interval of ours", "our light@95"], rows)


def never_trained(r: Results, source: str) -> str:
    """Return the shipped bundle beside the baselines on a source for evaluation only."""
    found = dict(r["never-trained"]["sources"][source]["routers"])
    found[OURS + ", shipped"] = r["shipped"]["never_trained"][source]["routers"][OURS]
    return routers(found)


def others(r: Results) -> str:
    """Return the shipped bundle's APGR on the other sources for evaluation only."""
    rows = []
    for source in NEVER_TRAINED[1:]:
        base = r["never-trained"]["sources"][source]
        ours = r["shipped"]["never_trained"][source]["routers"][OURS]
        cells = [f"{f['apgr']:.3f}" for name, f in base["routers"].items()]
        rows.append(
            [source, str(base["rows"]), *cells, f"{ours['apgr']:.3f}", between(ours["apgr_95"])]
        )
    head = ["source", "rows", *r["never-trained"]["sources"]["alpaca_eval"]["routers"]]
    return table([*head, "tiny dancer, shipped", "95 % interval"], rows)


def held_out(r: Results) -> str:
    """Return the shipped bundle on stems that nothing saw."""
    rows = []
    for source, f in r["shipped"]["held_out"].items():
        ours = f["routers"][OURS]
        rows.append(
            [
                source,
                f"{f['rows']:,}",
                percent(f["quality_kept"]),
                percent(f["light_share"]),
                f"{ours['apgr']:.3f}",
                between(ours["apgr_95"]),
                percent(ours["light95"]),
                f"{ours['auc_light']:.3f}",
            ]
        )
    head = ["source", "rows", "quality kept", "light", "APGR", "95 % interval"]
    return table([*head, "light@95", "AUC light"], rows)


def lambdas(r: Results) -> str:
    """Return the λ of either kind and the APGR that each gives where the other was fitted."""
    inside, abroad = r["mmlu-5fold"], r["left-out"]
    inner = max(set(inside["lambda"]), key=inside["lambda"].count)
    outer, shipped = abroad["lambda_of_all"], r["shipped"]["bundle"]["lambda"]
    rows = [
        [
            kind,
            f"{lam:.2f}",
            f"{_at(inside['apgr_by_lambda'], lam):.3f}",
            f"{_at(abroad['apgr_by_lambda'], lam):.3f}",
        ]
        for kind, lam in (
            ("fitted inside MMLU's training folds", inner),
            ("fitted on left-out sources", outer),
            ("of the shipped bundle", shipped),
        )
    ]
    return table(["λ", "value", "APGR, MMLU 5-fold", "APGR, zero-shot mean"], rows)


def _at(by_lambda: dict[str, float], lam: float) -> float:
    return by_lambda[min(by_lambda, key=lambda x: abs(float(x) - lam))]


def calibration(r: Results) -> str:
    """Return expected calibration errors."""
    rows = []
    for part in ("mmlu-5fold", "mmlu-subjects", "gsm8k-5fold"):
        f = r[part]["routers"][OURS]
        rows.append([part, f"{f['ece_light']:.3f}", f"{f['ece_powerful']:.3f}"])
    for source, found in r["shipped"]["held_out"].items():
        f = found["routers"][OURS]
        name = f"shipped, held out: {source}"
        rows.append([name, f"{f['ece_light']:.3f}", f"{f['ece_powerful']:.3f}"])
    return table(["scored", "ECE, light", "ECE, powerful"], rows)


def int8(r: Results) -> str:
    """Return APGR of float and int8 rows."""
    rows = []
    for part in ("mmlu-5fold", "mmlu-subjects", "gsm8k-5fold"):
        found = r[part]["routers"]
        a, b = found[OURS]["apgr"], found[OURS + ", int8"]["apgr"]
        rows.append([part, f"{a:.4f}", f"{b:.4f}", f"{a - b:+.4f}"])
    return table(["part", "float", "int8", "loss"], rows)


def sizes(r: Results) -> str:
    """Return APGR by vocabulary and H."""
    rows = [
        [
            f"{p['vocabulary']:,}",
            str(p["hidden"]),
            f"{p['table_bytes'] / 1000:.0f} KB",
            f"{p['apgr']:.3f}",
            f"{p['apgr_int8']:.3f}",
        ]
        for p in r["sizes"]["points"]
    ]
    found = table(["vocabulary", "H", "token table", "APGR", "APGR, int8"], rows)
    return found + "\n\n![Size against APGR](results/quality/sizes.svg)"


def _measured(r: Results) -> dict[str, Results]:
    found = {
        "mmlu, in domain": r["mmlu-5fold"]["routers"][OURS],
        "gsm8k, in domain": r["gsm8k-5fold"]["routers"][OURS],
    }
    for source in (*ZERO_SHOT, *ALSO_LEFT_OUT):
        found[f"{source}, left out"] = r["left-out"]["sources"][source]["routers"][OURS]
    for source in NEVER_TRAINED:
        found[f"{source}, never trained"] = r["shipped"]["never_trained"][source]["routers"][OURS]
    return found


def money(r: Results) -> str:
    """Return the share of the bill saved, by source, quality kept and price ratio."""
    rows = []
    for source, f in _measured(r).items():
        for kept in ("90", "95", "98"):
            cells = [percent(saving(f["light" + kept], ratio)) for ratio in PRICE_RATIOS]
            rows.append([source if kept == "90" else "", kept + " %", *cells])
    return table(["source", "quality kept", *(f"1 : {ratio}" for ratio in PRICE_RATIOS)], rows)


def bill(r: Results) -> str:
    """Return the original's example at 95 % quality."""
    rows = []
    for source, f in _measured(r).items():
        cells = []
        for ratio in PRICE_RATIOS:
            _, saved = dollars_a_year(f["light95"], ratio)
            cells.append(f"${saved:,.0f}")
        rows.append([source, percent(f["light95"]), *cells])
    head = ["source", "light@95", *(f"saved a year, 1 : {ratio}" for ratio in PRICE_RATIOS)]
    return table(head, rows)


def profile(r: Results) -> str:
    """Return what the ranking knows of subjects and what it knows inside a subject."""
    rows = [
        [part, *(f"{r[part]['profile'][key]:.3f}" for key in ("whole", "between", "within"))]
        for part in ("mmlu-5fold", "mmlu-subjects")
    ]
    return table(["part", "APGR", "subjects' mean scores only", "inside subjects only"], rows)
