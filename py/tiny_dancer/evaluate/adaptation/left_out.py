"""Bundles by the shipped recipe that saw nothing of a source, and nothing related to it."""

import csv
import gzip
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ...model import Bundle, read_bundle
from ...tables import open_table
from ...train.recipe import Recipe
from ...train.shipped import train_bundle

WITHOUT: dict[str, dict[str, str]] = {
    "gsm8k": {"gsm8k": "", "llmrouter": "gsm8k"},
    "mmlu_pro": {"mmlu_pro": "", "mmlu_pro_mmlu": ""},
}
"""Left-out source → file → the subject that goes out of it, or everything.

llmrouter holds training questions of GSM8K; mmlu_pro_mmlu has other questions, but the same two
models answered them."""


def without(folder: Path, source: str, out: Path) -> None:
    """Write the labelled files of `folder` without the source to `out`."""
    for path in sorted(folder.glob("*.csv.gz")):
        subject = WITHOUT[source].get(path.name.split(".")[0])
        if subject is None:
            shutil.copy(path, out / path.name)
        elif subject:
            _without_subject(path, subject, out / path.name)


def _without_subject(path: Path, subject: str, out: Path) -> None:
    with open_table(path) as old, gzip.open(out, "wt", encoding="utf-8", newline="") as new:
        writer = csv.DictWriter(new, old.columns)
        writer.writeheader()
        writer.writerows(row.values for row in old if row.values["subject"] != subject)


def left_out_bundle(
    folder: Path, source: str, work: Path, progress: Callable[[str], None]
) -> Bundle:
    """Return the bundle, trained unless `work` holds it already."""
    path = work / f"without-{source}.safetensors"
    if not path.is_file():
        progress(f"training without {source}")
        with tempfile.TemporaryDirectory() as name:
            without(folder, source, Path(name))
            shipped = train_bundle(Path(name), Recipe(), progress)
        path.write_bytes(shipped.bundle)
    return read_bundle(path)
