"""Every choice of a training run in one place; the defaults are the shipped recipe."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Settings of one run. The same recipe and the same files give the same bytes."""

    seed: int = 0
    vocabulary: int = 10_000
    """Entries of the trimmed vocabulary."""
    hidden: int = 32
    """H, a multiple of 16 up to 64."""
    epochs: int = 5
    batch: int = 128
    """Prompts a step, all of one length bucket."""
    learning_rate: float = 3e-3
    """Peak of a cosine with 5 % warm-up."""
    table_rate: float = 0.5
    """Learning rate of the table's own part, relative to the rest."""
    table_decay: float = 0.1
    """Decoupled weight decay of the table's own part, relative to the learning rate."""
    head_decay: float = 0.02
    token_dropout: float = 0.2
    """Share of tokens whose row is left out of the input in training."""
    input_dropout: float = 0.1
    """Share of head inputs left out in training."""
    distillation: float = 0.6
    """Weight of the teacher's probabilities in the targets; the rest are the labels."""
    gap: float = 0.0
    """Weight of the squared error of what a dearer model adds, p[m] − p[0]: what routing inside one
    source and pair ranks by, a small difference of two large numbers to the cross-entropy. It does
    not carry over to other pairs."""
    copy_weight: float = 0.3
    """Weight of a prompt's copy without its options or with small talk around it."""
    everyday: float = 6.0
    """Weight of a request whose labels are assumed (docs/everyday.md); 0 = without them. Chosen by
    the measured sources left out, not by agreement with the assumptions."""
    balance: float = 0.0
    """0 = every prompt counts alike, 1 = every source."""
    length_cues: bool = True
    """Whether the shared heads may read the cues that count tokens; sources' additions may. One
    token alone moves the state little: without these cues a greeting lies near the middle."""
    deviation_rate: float = 1.0
    """Learning rate of what a source adds to the shared heads, relative to the rest."""
    deviation_decay: float = 0.1
    lam: float = 0.0
    """λ of the shipped routing score; chosen on left-out sources (docs/quality.md)."""
    threshold: float | None = None
    """Of the default policy; chosen on left-out sources (docs/results/quality/wide.json). None: the
    one that keeps 95 % of quality on the held-out stems."""
