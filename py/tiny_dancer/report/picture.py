"""The report's pictures as inline SVG, in the colours of the page's theme."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from math import ceil, floor, log10

from .comparison import Choice, Comparison
from .traffic import Span

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 14, 34


def draw_traffic(spans: Sequence[Span]) -> str:
    """Requests over time as bars, those for the light model below."""
    if not spans:
        return ""
    most = max(span.requests for span in spans) or 1
    top = _round_up(most)
    step = (WIDTH - LEFT - RIGHT) / len(spans)
    parts = [_draw_grid([(value, f"{value:,.0f}") for value in _list_ticks(0, top)], 0, top)]
    for n, span in enumerate(spans):
        x = LEFT + n * step + step * 0.1
        light, all_ = _y(span.light, 0, top), _y(span.requests, 0, top)
        bottom = HEIGHT - BOTTOM
        title = f"{_say_time(span.at)}: {span.requests:,} requests, {span.light:,} light"
        parts.append(
            f"<g><title>{escape(title)}</title>"
            + _rect("powerful", x, all_, step * 0.8, light - all_)
            + _rect("light", x, light, step * 0.8, bottom - light)
            + "</g>"
        )
    for n in sorted({0, len(spans) // 2, len(spans) - 1}):
        anchor = "start" if n == 0 else "end" if n == len(spans) - 1 else "middle"
        x = LEFT + (n + (0 if n == 0 else 1 if anchor == "end" else 0.5)) * step
        parts.append(_text(x, HEIGHT - 12, _say_time(spans[n].at), anchor))
    light = sum(span.light for span in spans)
    requests = sum(span.requests for span in spans)
    label = f"{requests:,} requests over time, {light:,} of them for the light model"
    return _svg(label, parts)


def draw_frontier(comparison: Comparison, curve: Sequence[tuple[float, float]]) -> str:
    """Quality kept against cost: the router at every threshold, and its controls."""
    has_cost = comparison.router.cost is not None
    spots = [(_find_x(choice, has_cost), choice) for choice in comparison.choices]
    xs = [x for x, _ in spots] + [x for x, _ in curve]
    kept = [c.kept.cap() for c in comparison.choices if c.kept is not None]
    if not kept:
        return ""
    lows = [k.low for k in kept] + [y for _, y in curve]
    highs = [k.high for k in kept if k.high < 1.5] + [y for _, y in curve]
    bottom = max(0.0, floor(min(lows) * 20) / 20)
    top = ceil(max(1.0, *highs) * 20 + 1e-9) / 20
    right = _round_up(max(xs)) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / right * (WIDTH - LEFT - RIGHT)
        return across, _y(min(max(y, bottom), top), bottom, top)

    parts = [_draw_grid([(y, f"{y:.0%}") for y in _list_ticks(bottom, top)], bottom, top)]
    for x in _list_ticks(0, right):
        label = f"{x:,.4g}" if has_cost else f"{x:.0%}"
        parts.append(_text(place(x, bottom)[0], HEIGHT - 16, label, "middle"))
    what = "money per 1,000 requests" if has_cost else "share of powerful answers"
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 2, what, "end"))
    (light_x, light), (powerful_x, powerful) = spots[2], spots[3]
    if light.kept is not None and powerful.kept is not None:
        ends = (place(light_x, light.kept.estimate), place(powerful_x, powerful.kept.estimate))
        parts.append(_line("mix", ends))
    parts.append(_line("curve", [place(x, y) for x, y in curve]))
    for (x, choice), kind in zip(spots, ("router", "mix", "light", "powerful"), strict=True):
        if choice.kept is None:
            continue
        at, y = place(x, choice.kept.estimate)
        bar = choice.kept.cap()
        low, high = place(x, bar.low)[1], place(x, bar.high)[1]
        name = f"{choice.name}: {choice.kept.estimate:.1%} kept"
        anchor = "start" if at < WIDTH / 2 else "end"
        parts.append(
            f"<g><title>{escape(name)}</title>{_line(kind, ((at, low), (at, high)))}"
            f'<circle class="{kind}" cx="{at:.1f}" cy="{y:.1f}" r="5"/>'
            + _text(
                at + (9 if anchor == "start" else -9),
                y + (18 if kind in ("light", "mix") else -8),
                choice.name,
                anchor,
            )
            + "</g>"
        )
    return _svg("quality kept against cost, for the router and its controls", parts)


def _find_x(choice: Choice, has_cost: bool) -> float:
    return choice.cost if has_cost and choice.cost is not None else 1 - choice.light_share


def _draw_grid(ticks: Sequence[tuple[float, str]], low: float, high: float) -> str:
    lines = []
    for value, label in ticks:
        y = _y(value, low, high)
        lines.append(_line("grid", ((LEFT, y), (WIDTH - RIGHT, y))))
        lines.append(_text(LEFT - 8, y + 4, label, "end"))
    return "".join(lines)


def _y(value: float, low: float, high: float) -> float:
    return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _list_ticks(low: float, high: float) -> list[float]:
    """About five round values from `low` to `high`."""
    step = _round_up((high - low) / 5)
    first = ceil(low / step - 1e-9)
    return [n * step for n in range(first, floor(high / step + 1e-9) + 1)]


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(n * power for n in (1.0, 2.0, 2.5, 5.0, 10.0) if n * power >= value * (1 - 1e-9))


def _say_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    size = f'width="{width:.1f}" height="{max(0.0, height):.1f}"'
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" {size}/>'


def _line(kind: str, points: Sequence[tuple[float, float]]) -> str:
    listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{listed}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )
