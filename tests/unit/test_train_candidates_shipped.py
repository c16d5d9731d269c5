"""What docs/candidates.md says of the shipped candidate scorer, asked of the shipped bundle."""

import math
from itertools import pairwise, product

import pytest

from tiny_dancer import Router
from tiny_dancer.scoring.twin.candidate_step import FEATURES, CandidateStep
from tiny_dancer.scoring.twin.float32 import vector

BUNDLE = Router().bundle
assert BUNDLE is not None
STEP = CandidateStep.of(BUNDLE)
assert STEP is not None
LEVELS = tuple(k / 8 for k in range(9))
STATES = [STEP.start, *(STEP.state_from(vector([x] * BUNDLE.sizes["H"])) for x in (-1.0, 0.5, 1.0))]


def logits(rows: list[tuple[float, ...]], state: object) -> list[float]:
    return list(STEP.logits([vector(column) for column in zip(*rows, strict=True)], state))


@pytest.mark.parametrize("feature", range(FEATURES))
def test_a_better_feature_never_lowers_a_candidate(feature: int) -> None:
    rest = list(product((0.0, 0.55, 0.93, 1.0), repeat=FEATURES - 1))
    for state in STATES:
        found = [
            logits([(*row[:feature], level, *row[feature:]) for row in rest], state)
            for level in LEVELS
        ]
        for lower, higher in pairwise(found):
            # Sums round in binary32; a step of one bit of the bias is no step.
            assert all(b >= a - 1e-5 for a, b in zip(lower, higher, strict=True))


def test_overlap_and_recency_have_the_effect_that_the_page_states() -> None:
    for state in STATES:
        none, overlap, recent = logits(
            [(0.7, 0, 0.5, 0.8, 0), (0.7, 0, 0.5, 0.8, 1), (0.7, 1, 0.5, 0.8, 0)], state
        )
        assert overlap - none == pytest.approx(math.log(2), abs=1e-4)
        assert recent - none == pytest.approx(math.log(1.25), abs=1e-4)


def test_similarity_and_success_count() -> None:
    for state in STATES:
        far, near = logits([(0.55, 1, 0.5, 0.8, 0), (0.85, 1, 0.5, 0.8, 0)], state)
        assert near > far
