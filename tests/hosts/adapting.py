"""An adaptation to labels made on the spot: what a tab does with a user's own."""

import json
import random
from pathlib import Path

from tiny_dancer.adapt import adapt, read_labels
from tiny_dancer.model import read_bundle

WORDS = "what is the of and to in for proof theorem capital".split()
LABELS = 120


def write_labels(path: Path) -> None:
    """Prompts of six words and a number; light fails where the prompt says "theorem"."""
    draw = random.Random(0)
    prompts = (" ".join([*draw.choices(WORDS, k=6), str(i)]) for i in range(LABELS))
    rows = (f"{prompt},{int('theorem' not in prompt)},1\n" for prompt in prompts)
    path.write_text("prompt,weak_score,strong_score\n" + "".join(rows), encoding="utf-8")


def main(bundle: str, labels: str) -> str:
    """The verdict and the figures as JSON, and the new heads."""
    write_labels(Path(labels))
    result = adapt(read_bundle(bundle), read_labels(Path(labels)))
    heads = list(read_bundle(result.bundle).tensors["head.weights"]) if result.bundle else []
    return json.dumps({**result.to_dict(), "heads": heads})
