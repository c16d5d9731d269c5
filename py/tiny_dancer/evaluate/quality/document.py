"""docs/quality.md: its tables and pictures drawn from the results files.

The page's text is written by hand; what stands between `<!-- drawn: NAME -->` and `<!-- end -->` is
replaced by what DRAWN[NAME] makes of the results.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import few_tables, more_tables, tables, wide_tables
from .aims import aims
from .pictures import pictures

Results = dict[str, Any]
_BLOCK = re.compile(r"(<!-- drawn: ([a-z0-9-]+) -->\n).*?(<!-- end -->)", re.S)

DRAWN: dict[str, Callable[[Results], str]] = {
    "floors": tables.floors,
    "aims": aims,
    "mmlu-5fold": lambda r: tables.routers(r["mmlu-5fold"]["routers"]),
    "mmlu-subjects": lambda r: tables.routers(r["mmlu-subjects"]["routers"]),
    "gsm8k-5fold": lambda r: tables.routers(r["gsm8k-5fold"]["routers"]),
    "gsm8k-alone": lambda r: tables.routers(r["gsm8k-alone"]["routers"]),
    "mmlu-1500": lambda r: tables.routers(r["mmlu-1500"]["routers"]),
    "left-out": tables.left_out,
    "left-out-mean": lambda r: tables.routers(r["left-out"]["mean"]),
    "mt-bench": lambda r: tables.never_trained(r, "mt_bench"),
    "others": tables.others,
    "held-out": tables.held_out,
    "lambdas": tables.lambdas,
    "calibration": tables.calibration,
    "int8": tables.int8,
    "sizes": tables.sizes,
    "money": tables.money,
    "bill": tables.bill,
    "profile": tables.profile,
    "published": lambda r: tables.published(),
    "aside": wide_tables.aside,
    "pruning": more_tables.pruning,
    "few-labels": few_tables.routers,
    "few-sampled": few_tables.with_mpnet,
    "few-noise": few_tables.noise,
    "several": more_tables.several,
    "everyday": wide_tables.everyday,
    "robustness": wide_tables.robustness,
    "wide": wide_tables.aucs,
    "wide-families": wide_tables.families,
    "wide-leads": wide_tables.leads,
    "wide-kept": wide_tables.kept,
    "wide-default": wide_tables.default,
    "wide-promise": wide_tables.promise,
    "wide-lambdas": wide_tables.lambdas,
}


def read_results(folder: Path) -> Results:
    """Return every results file of the folder by its name."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
    }


def drawn(page: str, results: Results) -> str:
    """Return the page with every block drawn anew; a block whose results are missing says so."""
    return _BLOCK.sub(lambda m: f"{m[1]}{_block(m[2], results).strip()}\n{m[3]}", page)


def _block(name: str, results: Results) -> str:
    if name not in DRAWN:
        raise ValueError(f"quality.md: nothing draws {name!r}; known: {', '.join(DRAWN)}")
    try:
        return DRAWN[name](results)
    except KeyError as missing:
        return f"(no results yet: {missing.args[0]})"


def redraw(page: Path, folder: Path) -> str:
    """Draw the page and its pictures from the results files; return the table of floors."""
    results = read_results(folder)
    page.write_text(drawn(page.read_text(encoding="utf-8"), results), encoding="utf-8")
    for name, svg in pictures(results).items():
        (folder / name).write_bytes(svg)
    return _block("floors", results)
