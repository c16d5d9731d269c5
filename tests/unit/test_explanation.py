"""What moved a decision: words by leaving them out, cues by their names, neighbours as counts."""

import json

import pytest
from random_bundle import random_bundle
from typer.testing import CliRunner

from tiny_dancer import InvalidInputError, KernelError, Router
from tiny_dancer.cli.app import app
from tiny_dancer.explanation import MAX_SPANS
from tiny_dancer.history import MemoryStore
from tiny_dancer.hosts import open_twin

HARD = "Prove that every bounded sequence has a convergent subsequence."


@pytest.fixture(scope="module")
def router():
    return Router()


def test_effects_are_the_score_less_that_of_the_prompt_without_the_words(router):
    found = router.explain(HARD)
    assert found.score == router.route(HARD).score and found.threshold is not None
    assert [span.text for span in found.spans] == [*HARD[:-1].split(), "."]
    for span in found.spans:
        assert HARD[span.start : span.end] == span.text
        rest = HARD[: span.start] + HARD[span.end :]
        assert span.effect == found.score - router.route(rest).score
    assert max(found.spans, key=lambda span: span.effect).text == "Prove"


def test_a_long_prompt_has_sixty_four_spans_that_hold_all_its_words(router):
    prompt = " ".join(f"word{n}," for n in range(500))
    found = router.explain(prompt)
    assert len(found.spans) <= MAX_SPANS
    kept = "".join(prompt[span.start : span.end] for span in found.spans)
    assert kept.replace(" ", "") == prompt.replace(" ", "")


def test_cues_have_the_names_of_what_they_count(router):
    plain, odd = router.explain("hello"), router.explain("a) 12 = x?\nb) {\u00e4}")
    for name in ("newlines", "questions", "numbers", "digits", "maths", "code", "non_ascii"):
        assert plain.cues[name] == 0.0 < odd.cues[name], name
    assert router.explain("HELLO").cues["capitals"] > plain.cues["capitals"]
    assert len(plain.cues) == 16


def test_neighbours_are_those_of_the_interval(router):
    found, decision = router.explain(HARD), router.route(HARD)
    low, high = decision.interval
    assert found.neighbours.n == 200
    assert low <= found.neighbours.works / found.neighbours.n <= high


def test_a_text_without_tokens_or_of_one_word_has_nothing_to_leave_out(router):
    empty = router.explain("")
    assert (empty.score, empty.spans, empty.cues, empty.neighbours) == (None, (), {}, None)
    (span,) = router.explain("hello").spans
    assert span.effect is None
    with pytest.raises(InvalidInputError, match="str"):
        router.explain(b"hello")


def test_explaining_keeps_nothing():
    with Router(model=random_bundle(3), store=MemoryStore()) as router:
        router.explain("a b c")
        assert router.metrics().total == 0


def test_the_command_explains():
    result = CliRunner().invoke(app, ["route", HARD, "--explain", "--json"])
    told = json.loads(result.stdout)["explanation"]
    assert told["spans"][0]["text"] == "Prove" and told["score"] is not None
    shown = CliRunner().invoke(app, ["route", HARD, "--explain"]).stdout
    assert "Prove" in shown and "calibration prompts" in shown


def test_a_kernel_that_fails_at_the_last_call_leaves_the_explanation_to_the_twin():
    class Trapped:
        """A scorer whose kernel fails where the heads' inputs are asked for."""

        def __init__(self, scorer):
            self._scorer = scorer

        def __getattr__(self, name):
            return getattr(self._scorer, name)

        def score_text(self, text, *, head_inputs):
            if head_inputs:
                raise KernelError("trapped")
            return self._scorer.score_text(text, head_inputs=False)

    broken = Router(model=random_bundle(3), scorer=lambda *given: Trapped(open_twin(*given)))
    whole = Router(model=random_bundle(3), scorer=open_twin)
    assert broken.explain(HARD) == whole.explain(HARD)
