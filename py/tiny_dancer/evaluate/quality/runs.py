"""One run of the study: train on its rows, score its test rows, keep the scores in a file.

Score files stay in the build folder; they hold row numbers and probabilities, and are what makes
`./build.sh eval --full` go on where it was stopped.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...model.quantise import quantise, restore
from ...train.corpora import corpus, targets
from ...train.encoded import Index, encoded
from ...train.fit import Network, fit, folded_heads, inputs
from ...train.heads import calibrator
from ...train.labels import LabelledPrompts
from ...train.minilm import WIDTH, MiniLM
from ...train.network import Floats
from ...train.shipped import sentence_features
from ...train.teacher import TeacherInputs, crossed_teacher
from ...train.vocabulary import build
from ..baselines import dense, regressions, tfidf
from .choice import best_lambda
from .parts import BASELINES, OURS, OURS_INT8, Run, Scores

Progress = Callable[[str], None]
MINILM_C = 0.003
"""Of the regression on 384 numbers; 1 overfits."""


class Bench:
    """What all runs share: the rows, their sentence features and cues, the encoder, the teacher."""

    def __init__(self, data: LabelledPrompts, folder: Path, progress: Progress) -> None:
        self.data = data
        self.folder = folder
        self.progress = progress
        self.encoder = MiniLM()
        self.states = sentence_features(self.encoder, data, progress, folder / "states.npz")
        # Any vocabulary gives the baseline's cues; only word lengths and rarity depend on it.
        self.cues = encoded(build(self.encoder.vocabulary, data.prompts), data.prompts).cues
        self._digest = hashlib.sha256(
            "\0".join(data.prompts).encode("utf-8", "surrogatepass")
        ).hexdigest()
        self._static: Floats | None = None
        self._soft: dict[bytes, Floats] = {}

    def scores(self, run: Run) -> Scores:
        """Return the run's scores: read where they were kept for the same settings, else made."""
        found: Scores = {"rows": run.test.astype(np.float64)}
        if run.baselines:
            found |= self._kept(run, "baselines", {}, self._baselines)
        if run.network:
            settings: dict[str, Any] = {"recipe": asdict(run.recipe), "own_head": run.own_head}
            if len(run.besides):
                settings["besides"] = hashlib.sha256(run.besides.tobytes()).hexdigest()
            found |= self._kept(run, "network", settings, self._network)
        return found

    def _kept(
        self, run: Run, kind: str, settings: dict[str, Any], make: Callable[[Run], Scores]
    ) -> Scores:
        digest = hashlib.sha256((self._digest + json.dumps(settings, sort_keys=True)).encode())
        digest.update(run.train.tobytes() + b"/" + run.test.tobytes())
        path = self.folder / run.part / f"{run.name}-{kind}.npz"
        if path.is_file():
            with np.load(path) as kept:
                if str(kept["key"]) == digest.hexdigest():
                    return {name: kept[name] for name in kept.files if name != "key"}
        self.progress(f"{run.part}/{run.name}: {kind}, {len(run.train):,} rows to train on")
        found = make(run)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        np.savez(part, allow_pickle=False, key=np.array(digest.hexdigest()), **found)
        part.replace(path)
        return found

    def _baselines(self, run: Run) -> Scores:
        features = (
            (dense(self.cues), 1.0),
            (tfidf(self.data.prompts), 1.0),
            (dense(self.states[:, -WIDTH:]), MINILM_C),
        )
        right = self.data.right[run.train]
        found = {}
        for name, (split, c) in zip(BASELINES, features, strict=True):
            train, test = split(run.train, run.test)
            found[name] = regressions(train, right, test, c)
        return found

    def _network(self, run: Run) -> Scores:
        recipe, learnt = run.recipe, np.concatenate([run.train, run.besides])
        n, own = len(learnt), len(run.train)
        data = self.data.take(np.concatenate([learnt, run.test]))
        train, test = np.arange(n), np.arange(n, len(data))
        vocabulary = build(self.encoder.vocabulary, data.prompts[:n], recipe.vocabulary)
        c = corpus(data, train, test, vocabulary)
        soft = self._taught(learnt)
        target = data.right.copy()
        target[:n] = (1 - recipe.distillation) * target[:n] + recipe.distillation * soft
        rows = c.twice(train) if recipe.copy_weight > 0 else train
        network = fit(
            c.text, targets(c, target, recipe), rows, self._rows_of(vocabulary.entries), recipe
        )
        group = int(c.group[test[0]]) if run.own_head else None
        heads, bias = folded_heads(network, group)
        x = inputs(network, c.text, train)
        if not run.own_head:
            logits = (x @ heads + bias).astype(np.float64)
            heads, bias = calibrator(logits, c.text.cues[train], data.right[:n]).folded(heads, bias)
        float_p = _logistic(inputs(network, c.text, test) @ heads + bias)
        small = Network(
            network.parameters,
            restore(*quantise(network.rows)),
            network.cue_mean,
            network.cue_scale,
            network.length_cues,
        )
        int8_p = _logistic(inputs(small, c.text, test) @ heads + bias)
        lam = best_lambda(soft[:own].astype(np.float64), data.quality[:own])
        return {OURS: float_p, OURS_INT8: int8_p, "lambda": np.array(lam)}

    def _taught(self, rows: Index) -> Floats:
        """Return the teacher's probabilities [len(rows), M]; labels of sources too small for it."""
        sources = np.array(self.data.sources)
        names = sorted(set(sources))
        group = np.array([names.index(s) for s in sources], np.int64)
        known = TeacherInputs(self.data.prompts, np.hstack([self.states, self.cues]), group)
        out = self.data.right.copy()
        for g in np.unique(group[rows]):
            inside = rows[group[rows] == g]
            key = inside.tobytes()
            if key not in self._soft:
                self._soft[key] = crossed_teacher(known, self.data.right, inside)[inside]
            soft = self._soft[key]
            out[inside] = np.where(np.isnan(soft), out[inside], soft)
        return out[rows]

    def _rows_of(self, entries: tuple[str, ...]) -> Floats:
        """Return MiniLM's static rows of the entries, read once for its whole vocabulary."""
        if self._static is None:
            path = self.folder / "static.npy"
            if not path.is_file():
                np.save(path, self.encoder.static(self.encoder.vocabulary))
            self._static = np.load(path)
        place = {entry: k for k, entry in enumerate(self.encoder.vocabulary)}
        return self._static[[place[entry] for entry in entries]]


def _logistic(x: Floats) -> npt.NDArray[np.float64]:
    return 1 / (1 + np.exp(-x.astype(np.float64)))
