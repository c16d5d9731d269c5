"""A world whose truth is known: prompts, how often each model answers them rightly, and a judge.

Every prompt has one right answer. Whether a model gives it is drawn once for each world, from the
stated share of its kind; so the true quality of any policy is a plain count over the population.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b

from tiny_dancer import Router
from tiny_dancer.policy import Policy, decide

POPULATION = 12_000
THINGS = "bread steel ice wool glass salt honey paper copper silk rubber chalk amber cork".split()
PLACES = "Oslo Lima Cairo Quito Perth Dakar Hanoi Turin Basel Osaka Kyiv Accra Porto Tunis".split()

KINDS: tuple[tuple[str, float, float], ...] = (
    ("What is the capital of the country that {place} lies in? Number {n}.", 0.98, 0.99),
    ("Translate into French: the {thing} in {place} costs {n} euros.", 0.96, 0.98),
    ("Write a friendly sentence about {thing} for a shop in {place}, {n} letters.", 0.95, 0.97),
    ("List {n} common uses of {thing}.", 0.93, 0.97),
    ("Summarise in two sentences how {thing} came to {place} in the year {n}.", 0.85, 0.95),
    ("Compare {thing} with plastic for {n} packages sent to {place}, with costs.", 0.7, 0.93),
    ("Write a Python function that sorts {n} loads of {thing} by way to {place}.", 0.6, 0.92),
    ("Prove that a graph of {n} towns near {place} has few odd vertices.", 0.35, 0.9),
    ("Derive the heat equation for a rod of {thing} of length {n} and solve it.", 0.25, 0.88),
)
"""A prompt, and the shares that the light and the powerful model answer rightly."""

JUDGE_ERRS = 0.05
"""Share of single marks that the judge turns round."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One of the population, with its routing score; `has_doubt` goes to the powerful model."""

    text: str
    right: tuple[float, float]
    score: float
    has_doubt: bool


@cache
def make_population() -> tuple[Prompt, ...]:
    """The prompts, scored by the shipped bundle."""
    draw, router, seen = random.Random(20), Router(), {}
    while len(seen) < POPULATION:
        form, light, powerful = draw.choice(KINDS)
        text = form.format(
            thing=draw.choice(THINGS), place=draw.choice(PLACES), n=draw.randrange(2, 5_000)
        )
        seen.setdefault(text, (light, powerful))
    prompts = []
    for text, right in seen.items():
        scored = router.score(text)
        reason = decide(scored, scored.rule).reason
        prompts.append(Prompt(text, right, scored.score or 0.0, reason == "unfamiliar_input"))
    return tuple(prompts)


@dataclass
class World:
    """One draw of everything that is left to chance.

    Attributes:
        seed: of the draw.
        light_factor: what the light model's shares are multiplied by, from now on.
        spent: money by upstream, in billionths, as the upstreams count it themselves.
        calls: by upstream.
    """

    seed: int
    light_factor: float = 1.0
    spent: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def draw(self, *names: object) -> float:
        """A number in [0, 1), the same for the same names in this world."""
        text = "|".join(map(str, (self.seed, *names)))
        return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big") / 2**56

    def is_right(self, model: str, prompt: Prompt) -> bool:
        """Whether a model answers a prompt rightly."""
        light, powerful = prompt.right
        share = light * self.light_factor if model == "light" else powerful
        return self.draw(model, prompt.text) < share

    def answer(self, model: str, prompt: Prompt) -> str:
        """What it says: too long to be told equal without being read."""
        word = "right" if self.is_right(model, prompt) else f"wrong by {model}"
        return (
            f"After some thought, and in as many words as it takes, the answer to this is {word}."
        )

    def mark(self, question: str, place: str, answer: str) -> float:
        """The judge's mark of an answer, turned round once in a while."""
        is_right = answer.rstrip(".").endswith("is right")
        return float(is_right != (self.draw("judge", question, place, answer) < JUDGE_ERRS))

    def count_tokens(self, model: str, text: str) -> tuple[int, int]:
        """Tokens of a prompt and of the answer to it."""
        return len(text.split()) + 3, 40 + int(160 * self.draw("tokens", model, text))

    def pay(self, name: str, prices: tuple[int, int], tokens: tuple[int, int]) -> None:
        """Count a call; prices are billionths a token."""
        cost = prices[0] * tokens[0] + prices[1] * tokens[1]
        self.spent[name] = self.spent.get(name, 0) + cost
        self.calls[name] = self.calls.get(name, 0) + 1

    def choose_requests(self, n: int, part: str) -> list[Prompt]:
        """Requests, drawn from the population with replacement."""
        return random.Random(f"{self.seed} {part}").choices(make_population(), k=n)


def find_true_quality(world: World, policy: Policy) -> tuple[float, float]:
    """Share of the powerful model's quality that a policy keeps, and its light share: a count."""
    routed = powerful = light = 0
    for prompt in make_population():
        goes = prompt.score <= policy.threshold and not prompt.has_doubt
        light += goes
        powerful += world.is_right("powerful", prompt)
        routed += world.is_right("light" if goes else "powerful", prompt)
    return routed / powerful, light / POPULATION


def find_attainable_share(world: World, target: float) -> float:
    """The largest light share at which a threshold keeps the target: what an oracle chooses."""
    ordered: Sequence[Prompt] = sorted(make_population(), key=lambda p: (p.has_doubt, p.score))
    powerful = sum(world.is_right("powerful", p) for p in ordered)
    routed, best = powerful, 0
    for at, prompt in enumerate(ordered, 1):
        if prompt.has_doubt:
            break
        routed += world.is_right("light", prompt) - world.is_right("powerful", prompt)
        if routed >= target * powerful:
            best = at
    return best / POPULATION
