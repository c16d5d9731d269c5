"""The candidates' group of a bundle: a scorer trained for it, and its calibration rows.

`python -m tiny_dancer.train.candidate_report` writes the figures of docs/candidates.md. Everything
of a bundle that decides about texts stays as it is.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..calibration.tensors import candidate_tensors
from ..model import Bundle, CandidateConfig, read_bundle, write_bundle
from ..model.spec import CANDIDATE_TENSORS, size_of
from ..scoring.twin.candidate_step import CandidateStep
from ..scoring.twin.float32 import vector
from ..scoring.twin.ranking import NONE_FITS, chances
from .assemble import packed
from .candidate_chance import SIZES, THRESHOLD, trial
from .candidate_figures import KINDS, UNSEEN, calibrated, drawn, trained
from .candidate_fit import OVERLAP_ODDS, RECENCY_ODDS, CandidateRecipe, Step
from .candidate_stream import (
    COUNT_CAP,
    MOST,
    SOURCES,
    Prompts,
    Requests,
    read_prompts,
    split,
    stream,
    usable_rows,
)
from .network import Floats

Progress = Callable[[str], None]

HALF_LIFE_S = 7 * 86_400.0
"""Of recency. A prior: the stream has no clock."""


def with_candidates(
    data: bytes,
    folder: Path,
    progress: Progress,
    cache: Path | None = None,
    recipe: CandidateRecipe | None = None,
) -> bytes:
    """Return the bundle with a candidate scorer trained for it; the same arguments, the same bytes.

    It reads at most `MOST` prompts of a subject.

    Args:
        data: a bundle; a candidates' group that it has already is replaced.
        folder: labelled prompts.
        progress: takes a line now and then.
        cache: MiniLM's states, as for `sentence_features`.
        recipe: settings; the shipped ones where left out.
    """
    prompts = read_prompts(read_bundle(data), folder, cache, progress, MOST)
    return added(data, prompts, progress, recipe)


def added(
    data: bytes, prompts: Prompts, progress: Progress, recipe: CandidateRecipe | None = None
) -> bytes:
    """The same from prompts that were read with this bundle."""
    bundle, recipe = read_bundle(data), recipe or CandidateRecipe()
    step, _ = trained(prompts, recipe, progress)
    draft = _written(bundle, step, np.zeros(0, np.float32), np.zeros(0, np.float32), 1.0, {})
    confidence, works = _calibration(draft, prompts, recipe.seed)
    facts = {
        "sources": list(SOURCES),
        "subjects": [len(part) for part in split(prompts, recipe.seed)],
        "candidates_of_a_request": list(SIZES),
        "none_fits": NONE_FITS,
        "recipe": asdict(recipe),
        "prior": {"recency_odds": RECENCY_ODDS, "overlap_odds": OVERLAP_ODDS},
        "threshold": "more likely than not the one that fits",
    }
    return _written(bundle, step, confidence, works, THRESHOLD, facts)


def recalibrated(data: bytes, prompts: Prompts, seed: int = 0) -> tuple[bytes, Step]:
    """Return a bundle whose scorer ranks as before, its chances fitted anew, and the scorer."""
    bundle = read_bundle(data)
    step, (_, held) = step_of(bundle), split(prompts, seed)
    step = calibrated(step, prompts, drawn(prompts, seed, CandidateRecipe().draws), held, seed)
    draft = _written(bundle, step, np.zeros(0, np.float32), np.zeros(0, np.float32), 1.0, {})
    confidence, works = _calibration(draft, prompts, seed)
    facts = {**bundle.provenance.get("candidates", {})}
    facts |= {"candidates_of_a_request": list(SIZES), "none_fits": NONE_FITS}
    facts["threshold"] = "more likely than not the one that fits"
    return _written(bundle, step, confidence, works, THRESHOLD, facts), step


def step_of(bundle: Bundle) -> Step:
    """Return the candidate step that a bundle holds, as training has it."""
    config, sizes = bundle.config.candidate, dict(bundle.sizes)
    assert config is not None
    tensor = {
        name: np.array(bundle.tensors[f"candidate.{name}"], np.float32).reshape(
            [size_of(symbol, sizes) for symbol in CANDIDATE_TENSORS[f"candidate.{name}"].shape]
        )
        for name in ("w", "u", "bias_z", "bias_h", "head", "start", "project")
    }
    return Step(**tensor, bias=config.bias)


def _calibration(draft: bytes, prompts: Prompts, seed: int) -> tuple[Floats, Floats]:
    """Confidence and whether it fits, of each candidate of a request a held-out stem.

    Subjects and stems that no training saw; every other request has a text, the rest sentence
    vectors alone; they have `SIZES` candidates in turn. Scored by the twin, so that they are the
    numbers of service.
    """
    step = CandidateStep.of(read_bundle(draft))
    assert step is not None
    _, held = split(prompts, seed)
    confidence: list[float] = []
    works: list[bool] = []
    for at, kind in enumerate(KINDS):
        found = stream(prompts, getattr(prompts, kind), seed, UNSEEN[0])
        rows = usable_rows(prompts, found, held, held_out=True)[at::2]
        for turn, size in enumerate(SIZES):
            rng = np.random.default_rng([seed, 7, size])
            one = trial(prompts, found, rows[turn :: len(SIZES)], held, size, rng)
            for request, live in enumerate(one.asked.live):
                confidence.extend(_chances(step, one.asked, request, kind == "text"))
                works.extend(one.fits[request][live])
    return np.array(confidence, np.float32), np.array(works, np.float32)


def _chances(step: CandidateStep, asked: Requests, request: int, text: bool) -> list[float]:
    features = asked.features[request][asked.live[request]].T
    state = step.state_from(vector(asked.last[request])) if text else step.start
    return list(chances(step.logits([vector(column) for column in features], state)))


def _written(
    bundle: Bundle,
    step: Step,
    confidence: Floats,
    works: Floats,
    threshold: float,
    facts: dict[str, Any],
) -> bytes:
    names = ("w", "u", "bias_z", "bias_h", "head", "start", "project")
    tensors = {f"candidate.{name}": packed(getattr(step, name), "<f4") for name in names}
    tensors |= candidate_tensors(confidence.tolist(), (works > 0).tolist())
    config = CandidateConfig(
        zeta=1.0,
        nu=0.0,
        bias=float(np.float32(step.bias)),
        half_life_s=HALF_LIFE_S,
        count_cap=COUNT_CAP,
        threshold=threshold,
    )
    return write_bundle(
        *bundle.with_(
            tensors,
            config=replace(bundle.config, candidate=config),
            provenance={"candidates": facts},
        )
    )
