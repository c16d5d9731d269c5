"""The ladder over stored outcomes: a rung is climbed where it wins, and its bundle decides."""

import asyncio
import json
import random

import pytest
from random_bundle import random_bundle
from typer.testing import CliRunner

from tiny_dancer import InvalidInputError, Router
from tiny_dancer.cli.app import app
from tiny_dancer.config import HistoryConfig, RouterConfig
from tiny_dancer.history import MemoryStore, SQLiteStore

CONFIG = RouterConfig(history=HistoryConfig(flush_s=3_600))
WORDS = "what is the of and to in for proof theorem capital".split()


@pytest.fixture(autouse=True)
def one_key(monkeypatch):
    """Folds are drawn by keyed hashes; with a new key each run, noise would win in one of forty."""
    monkeypatch.setattr(MemoryStore, "prompt_key", prompt_key)


async def prompt_key(store):
    return bytes(range(32))


def observe(router, many, fails, seed=1):
    """Prompts of six words, graded; the light model fails where `fails` says so."""
    draw = random.Random(seed)
    for n in range(many):
        prompt = " ".join([*draw.choices(WORDS, k=6), str(n)])
        name = router.route(prompt).decision_id
        light = float(not fails(prompt, draw))
        router.record_outcome(name, light_score=light, powerful_score=1.0)


def open_router(store=None, **config):
    settings = RouterConfig(history=HistoryConfig(flush_s=3_600, **config))
    return Router(settings, model=random_bundle(3, m=2, v=400), store=store or MemoryStore())


def test_a_bias_alone_is_mended_by_two_numbers_a_head():
    with open_router() as router:
        observe(router, 150, lambda prompt, draw: draw.random() < 0.3)
        before = router.bundle.bundle_hash
        learned = asyncio.run(router.adapt())
        assert learned.rung == "two numbers" and learned.n == 150 and learned.recalibrated
        assert [rung.name for rung in learned.tried] == ["as shipped", "two numbers"]
        assert router.bundle.bundle_hash != before
        shares = [router.route(f"what is {n}").probabilities[0] for n in range(50)]
        assert sum(shares) / 50 == pytest.approx(0.7, abs=0.1)


def test_what_the_words_tell_is_learnt_by_the_heads():
    with open_router() as router:
        observe(router, 400, lambda prompt, draw: "theorem" in prompt)
        learned = asyncio.run(router.adapt())
        assert learned.rung == "heads"
        losses = [rung.log_loss for rung in learned.tried]
        assert losses == sorted(losses, reverse=True)
        hard, easy = (router.route(f"{word} what is the of and").score for word in WORDS[9:])
        assert hard > easy


def test_where_nothing_wins_the_bundle_stays():
    with open_router() as router:
        observe(router, 150, lambda prompt, draw: draw.random() < 0.3)
        asyncio.run(router.adapt())
        fitted = router.bundle.bundle_hash
        observe(router, 150, lambda prompt, draw: draw.random() < 0.3, seed=2)
        learned = asyncio.run(router.adapt())
        assert (learned.rung, learned.bundle) == ("as shipped", None)
        assert router.bundle.bundle_hash == fitted


def test_without_apply_the_bundle_is_handed_over_alone():
    with open_router() as router:
        observe(router, 150, lambda prompt, draw: draw.random() < 0.3)
        before = router.bundle.bundle_hash
        learned = asyncio.run(router.adapt(apply=False))
        assert router.bundle.bundle_hash == before
        assert Router(model=learned.bundle).bundle.provenance["adapted"]["from"] == before


@pytest.mark.parametrize("reason", ["few", "same", "inputs"])
def test_too_few_outcomes_are_told(reason):
    with open_router(head_inputs=reason != "inputs") as router:
        for _ in range(5):
            observe(router, 20, lambda prompt, draw: False, seed=1 if reason == "same" else 0)
            if reason == "few":
                break
        with pytest.raises(InvalidInputError, match="at least 30"):
            asyncio.run(router.adapt())
    with Router() as alone, pytest.raises(InvalidInputError, match="store"):
        asyncio.run(alone.adapt())


def test_the_command_adapts_to_a_history(tmp_path):
    path, out = tmp_path / "h.db", tmp_path / "new.safetensors"
    base = tmp_path / "base.safetensors"
    base.write_bytes(random_bundle(3, m=2, v=400))
    with open_router(SQLiteStore(path)) as router:
        observe(router, 150, lambda prompt, draw: draw.random() < 0.3)
    command = ["adapt", str(base), str(path), "--out", str(out)]
    result = CliRunner().invoke(app, [*command, "--json"])
    assert json.loads(result.stdout)["rung"] == "two numbers"
    assert Router(model=out).bundle is not None
    assert "two numbers win" in CliRunner().invoke(app, command).stdout
