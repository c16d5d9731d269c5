"""`./build.sh train --report`: the recipe on MMLU in five folds, beside its baselines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..train.corpora import usable
from ..train.encoded import encoded
from ..train.labels import data_folder, file_hashes, read_folder
from ..train.minilm import MiniLM
from ..train.recipe import Recipe
from ..train.shipped import sentence_features
from ..train.split import folds
from ..train.vocabulary import build
from .folds import Study, table, write

NOTE = (
    "Folds by SHA-256 of the stem, over all rows. The recipe was chosen on folds of the 85 % of "
    "stems that are not held out."
)


def mmlu_five_folds(path: Path, cache: Path | None, progress: Callable[[str], None]) -> str:
    """Write the figures to `path` and return them as a table of text."""
    folder = data_folder()
    encoder = MiniLM()
    data, _, _ = usable(read_folder(folder))
    states = sentence_features(encoder, data, progress, cache)
    kept = np.flatnonzero(~data.of_source("mmlu_pro_mmlu"))
    data, states = data.take(kept), states[kept]
    fold = np.where(data.of_source("mmlu"), folds(data.prompts), -1)
    recipe = Recipe()
    # Any vocabulary gives the cues of the baseline; only word lengths and rarity depend on it.
    cues = encoded(build(encoder.vocabulary, data.prompts, recipe.vocabulary), data.prompts).cues
    facts = {
        "rows": int((fold >= 0).sum()),
        "trained_on_besides": sorted(set(data.sources) - {"mmlu"}),
        "folds": 5,
        "note": NOTE,
        "mmlu.csv.gz": file_hashes(folder)["mmlu.csv.gz"],
    }
    found: dict[str, dict[str, Any]] = {}
    for name, figures in table(Study(data, fold, states), recipe, encoder, cues, progress):
        found[name] = figures
        write(path, found, facts)
        progress(f"{name}: APGR {figures['apgr']:.3f}, light@95 {figures['light95']:.1%}")
    return as_text(found)


def as_text(found: dict[str, dict[str, Any]]) -> str:
    """Return the table for a terminal; shares in per cent."""
    lines = [
        f"{'router':24}{'APGR':>7}{'CPT50':>8}{'CPT80':>8}{'light@90':>10}{'@95':>8}{'@98':>8}"
    ]
    for name, row in found.items():
        shares = [row[k] for k in ("cpt50", "cpt80", "light90", "light95", "light98")]
        a, b, c, d, e = (f"{100 * x:.1f} %" for x in shares)
        lines.append(f"{name:24}{row['apgr']:7.3f}{a:>8}{b:>8}{c:>10}{d:>8}{e:>8}")
    return "\n".join(lines)
