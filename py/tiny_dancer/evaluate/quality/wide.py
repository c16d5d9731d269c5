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

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import normalize

from ...train.ability import fit_ability, grams
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


def _networks(
    data: LabelledPrompts, folder: Path, kept: Path, recipe: Recipe, progress: Progress
) -> list[Found]:
    found = []
    for number, group in enumerate(GROUPS):
        path = kept / "wide" / f"{number}.npz"
        key = _key(data, group, recipe)
        if path.is_file():
            with np.load(path) as file:
                if str(file["key"]) == key:
                    found.append({name: file[name] for name in file.files if name != "key"})
                    continue
        progress(f"without {', '.join(group)}")
        one = _scores(data, folder, group, number == 0, recipe, progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, allow_pickle=False, key=np.array(key), **one)
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
    group: tuple[str, ...],
    with_probes: bool,
    recipe: Recipe,
    progress: Progress,
) -> Found:
    tested = group + (PROBES if with_probes else ())
    learnt, _, _ = usable(data.take(_seen(data, tested)))
    test = np.flatnonzero(data.of_source(*tested))
    both = concatenate([learnt, data.take(test)])
    train, out = np.arange(len(learnt)), np.arange(len(learnt), len(both))
    prepared = prepare(both, train, out, folder, recipe, progress)
    network, calibration = prepared.fit_and_calibrate(recipe, progress)
    folded = without_capitals(
        *calibration.folded(*folded_heads(network)), float(network.cue_mean[CAPITALS])
    )
    p = _logistic(inputs(network, prepared.corpus.text, out) @ folded[0] + folded[1])
    found = {"rows": test.astype(np.float64), OURS: p}
    return found | _regressions(learnt, both, out, folder)


def _seen(data: LabelledPrompts, tested: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    return np.logical_and.reduce([without_source(data, source) for source in tested])


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


def _regressions(learnt: LabelledPrompts, both: LabelledPrompts, out: Index, folder: Path) -> Found:
    """The baselines on character n-grams, on the same rows as the network."""
    x = grams(both.prompts)
    train, test = x[: len(learnt)], x[out]
    names = sorted(set(learnt.sources))
    source = np.array([names.index(s) for s in learnt.sources], np.int64)
    teacher = fit_ability(train, marks_of(learnt, read_marks(folder)), source)
    ease = teacher.ease(test)
    shared = _logistic(ease[:, None])  # no level: none is known of models left out
    weighed = (
        train.multiply(teacher.idf[None, :]).tocsr(),
        test.multiply(teacher.idf[None, :]).tocsr(),
    )
    light = regressions(normalize(weighed[0]), learnt.right[:, :1], normalize(weighed[1]), 1.0)
    return {GRAMS: light, ABILITY: shared}


def _logistic(x: Floats | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x, np.float64))))
