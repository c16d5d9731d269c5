"""Tables of docs/quality.md about models at once and pruning."""

from typing import Any

from .tables import between, percent, table

Results = dict[str, Any]


def pruning(r: Results) -> str:
    """Return what the bundle loses with its weights; times are of bundles pruned at once."""
    times = {"whole": 1.0, **r["pruning"]["time"]}
    rows = [
        [
            row["name"],
            f"{row['bytes']:,}",
            f"{row['gzip']:,}",
            f"{times[row['name'].split(',')[0]]:.2f}",
            f"{row['auc']:.3f}",
            _signed(row, "auc"),
            f"{row['apgr']:.3f}",
            _signed(row, "apgr"),
            f"{row['everyday_auc']:.3f}",
            percent(row["unchanged"]),
        ]
        for row in r["pruning"]["rows"]
    ]
    head = ["weights zero", "bytes", "gzip", "time of a decision", "AUC light"]
    return table(
        [*head, "ahead, 95 %", "APGR", "ahead, 95 %", "AUC everyday", "decisions kept"], rows
    )


def _signed(row: dict[str, Any], figure: str) -> str:
    if f"{figure}_ahead" not in row:
        return ""
    return f"{row[f'{figure}_ahead']:+.3f} ({between(row[f'{figure}_ahead_95'])})"


def several(r: Results) -> str:
    """Return what a router of many models costs and keeps, beside mixes, single models, oracle."""
    rows = [
        [
            source,
            f"{one['rows']:,}",
            str(len(one["models"])),
            percent(one["kept"]),
            percent(one["cost"]),
            percent(one["mix_kept"]),
            between([100 * x for x in one["above_mix_95"]], 1),
            percent(one["cheapest_kept"]),
            percent(one["oracle_cost"]),
        ]
        for source, one in r["several-models"]["sources"].items()
    ]
    head = ["source", "rows", "models", "quality kept", "cost", "static mix keeps"]
    return table([*head, "above it, points, 95 %", "cheapest keeps", "oracle's cost"], rows)
