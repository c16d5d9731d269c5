"""The parts of the study: which rows every run may see, and which it is judged on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ...adapt.stem import stem
from ...train.encoded import Index
from ...train.labels import LabelledPrompts, trainable
from ...train.recipe import Recipe
from ...train.split import folds, held_out, subject_groups

ZERO_SHOT = ("mmlu", "gsm8k", "mmlu_pro", "llmrouter", "fasteval", "zeroeval")
"""Sources left out in turn; the zero-shot figure is the plain mean over them."""

ALSO_LEFT_OUT = ("farel_bench",)
"""Left out in turn as well, but not in the mean."""

BASELINES = ("cues + LR", "TF-IDF + LR", "MiniLM-384 + LR")
OURS, OURS_INT8 = "tiny dancer", "tiny dancer, int8"
Scores = dict[str, npt.NDArray[np.float64]]
"""Of one run: its test rows, p [n, M] by router, and the network's λ."""

GROUPS = (
    ("arena_bench", "pareto_bench", "thoughtsource"),
    ("mmlu", "zeroeval"),
    ("mmlu_pro", "llmrouter", "fasteval"),
)
"""Sources that are left out together."""

PROBES = ("xstest", "numersense", "alpaca_eval", "mt_bench")
"""Judged by the network that saw none of the first group; numersense leaves training there."""

GRAMS, ABILITY = "n-grams + LR", "n-grams, one difficulty"
MPNET, BEFORE = "mpnet + LR", "the bundle before"
BOTH = "tiny dancer, n-grams added"
"""The mean of both routers' logits: what an n-gram term beside the heads would rank by."""

NEVER_TRAINED = ("mt_bench", "alpaca_eval", "misguided_attention", "eq_bench")
ASIDE = ("xstest", "swe_bench_verified", "lawbench")
"""Never trained on either, with no baselines of the study beside them."""

GSM8K_BESIDES = ("fasteval", "llmrouter", "zeroeval")
"""A thousand questions are few for a network: it also learns from other reasoning sources."""

FEW_LABELS, DRAWS = 1_500, 5
SIZES = ((2_000, 32), (4_000, 32), (8_000, 16), (8_000, 32), (8_000, 64), (16_000, 32))
"""(entries of the vocabulary, H) of the plot of size against APGR."""

WIDE = Recipe()
"""For the sources left out in groups: the shipped recipe."""

PAIR = replace(
    Recipe(),
    vocabulary=8_000,
    table_decay=0.02,
    distillation=0.7,
    gap=8.0,
    copy_weight=0.5,
    length_cues=False,
    lam=0.7,
    threshold=None,
)
"""For one pair of models: what the powerful one adds can be learnt, and MiniLM teaches."""

IN_DOMAIN = replace(PAIR, epochs=6, length_cues=True, copy_weight=0.0)
"""Within one source, length is a fair cue and nobody chats."""

FEW = replace(IN_DOMAIN, epochs=24)
"""1,500 prompts make few steps an epoch."""

ABROAD = replace(PAIR, copy_weight=0.0)
"""For a source not seen, from the labelled files alone; `wide` is the study of the shipped recipe.
Without chat copies, to halve the time."""


@dataclass(frozen=True)
class Run:
    """One training and what it is tested on; rows are numbers in the whole folder."""

    part: str
    name: str
    train: Index
    test: Index
    recipe: Recipe
    own_head: bool
    """Whether the test rows' source is in training, so that its own head may score."""
    network: bool = True
    """False: baselines only."""
    baselines: bool = True
    besides: Index = field(default_factory=lambda: np.zeros(0, np.int64))
    """Rows of other sources that the network alone is trained on as well."""


def parts(data: LabelledPrompts) -> Iterator[Run]:
    """Yield every run of the study, most wanted parts first."""
    usable = trainable(data) & ~data.of_source("eq_bench")
    mmlu, gsm8k = np.flatnonzero(data.of_source("mmlu")), np.flatnonzero(data.of_source("gsm8k"))
    yield from _folds("mmlu-5fold", mmlu, folds([data.prompts[i] for i in mmlu]))
    related = np.flatnonzero(usable & data.of_source(*GSM8K_BESIDES))
    fold = folds([data.prompts[i] for i in gsm8k])
    yield from _folds("gsm8k-alone", gsm8k, fold)
    for run in _folds("gsm8k-5fold", gsm8k, fold):
        yield replace(run, besides=without_stems(tuple(map(stem, data.prompts)), related, run.test))
    yield from _folds("mmlu-subjects", mmlu, subject_groups([data.subjects[i] for i in mmlu]))
    seen = usable & ~held_out(data.prompts)
    stems = tuple(map(stem, data.prompts))
    for source in (*ZERO_SHOT, *ALSO_LEFT_OUT):
        train, test = left_out(data, seen, source, stems)
        yield Run("left-out", source, train, test, ABROAD, False)
    never = np.flatnonzero(data.of_source(*NEVER_TRAINED))
    train = without_stems(stems, np.flatnonzero(seen), never)
    yield Run("never-trained", "all", train, never, ABROAD, False, network=False)
    for draw in range(DRAWS):
        chosen = np.random.default_rng(draw).permutation(mmlu)
        test = chosen[FEW_LABELS:]
        train = without_stems(stems, chosen[:FEW_LABELS], test)
        yield Run("mmlu-1500", str(draw), train, test, FEW, True)
    inside = np.flatnonzero(data.of_source("mmlu") & ~held_out(data.prompts))
    fold = folds([data.prompts[i] for i in inside])
    for entries, hidden in SIZES:
        recipe = replace(IN_DOMAIN, vocabulary=entries, hidden=hidden)
        rows = inside[fold != 0], inside[fold == 0]
        yield Run("sizes", f"{entries}x{hidden}", *rows, recipe, True, baselines=False)


def _folds(part: str, rows: Index, fold: npt.NDArray[np.int64]) -> Iterator[Run]:
    for k in np.unique(fold):
        yield Run(part, str(k), rows[fold != k], rows[fold == k], IN_DOMAIN, True)


def left_out(
    data: LabelledPrompts, seen: npt.NDArray[np.bool_], source: str, stems: Sequence[str]
) -> tuple[Index, Index]:
    """Return (rows of the other sources that may be trained on, rows of the source).

    `mmlu_pro_mmlu`, the questions of `mmlu` with another pair of models, is never trained on;
    without `gsm8k`, neither are llmrouter's GSM8K questions.
    """
    train = seen & ~data.of_source(source, "mmlu_pro_mmlu")
    if source == "gsm8k":
        train &= np.array(data.subjects) != "gsm8k"
    test = np.flatnonzero(data.of_source(source))
    return without_stems(stems, np.flatnonzero(train), test), test


def without_stems(stems: Sequence[str], train: Index, test: Index) -> Index:
    """Return the training rows whose question, of those of all rows, is in no test row."""
    tested = {stems[i] for i in test}
    return np.array([i for i in train if stems[i] not in tested], np.int64)
