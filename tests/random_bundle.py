"""Small valid bundles with seeded random numbers, for tests of everything but quality."""

import random
from array import array
from dataclasses import replace

from tiny_dancer.model import BundleConfig, CandidateConfig, write_bundle
from tiny_dancer.model.spec import CUES, INTERVAL_WINDOW
from tiny_dancer.policy import Policy

_WORDS = ("what", "is", "the", "of", "and", "to", "a", "in", "for", "proof", "theorem", "capital")
_PIECES = ("s", "ed", "ing", "er", "tion", "ly", "é", "ß")


def vocabulary(n: int, generator: random.Random) -> list[tuple[str, int]]:
    """n different entries and their flags: [UNK], ASCII, some words and pieces, random ones."""
    entries = {("[UNK]", 0): 0}
    for text, continuation in (
        [(word, 0) for word in _WORDS]
        + [(chr(c), kind) for c in range(33, 127) if not chr(c).isupper() for kind in (0, 1)]
        + [(piece, 1) for piece in _PIECES]
        + [(ch, 0) for ch in "дляабв東京ñ한ᄒ"]
    ):
        entries.setdefault((text, continuation), len(entries))
    while len(entries) < n:
        length = generator.randint(2, 7)
        text = "".join(generator.choice("abcdefghijklmnopqrstuvwxyzéüñж") for _ in range(length))
        entries.setdefault((text, generator.randrange(2)), len(entries))
    return [(text, kind | 2 * (generator.random() < 0.1)) for text, kind in list(entries)[:n]]


def random_tensors(
    seed: int, v: int = 300, h: int = 16, m: int = 2, n: int = 64, spread: float = 1.0
) -> dict[str, tuple[list[int], bytes]]:
    """Shape and bytes of every tensor; `spread` widens the weights (30 saturates most units)."""
    generator = random.Random(seed)
    k = 2 * h + CUES

    def floats(count: int, scale: float) -> bytes:
        return array("f", (generator.gauss(0, scale) for _ in range(count))).tobytes()

    entries = vocabulary(v, generator)
    strings = b"".join(text.encode() for text, _ in entries)
    confidence = [generator.random() for _ in range(n)]
    rows = sorted(
        zip(array("f", (0.9 - c for c in confidence)), array("f", confidence), strict=True)
    )
    window = min(n, INTERVAL_WINDOW)
    bounds = array("H")
    for successes in range(window + 1):
        middle = round(10_000 * (successes + 0.5) / (window + 1))
        bounds.extend((max(0, middle - 500), min(10_000, middle + 500)))
    return {
        "vocab.strings": ([len(strings)], strings),
        "vocab.lengths": ([v], bytes(len(text.encode()) for text, _ in entries)),
        "vocab.flags": ([v], bytes(flags for _, flags in entries)),
        "vocab.surprisal": ([v], bytes(generator.randrange(8, 128) for _ in range(v))),
        "token.rows": ([v, h], generator.randbytes(v * h)),
        "token.scales": (
            [v],
            array("f", (spread * generator.uniform(0.002, 0.012) for _ in range(v))).tobytes(),
        ),
        "cell.u": ([h, h], floats(h * h, spread * 0.7 * h**-0.5)),
        "cell.bias_z": ([h], floats(h, spread)),
        "cell.bias_h": ([h], floats(h, spread * 0.3)),
        "head.weights": ([k, m], floats(k * m, spread * 0.5)),
        "head.bias": ([m], floats(m, spread * 0.3)),
        "calibration.score": ([n], array("f", (score for score, _ in rows)).tobytes()),
        "calibration.confidence": ([n], array("f", (c for _, c in rows)).tobytes()),
        "calibration.quality": ([n, m], generator.randbytes(n * m)),
        "calibration.interval": ([window + 1, 2], bounds.tobytes()),
    }


def random_candidate_tensors(
    seed: int, h: int = 16, c: int = 64, spread: float = 1.0
) -> dict[str, tuple[list[int], bytes]]:
    """The optional group that scores candidates."""
    generator = random.Random(seed)

    def floats(count: int, scale: float) -> bytes:
        return array("f", (generator.gauss(0, scale) for _ in range(count))).tobytes()

    window = min(c, INTERVAL_WINDOW)
    bounds = array("H", (bound for k in range(window + 1) for bound in (10 * k, 10 * k + 5)))
    confidence = array("f", sorted(generator.random() for _ in range(c)))
    start = array("f", (generator.uniform(-1, 1) for _ in range(8)))
    return {
        "candidate.w": ([5, 8], floats(40, spread)),
        "candidate.u": ([8, 8], floats(64, spread * 0.3)),
        "candidate.bias_z": ([8], floats(8, spread)),
        "candidate.bias_h": ([8], floats(8, spread * 0.3)),
        "candidate.head": ([8], floats(8, spread * 1.5)),
        "candidate.start": ([8], start.tobytes()),
        "candidate.project": ([h, 8], floats(8 * h, spread * 0.3)),
        "candidate.calibration.confidence": ([c], confidence.tobytes()),
        "candidate.calibration.works": ([c], bytes(generator.randrange(2) for _ in range(c))),
        "candidate.calibration.interval": ([window + 1, 2], bounds.tobytes()),
    }


CANDIDATE = CandidateConfig(
    zeta=0.875, nu=0.0625, bias=-0.25, half_life_s=604_800.0, count_cap=1_000, threshold=0.5
)


def random_config(m: int = 2, **changes: object) -> BundleConfig:
    """Constants for a bundle of m models that finds nothing unfamiliar."""
    values: dict[str, object] = {
        "models": ("light", *(f"middle-{i}" for i in range(1, m - 1)), "powerful"),
        "lam": 0.5,
        "zeta": 0.75,
        "nu": 0.125,
        "unknown": 0,
        "unfamiliar": (1e6, 1000.0),
    }
    return BundleConfig(**{**values, **changes})  # type: ignore[arg-type]


def random_bundle(
    seed: int, m: int = 2, threshold: float = 0.25, candidates: bool = False, **sizes: float
) -> bytes:
    """The file of a random bundle, with the group that scores candidates if asked for."""
    tensors = random_tensors(seed, m=m, **sizes)  # type: ignore[arg-type]
    config = random_config(m)
    if candidates:
        h = int(sizes.get("h", 16))
        tensors |= random_candidate_tensors(seed, h, spread=sizes.get("spread", 1.0))
        config = replace(config, candidate=CANDIDATE)
    return write_bundle(
        tensors,
        config,
        Policy(threshold),
        {"made_by": "tests/random_bundle.py", "seed": seed},
    )
