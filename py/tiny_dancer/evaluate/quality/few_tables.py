"""Tables of docs/quality.md about a few labels of a source left out."""

from typing import Any

from .tables import between, percent, table

Results = dict[str, Any]
Rows = list[dict[str, Any]]

ROUTERS = ("as it is", "adapted", "TF-IDF + LR", "MiniLM-384 + LR", "mpnet + LR")


def routers(r: Results) -> str:
    """Return means over the sources that have so many labels, of each router."""
    return _means(list(r["few-labels"]["sources"].values()))


def with_mpnet(r: Results) -> str:
    """Return the same of the smaller sample of each source that mpnet read."""
    return _means(list(r["few-labels"]["sampled"].values()))


def noise(r: Results) -> str:
    """Return by source and number of labels whether the ladder is worse than no label."""
    rows, worse = [], 0
    for source, found in r["few-labels"]["sources"].items():
        (zero,) = _at(found, 0)
        for one in (row for row in found if row["router"] == "adapted"):
            verdict = is_worse(one)
            worse += verdict
            others = {row["router"]: row["log_loss"] for row in _at(found, one["labels"])}
            rows.append(
                [
                    *(source, f"{one['labels']:,}", percent(one["climbed"]), percent(one["heads"])),
                    *(f"{zero['log_loss']:.3f}", f"{one['log_loss']:.3f}"),
                    *(f"{others[name]:.3f}" for name in ROUTERS[2:4]),
                    f"{one['loss_difference']:+.3f} ({between(one['loss_difference_95'])})",
                    f"{one['auc_difference']:+.3f} ({between(one['auc_difference_95'])})",
                    "yes" if verdict else "no",
                ]
            )
    head = ["left out", "labels", "rung taken", "heads taken", "log-loss without", "adapted"]
    head += [*ROUTERS[2:4], "adapted less without, 95 %", "AUC, the same", "worse beyond noise"]
    return f"{table(head, rows)}\n\nWorse than no label beyond noise: {worse} of {len(rows)} rows."


def is_worse(adapted: dict[str, Any]) -> bool:
    """Whether the interval of log-loss lies above 0, or that of AUC below."""
    return bool(adapted["loss_difference_95"][0] > 0 or adapted["auc_difference_95"][1] < 0)


def _means(sources: list[Rows]) -> str:
    rows = []
    for count in sorted({row["labels"] for found in sources for row in found} - {0}):
        known = [found for found in sources if _at(found, count)]
        for router in ROUTERS:
            at = 0 if router == "as it is" else count
            same = [row for found in known for row in _at(found, at) if row["router"] == router]
            if same:
                taken = [
                    percent(_mean(same, key)) if key in same[0] else ""
                    for key in ("climbed", "heads")
                ]
                means = [f"{_mean(same, key):.3f}" for key in ("auc", "log_loss", "ece")]
                rows.append([f"{count:,}", str(len(same)), router, *means, *taken])
    head = ["labels", "sources", "router", "AUC light", "log-loss", "ECE"]
    return table([*head, "rung taken", "heads taken"], rows)


def _at(found: Rows, count: int) -> Rows:
    return [row for row in found if row["labels"] == count]


def _mean(rows: Rows, key: str) -> float:
    return float(sum(row[key] for row in rows) / len(rows))
