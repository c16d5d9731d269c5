"""Every number a history goes by, with its one default."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..checks import check_count, check_flag, check_name, check_number
from ..errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens.

    Args:
        tokens_in: of the prompt.
        tokens_out: of the answer.
        cached_in: of the prompt, read from the prompt cache; as `tokens_in` where None.
        cache_write: of the prompt, written to the prompt cache; as `tokens_in` where None.

    Raises:
        InvalidInputError: a price is negative or not finite.
    """

    tokens_in: float
    tokens_out: float
    cached_in: float | None = None
    cache_write: float | None = None

    def __post_init__(self) -> None:
        """Check each."""
        check_number("price.tokens_in", self.tokens_in, 0.0)
        check_number("price.tokens_out", self.tokens_out, 0.0)
        for name in ("cached_in", "cache_write"):
            if getattr(self, name) is not None:
                check_number(f"price.{name}", getattr(self, name), 0.0)

    def cost(
        self, tokens_in: int, tokens_out: int, cached_in: int = 0, cache_write: int = 0
    ) -> float:
        """Price of one call.

        Args:
            tokens_in: of the prompt, all of them.
            tokens_out: of the answer, those of its reasoning among them.
            cached_in: of `tokens_in`, those that were read from the prompt cache.
            cache_write: of `tokens_in`, those that were written to it.
        """
        money = tokens_in * self.tokens_in + tokens_out * self.tokens_out
        if self.cached_in is not None:
            money += cached_in * (self.cached_in - self.tokens_in)
        if self.cache_write is not None:
            money += cache_write * (self.cache_write - self.tokens_in)
        return money / 1e6


@dataclass(frozen=True, slots=True)
class HistoryConfig:
    """Settings of the history. Durations are in seconds.

    Args:
        queue: records that may wait to be written; then the oldest decisions are dropped.
        batch: records written in one transaction.
        flush_s: on CPython, how often the writer's thread writes.
        view_age_s: how old what is known of breakers, policies and drift may be.
        max_age_s: decisions, outcomes and events older than this are deleted; None keeps them.
        max_records: of each of the three, the newest this many are kept.
        hash_prompts: keep a keyed hash of each prompt, so that equal prompts can be told.
        head_inputs: keep what the heads read (float16, 160 bytes for the shipped bundle), so that
            they can be fitted again without the prompt.
        keep_text: keep the texts of the pairs that a gateway's shadow makes.
        prices: by model; with them the cost of a call is known from its tokens.

    Raises:
        InvalidInputError: a value is outside its range.
    """

    queue: int = 10_000
    batch: int = 1_000
    flush_s: float = 0.2
    view_age_s: float = 5.0
    max_age_s: float | None = None
    max_records: int = 1_000_000
    hash_prompts: bool = True
    head_inputs: bool = True
    keep_text: bool = False
    prices: Mapping[str, Price] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check every range."""
        for name in ("queue", "batch", "max_records"):
            check_count(name, getattr(self, name))
            if not getattr(self, name):
                raise InvalidInputError(f"{name}: at least 1 is needed, got 0")
        check_number("flush_s", self.flush_s, 0.001, 3600.0)
        check_number("view_age_s", self.view_age_s, 0.0, 3600.0)
        if self.max_age_s is not None:
            check_number("max_age_s", self.max_age_s, 1.0)
        check_flag("hash_prompts", self.hash_prompts)
        check_flag("head_inputs", self.head_inputs)
        check_flag("keep_text", self.keep_text)
        for model, price in self.prices.items():
            check_name("prices: model", model)
            if not isinstance(price, Price):
                raise InvalidInputError(f"prices[{model!r}]: a Price is needed, got {price!r:.40}")
