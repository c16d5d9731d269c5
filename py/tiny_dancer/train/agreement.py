"""How far a bundle agrees with the assumed labels of everyday requests that it was not trained on.

The labels are assumptions written for this project (docs/everyday.md): a figure here is agreement
with the project itself, not quality.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..calibration.probability import auc
from ..response import Reason, RoutingResponse
from ..router import Router
from .everyday import corpus_rows
from .everyday_corpus import EverydayRequest

SMALL_TALK = ("greeting", "thanks")


def agreement(bundle: bytes) -> dict[str, Any]:
    """Return the figures by language and of all, over the families held out."""
    requests = corpus_rows(held_out=True)
    router = Router(model=bundle)
    found = list(zip(requests, map(router.route, (r.text for r in requests)), strict=True))
    languages = sorted({request.language for request in requests})
    return {
        "all": _figures(found),
        **{name: _figures([x for x in found if x[0].language == name]) for name in languages},
    }


def _figures(found: Sequence[tuple[EverydayRequest, RoutingResponse]]) -> dict[str, Any]:
    p = np.array([response.probabilities[0] for _, response in found])
    well = np.array([request.light for request, _ in found], bool)
    light = np.array([response.use_lightweight for _, response in found])
    talk = np.array([request.kind in SMALL_TALK for request, _ in found])
    strange = np.array([r.reason == Reason.UNFAMILIAR_INPUT for _, r in found])
    return {
        "rows": len(found),
        "auc": auc(p, well),
        "light_where_light": float(light[well].mean()),
        "light_where_powerful": float(light[~well].mean()),
        "small_talk": int(talk.sum()),
        "small_talk_light": int(light[talk].sum()),
        "unfamiliar": int(strange.sum()),
    }


def agreement_table(found: dict[str, Any]) -> list[str]:
    """Return the lines of the report's section."""
    return [
        "## Everyday requests",
        "",
        "Families of requests that were not trained on, by language. Their labels are assumed",
        "(docs/everyday.md): this is agreement with the project itself, not quality.",
        "",
        *agreement_rows(found),
        "",
    ]


def agreement_rows(found: dict[str, Any]) -> list[str]:
    """Return the lines of the table."""
    rows = [
        f"| {name} | {row['rows']:,} | {row['auc']:.3f} | {row['light_where_light']:.1%} "
        f"| {row['light_where_powerful']:.1%} | {row['small_talk_light']} of {row['small_talk']} "
        f"| {row['unfamiliar']} |"
        for name, row in found.items()
    ]
    return [
        "| language | requests | AUC | sent light where light is assumed to do | where it is not "
        "| greetings and thanks light | unfamiliar |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
    ]
