"""The report as one HTML page: no script, and nothing from elsewhere."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from .comparison import Choice, trace_curve
from .interval import Interval
from .picture import draw_frontier, draw_traffic
from .promise import Promise
from .report import Report
from .style import STYLE


def build_page(report: Report) -> str:
    """The page, complete."""
    made = datetime.fromtimestamp(report.made_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    body = "".join(
        (
            "<h1>Is it safe to switch the router on?</h1>",
            f'<p class="soft">Tiny Dancer, {made}</p>',
            f'<p class="verdict {_find_mood(report)}">{escape(report.verdict)}</p>',
            _show_tiles(report),
            _show_traffic(report),
            _show_quality(report),
            _show_promises(report.promises),
            _show_money(report),
            _show_latency(report),
            _show_unknowns(report.unknowns),
            f"<footer>Policy {escape(report.policy.id)}, threshold {report.policy.threshold:.4f}. "
            "Intervals and certificates are by betting bounds and hold however often one looks. "
            "A certificate is about requests like those it was made from.</footer>",
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>Tiny Dancer: report</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _find_mood(report: Report) -> str:
    if report.drift in ("alarm", "unreadable"):
        return "bad"
    return "good" if report.verdict.startswith(("Safe", "On, and the cert")) else "wait"


def _show_tiles(report: Report) -> str:
    evidence = report.evidence
    traffic, money = evidence.traffic, evidence.money
    tiles = (
        ("requests decided on", f"{traffic.requests:,}"),
        ("for the light model", _percent(traffic.light_share)),
        ("graded pairs", f"{len(evidence.pairs) - evidence.ungraded:,}"),
        ("net saving so far", money.tell(money.net)),
    )
    shown = (f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in tiles)
    return f'<dl class="tiles">{"".join(shown)}</dl>'


def _show_traffic(report: Report) -> str:
    traffic = report.evidence.traffic
    picture = draw_traffic(traffic.list_spans())
    if not picture:
        return "<h2>Traffic</h2><p>No request has come yet.</p>"
    would = " (in observe mode: would go)" if traffic.observed else ""
    return (
        f"<h2>Traffic</h2><figure>{picture}<figcaption>Requests that the router decided on, by "
        f'time in UTC:<span class="key light"></span>go to the light model{would}'
        '<span class="key powerful"></span>to the powerful one.</figcaption></figure>'
    )


def _show_quality(report: Report) -> str:
    found = report.comparison
    if found is None:
        return "<h2>Quality and cost</h2><p>No pair was graded yet.</p>"
    curve = trace_curve(report.evidence.pairs)
    rows = "".join(_show_choice(choice) for choice in found.choices)
    gain = ""
    if found.gain is not None:
        gain = f"<p>{_say_gain(found.gain)}</p>"
    return (
        f"<h2>Quality and cost</h2><figure>{draw_frontier(found, curve)}<figcaption>The line is "
        "the router at every threshold, its dot the policy in force; the dashed line sends "
        "requests to the light model by chance. Bars are 95 % intervals.</figcaption></figure>"
        '<p></p><div class="wide"><table><tr><th>all requests by</th><th>light</th>'
        "<th>mean quality</th><th>of the powerful model's</th><th>per 1,000 requests</th></tr>"
        f"{rows}</table></div>{gain}"
    )


def _show_choice(choice: Choice) -> str:
    cells = (
        escape(choice.name),
        _percent(choice.light_share),
        _show_interval(choice.quality, "{:.3f}"),
        _show_interval(choice.kept and choice.kept.cap(), "{:.1%}"),
        "not known" if choice.cost is None else f"{choice.cost:,.4g}",
    )
    return _row(cells, "all" if choice.name == "router" else "")


def _show_promises(promises: Sequence[Promise]) -> str:
    rows = []
    for promise in promises:
        target = f"{promise.target:.0%} of the powerful model's quality"
        if promise.policy is not None:
            saving = "not known" if promise.saving is None else f"{promise.saving:,.4g}"
            cells = (target, "certified", _percent(promise.light_share), saving)
        else:
            cells = (target, f"missing: {_say_missing(promise)}", "–", "–")
        rows.append(_row(cells))
    delta = sum(promise.delta for promise in promises)
    return (
        '<h2>What can be promised</h2><div class="wide"><table><tr><th>keep at least</th>'
        "<th>certificate</th><th>light share</th><th>saves per 1,000</th></tr>"
        f"{''.join(rows)}</table></div>"
        f'<p class="soft">All of them together, with {1 - delta:.0%} confidence: one may choose '
        "after looking. Savings here are before shadow and judge.</p>"
    )


def _say_missing(promise: Promise) -> str:
    if promise.fewest is None:
        return "no number of pairs would do"
    now = promise.at_this_rate
    late = "no number would do" if now is None else f"{now:,}"
    return f"{late} pairs at today's rate, {promise.fewest:,} at least"


def _show_money(report: Report) -> str:
    money = report.evidence.money
    rows = (
        ("paid for answers", money.cost, ""),
        ("saved against the powerful model alone", money.gross, ""),
        ("asking the other model too", -money.shadow, ""),
        ("grading", -money.judge, ""),
        ("net saving", money.net, "all"),
    )
    shown = "".join(_row((name, money.tell(value)), kind) for name, value, kind in rows)
    table = f"<table><tr><th></th><th>amount</th></tr>{shown}</table>"
    return f'<h2>Money so far</h2><div class="wide">{table}</div>'


def _show_latency(report: Report) -> str:
    traffic = report.evidence.traffic
    rows = [
        (f"answers by {model}", f"{_at(times, 0.5):,.0f} ms", f"{_at(times, 0.95):,.0f} ms")
        for model, times in report.evidence.latency_ms.items()
    ]
    half, most = traffic.quantile_us(0.5), traffic.quantile_us(0.95)
    if half is not None and most is not None:
        rows.insert(0, ("a decision", f"{half:,.0f} µs", f"{most:,.0f} µs"))
    if not rows:
        return ""
    shown = "".join(_row(tuple(map(escape, row))) for row in rows)
    head = "<tr><th>time of</th><th>half within</th><th>95 % within</th></tr>"
    return f'<h2>Latency</h2><div class="wide"><table>{head}{shown}</table></div>'


def _show_unknowns(unknowns: Sequence[str]) -> str:
    if not unknowns:
        return ""
    listed = "".join(f"<li>{escape(one)}</li>" for one in unknowns)
    return f"<h2>What is not known</h2><ul>{listed}</ul>"


def _row(cells: Sequence[str], kind: str = "") -> str:
    shown = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr class="{kind}">{shown}</tr>' if kind else f"<tr>{shown}</tr>"


def _at(ordered: Sequence[float], q: float) -> float:
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def _percent(share: float | None) -> str:
    return "not known" if share is None else f"{share:.1%}"


def _show_interval(value: Interval | None, form: str) -> str:
    if value is None:
        return "not known"
    low, high = form.format(value.low), form.format(value.high)
    return f"{form.format(value.estimate)} ({low} to {high})"


def _say_gain(gain: Interval) -> str:
    points = f"{gain.estimate:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}) of quality"
    if gain.low <= 0 <= gain.high:
        return (
            f"At the same cost no difference is shown between the router's answers and the static "
            f"mix's: {points}."
        )
    better = "better" if gain.low > 0 else "worse"
    return f"At the same cost the router's answers are {better} than the static mix's: {points}."
