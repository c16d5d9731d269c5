"""`python -m tiny_dancer.evaluate.four_models`: four models on the same questions.

`mmlu` (mixtral, gpt-4) and `mmlu_pro_mmlu` (llama-8b, gemini) hold the same questions: they are
joined by stem. The option counts differ: mixtral and gpt-4 had the four options of the prompt,
llama-8b and gemini up to ten, so that these two look weaker than they are. Good for showing that
four models train, route and plot; not for comparing the models.
"""

import argparse
import csv
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ..adapt import Labels, read_labels
from ..adapt.stem import draw, stem
from ..train.labels import LabelledPrompts, data_folder, read_csv
from ..train.split import HOLDOUT_SHARE

CHECKOUT = Path(__file__).resolve().parents[3]
PRICES: Final = {"llama-8b": 1.0, "mixtral": 3.0, "gemini": 20.0, "gpt-4": 100.0}
"""Assumed, relative to the cheapest, for the picture's axis; nobody's price list."""
_BLOCK: Final = re.compile(r"(<!-- drawn: four-models -->\n).*?(<!-- end -->)", re.S)
NOTE: Final = (
    "mixtral and gpt-4 answered with four options, llama-8b and gemini with up to ten; "
    "prices are assumed"
)


def joined(folder: Path) -> list[dict[str, Any]]:
    """Return a row a question that stands in both files: prompt, four scores, subject."""
    four, ten = (_by_stem(read_csv(folder / f"{n}.csv.gz")) for n in ("mmlu", "mmlu_pro_mmlu"))
    return [
        {
            "prompt": prompt,
            "llama-8b": float(ten[name][1][0]),
            "mixtral": float(quality[0]),
            "gemini": float(ten[name][1][1]),
            "gpt-4": float(quality[1]),
            "subject": subject,
        }
        for name, (prompt, quality, subject) in four.items()
        if name in ten
    ]


def _by_stem(data: LabelledPrompts) -> dict[str, tuple[str, Any, str]]:
    found: dict[str, tuple[str, Any, str]] = {}
    for prompt, quality, subject in zip(data.prompts, data.quality, data.subjects, strict=True):
        found.setdefault(stem(prompt), (prompt, quality, subject))
    return found


def write_csv(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write the rows as `tiny-dancer train` reads them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def held_out(labels: Labels) -> Labels:
    """Return the rows that neither this training nor the shipped bundle's saw."""
    rows = [i for i, p in enumerate(labels.prompts) if draw(p, "holdout:") < HOLDOUT_SHARE]
    return labels.take(rows)


def table(facts: dict[str, Any]) -> str:
    """Return the Markdown table of the router at three qualities beside every single model."""
    lines = [
        "| who answers | quality kept | cost saved | share of each model |",
        "| --- | ---: | ---: | --- |",
    ]
    for kept, row in facts["kept"].items():
        shares = ", ".join(f"{name} {share:.0%}" for name, share in row["share"].items())
        lines.append(
            f"| router, at least {float(kept):.0%} | {row['quality_kept']:.1%} | "
            f"{row['saving']:.1%} | {shares} |"
        )
    for name, row in facts["frontier"]["singles"].items():
        lines.append(f"| {name} alone | {row['quality_kept']:.1%} | {row['saving']:.1%} | |")
    return "\n".join(lines) + "\n"


def redrawn(page: str, facts: dict[str, Any]) -> str:
    """Return docs/training.md with its table drawn anew."""
    return _BLOCK.sub(lambda match: match[1] + table(facts) + match[2], page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train on the joined file, measure on its held-out part, write figures and picture."""
    parser = argparse.ArgumentParser(prog="four_models", description=__doc__)
    parser.add_argument("--work", type=Path, default=CHECKOUT / "build" / "four-models")
    parser.add_argument("--docs", type=Path, default=CHECKOUT / "docs")
    options = parser.parse_args(arguments)
    os.environ.setdefault(
        "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads=2"
    )
    from ..hosts.package_data import default_bundle
    from ..model import read_bundle
    from ..train.user import train_labels
    from .bundle import evaluate
    from .picture import picture

    options.work.mkdir(parents=True, exist_ok=True)
    path = options.work / "four-models.csv"
    write_csv(joined(data_folder()), path)
    labels = read_labels(path, prices=PRICES)
    shipped = default_bundle()
    if shipped is None:
        raise SystemExit("four_models: no bundle is shipped to start from")
    data = train_labels(
        labels, read_bundle(shipped), progress=lambda line: print(line, file=sys.stderr)
    )
    (options.work / "four-models.safetensors").write_bytes(data)
    bundle = read_bundle(data)
    found = evaluate(bundle, held_out(labels), PRICES)
    facts = {
        "made_by": "python -m tiny_dancer.evaluate.four_models",
        "note": NOTE,
        "joined_rows": len(labels),
        "provenance": dict(bundle.provenance),
        **found.facts,
    }
    rounded = json.loads(json.dumps(facts), parse_float=lambda x: round(float(x), 4))
    results, page = options.docs / "results", options.docs / "training.md"
    (results / "four-models.json").write_text(json.dumps(rounded, indent=1) + "\n", "utf-8")
    (results / "four-models.svg").write_bytes(picture(found))
    page.write_text(redrawn(page.read_text("utf-8"), rounded), "utf-8")
    print(table(rounded), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
