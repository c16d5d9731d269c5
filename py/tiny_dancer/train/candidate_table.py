"""What a second token table for `embed` would be worth; no bundle holds one.

32 numbers a token, as many as the rows of the text model have: MiniLM's static embedding, rare
tokens weighted up (Arora et al. 2017), on the principal axes of the mean of each training prompt.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ..hosts import open_kernel
from ..model import Bundle
from ..model.spec import CONTINUATION
from ..text import cut
from .candidate_figures import UNSEEN, first_share
from .candidate_stream import MOST, POOL, Prompts, chosen, split, stream, unit
from .minilm import MiniLM
from .network import Floats
from .vocabulary import BACK, FRONT

NUMBERS = 32
SEEDS = (0, 1, 2)
_COMMON = 1e-3
"""Frequency of a token that counts half."""


def second_table(bundle: Bundle, prompts: Prompts, folder: Path) -> dict[str, Any]:
    """Return top-1 accuracy of the cosine alone with the bundle's rows and with a second table."""
    found: dict[str, Any] = {}
    for name, vectors in (("rows", prompts.text), ("second", _embedded(bundle, prompts, folder))):
        shares: dict[str, list[float]] = {"8": [], "all": []}
        for seed in SEEDS:
            _, held = split(prompts, seed)
            drawn = stream(prompts, vectors, seed, UNSEEN[0])
            for size, pool in ((POOL, "8"), (len(held), "all")):
                shares[pool].append(first_share(prompts, drawn, held, size, seed))
        found[name] = {pool: float(np.mean(values)) for pool, values in shares.items()}
    return found | {"seeds": list(SEEDS), "bytes": NUMBERS * bundle.sizes["V"]}


def _embedded(bundle: Bundle, prompts: Prompts, folder: Path) -> Floats:
    entries = [("##" if flags & CONTINUATION else "") + text for text, flags in bundle.vocabulary()]
    static = MiniLM().static(entries)
    frequency = 2.0 ** (np.array(bundle.tensors["vocab.surprisal"]) / -8.0)
    table = (static - static.mean(0)) * (_COMMON / (_COMMON + frequency))[:, None]
    scorer = open_kernel(bundle, FRONT + BACK)
    texts = [cut(prompt)[0] for prompt in chosen(folder, MOST)[0].prompts]
    ids = [list(scorer.score_text(text, token_ids=True).token_ids) for text in texts]
    sums = unit(np.stack([table[tokens].sum(0) for tokens in ids]))
    seen = sums[~prompts.held_out]
    _, axes = np.linalg.eigh(np.cov(seen.T))
    small = table @ axes[:, : -NUMBERS - 1 : -1]
    return unit(np.stack([small[tokens].sum(0) for tokens in ids]))
