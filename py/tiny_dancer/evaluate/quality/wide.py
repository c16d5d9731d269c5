"""Sources left out in groups, with all sources of the folder: the study behind the shipped recipe.

Each network is trained by the shipped recipe without the sources of one group (their repeats and
their questions elsewhere), so that three trainings serve eight sources; leaving out more is harder
than leaving out one. A third of the training stems calibrates the heads and trains nothing.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import normalize

from ...train.ability import fit_ability, grams, inverse_frequency
from ...train.corpora import NOT_JUSTIFIED, usable
from ...train.encoded import Index
from ...train.fit import folded_heads, inputs
from ...train.heads import CAPITALS, without_capitals
from ...train.labels import LabelledPrompts, concatenate, trainable
from ...train.leave_out import without_source
from ...train.marks import marks_of
from ...train.network import Floats
from ...train.prepared import prepare
from ...train.recipe import Recipe
from ...train.wider import REPEATS, read_marks, read_wide
from ..baselines import regressions
from .mpnet import mpnet_folder
from .parts import ABILITY, BOTH, GRAMS, GROUPS, MPNET, OURS, PROBES
from .sentences import regression, sampled, states

Progress = Callable[[str], None]
Found = dict[str, npt.NDArray[np.float64]]

NEVER_SAMPLED = ("eq_bench", "swe_bench_verified", "lawbench", "misguided_attention")
"""Sources that mpnet neither learns from nor is tested on."""

INPUTS = "head inputs"
"""Kept with the scores, for heads fitted to a few labels of a source left out."""


def scores(folder: Path, kept: Path, recipe: Recipe, progress: Progress) -> list[Found]:
    """Return p [n, 2] of every router on the rows of each group; read where they were kept.

    mpnet's is NaN but on its sample, and missing where the environment names no encoder.
    """
    data = read_wide(folder)
    found = [
        one | {BOTH: _added(one[OURS], one[GRAMS])}
        for one in _networks(data, folder, kept, recipe, progress)
    ]
    if (encoder := mpnet_folder()) is not None:
        cache = kept / "mpnet.npz"
        known = ~data.of_source(*REPEATS, *NEVER_SAMPLED)
        sample = np.flatnonzero(known)[sampled(data.take(known))]
        x = states(data, sample, encoder, cache, progress)
        found = [
            one | {MPNET: _mpnet(data, one, group, number == 0, x, sample)}
            for number, (one, group) in enumerate(zip(found, GROUPS, strict=True))
        ]
    return found


def learnt(
    data: LabelledPrompts, tested: tuple[str, ...], with_family: bool = False
) -> LabelledPrompts:
    """Return the rows that a network tested on these sources is trained on."""
    return usable(data.take(_seen(data, tested, with_family)))[0]


def tested_sources(number: int) -> tuple[str, ...]:
    """Return the sources that the network without this group is tested on."""
    return GROUPS[number] + (PROBES if number == 0 else ())


def light_by_grams(x: Any, known: LabelledPrompts, out: Index) -> npt.NDArray[np.float64]:
    """Return P(light answers well) of the rows `out` of x, learnt from its first rows."""
    train = x[: len(known)]
    idf = inverse_frequency(train)[None, :]
    a, b = (normalize(part.multiply(idf).tocsr()) for part in (train, x[out]))
    return regressions(a, known.right[:, :1], b, 1.0)


def _networks(
    data: LabelledPrompts,
    folder: Path,
    kept: Path,
    recipe: Recipe,
    progress: Progress,
) -> list[Found]:
    found = []
    for number, group in enumerate(GROUPS):
        path = kept / "wide" / f"{number}.npz"
        key = _key(data, group, recipe)
        if path.is_file():
            with np.load(path) as file:
                if str(file["key"]) == key:
                    found.append({x: file[x] for x in file.files if x not in ("key", INPUTS)})
                    continue
        progress(f"without {', '.join(group)}")
        one, x = _scores(data, folder, tested_sources(number), recipe, progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, allow_pickle=False, key=np.array(key), **one, **{INPUTS: x})
        found.append(one)
    return found


def _key(data: LabelledPrompts, group: tuple[str, ...], recipe: Recipe) -> str:
    digest = hashlib.sha256("\0".join(data.prompts).encode("utf-8", "surrogatepass"))
    digest.update(data.quality.tobytes())
    settings = asdict(replace(recipe, lam=0.0, threshold=None))  # neither changes a score
    digest.update(json.dumps([group, settings], sort_keys=True).encode())
    return digest.hexdigest()


def _scores(
    data: LabelledPrompts,
    folder: Path,
    tested: tuple[str, ...],
    recipe: Recipe,
    progress: Progress,
) -> tuple[Found, Floats]:
    """Return p of every router on the tested sources' rows, and the network's head inputs there."""
    known = learnt(data, tested)
    test = np.flatnonzero(data.of_source(*tested))
    both = concatenate([known, data.take(test)])
    train, out = np.arange(len(known)), np.arange(len(known), len(both))
    prepared = prepare(both, train, out, folder, recipe, progress)
    network, calibration = prepared.fit_and_calibrate(recipe, progress)
    folded = without_capitals(
        *calibration.folded(*folded_heads(network)), float(network.cue_mean[CAPITALS])
    )
    x = inputs(network, prepared.corpus.text, out)
    found = {"rows": test.astype(np.float64), OURS: _logistic(x @ folded[0] + folded[1])}
    return found | _regressions(known, both, out, folder), x


def _seen(
    data: LabelledPrompts, tested: tuple[str, ...], with_family: bool = False
) -> npt.NDArray[np.bool_]:
    return np.logical_and.reduce([without_source(data, source, with_family) for source in tested])


def _added(
    ours: npt.NDArray[np.float64], other: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return P(light answers well) [n, 1] by the mean of both routers' logits."""
    p = np.clip(np.stack([ours[:, 0], other[:, 0]]), 1e-6, 1 - 1e-6)
    return _logistic(np.log(p / (1 - p)).mean(0)[:, None])


def _mpnet(
    data: LabelledPrompts,
    one: Found,
    group: tuple[str, ...],
    with_probes: bool,
    x: Floats,
    sample: Index,
) -> npt.NDArray[np.float64]:
    """Return p [n, 1] on the group's rows, by a regression on the sample's rows that it may see."""
    tested = group + (PROBES if with_probes else ())
    may = _seen(data, tested) & trainable(data) & ~data.of_source(*NOT_JUSTIFIED)
    rows = one["rows"].astype(np.int64)
    place = np.full(len(data), -1)
    place[rows] = np.arange(len(rows))
    train, test = np.flatnonzero(may[sample]), np.flatnonzero(place[sample] >= 0)
    found = np.full((len(rows), 1), np.nan)
    found[place[sample[test]]] = regression(x, data.right[sample], train, test)
    return found


def _regressions(known: LabelledPrompts, both: LabelledPrompts, out: Index, folder: Path) -> Found:
    """The baselines on character n-grams, on the same rows as the network."""
    x = grams(both.prompts)
    train, test = x[: len(known)], x[out]
    names = sorted(set(known.sources))
    source = np.array([names.index(s) for s in known.sources], np.int64)
    teacher = fit_ability(train, marks_of(known, read_marks(folder)), source)
    ease = teacher.ease(test)
    shared = _logistic(ease[:, None])  # no level: none is known of models left out
    return {GRAMS: light_by_grams(x, known, out), ABILITY: shared}


def _logistic(x: Floats | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x, np.float64))))
