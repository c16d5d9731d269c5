"""An evaluation as a picture: cost against quality, and the reliability of the probabilities."""

from io import BytesIO

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .bundle import Evaluation
from .frontier import Spot

STYLE = {
    "svg.hashsalt": "tiny-dancer",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
"""The salt makes the same figures the same bytes; text stays text."""


def picture(found: Evaluation) -> bytes:
    """Return the SVG; the same evaluation gives the same bytes."""
    with rc_context(STYLE):
        figure = Figure(figsize=(9, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        _frontier(left, found)
        _reliability(right, found)
        return svg(figure)


def svg(figure: Figure) -> bytes:
    """Return a figure's SVG without the date."""
    out = BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def _frontier(axes: Axes, found: Evaluation) -> None:
    axes.plot(*_columns(found.oracle), color="0.6", linewidth=1, label="oracle")
    axes.plot(*_columns(found.routed), color="tab:blue", label="router")
    ends = [found.singles[0], found.singles[-1]]
    axes.plot(*_columns(ends), ":", color="0.6", label="random mix of first and last")
    for name, spot in zip(found.models, found.singles, strict=True):
        axes.plot([spot.cost], [spot.quality], "o", color="black", markersize=4)
        axes.annotate(name, (spot.cost, spot.quality), (4, -10), textcoords="offset points")
    axes.set_xlabel("mean price of a prompt")
    axes.set_ylabel("mean quality")
    axes.legend(frameon=False, loc="lower right")


def _reliability(axes: Axes, found: Evaluation) -> None:
    axes.plot([0, 1], [0, 1], ":", color="0.6")
    for name, bins in zip(found.models, found.bins, strict=True):
        axes.plot([b.mean for b in bins], [b.share for b in bins], "o-", markersize=3, label=name)
    axes.set_xlabel("probability given")
    axes.set_ylabel("share answered well")
    axes.set_aspect("equal")
    axes.legend(frameon=False, loc="upper left")


def _columns(spots: list[Spot]) -> tuple[list[float], list[float]]:
    return [s.cost for s in spots], [s.quality for s in spots]
