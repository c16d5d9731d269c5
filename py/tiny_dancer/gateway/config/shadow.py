"""Settings of the shadow: which share of requests the other model is asked too, and who grades."""

from dataclasses import dataclass

from .error import ConfigError
from .named_file import ReadText, read_rubric
from .table import Table


@dataclass(frozen=True, slots=True)
class ShadowConfig:
    """How pairs of answers are got. docs/shadow.md says what for.

    Attributes:
        share: of distinct prompts that the other model is asked too; 0 asks for none.
        money_a_day: what shadow and judge may cost in a day (UTC); no bound where None.
        judge: the upstream that marks the answers; checks alone where None.
        rubric: what it marks by; the shipped one where None.
    """

    share: float = 0.0
    money_a_day: float | None = None
    judge: str | None = None
    rubric: str | None = None


def read_shadow(table: Table, read_text: ReadText | None) -> ShadowConfig:
    """The settings of a table.

    Args:
        table: as it stands in the config.
        read_text: reads a rubric's file; None where this host has no files.

    Raises:
        ConfigError: a value is malformed; names its path.
    """
    rubric = read_rubric(table.join_path("rubric"), table.take("rubric"), read_text)
    config = ShadowConfig(
        share=table.take_number("share", 0.0, 0.0, 1.0) or 0.0,
        money_a_day=table.take_number("money_a_day", None),
        judge=table.take_text("judge"),
        rubric=rubric,
    )
    table.refuse_rest()
    return config


def check_shadow(
    config: ShadowConfig, models: int, priced: dict[str, bool], *, hash_prompts: bool
) -> None:
    """See that the rest of the settings lets the shadow work.

    Args:
        config: of the shadow.
        models: of the bundle.
        priced: by upstream of kind chat, whether its prices are known.
        hash_prompts: whether the history keeps hashes of prompts.

    Raises:
        ConfigError: it does not.
    """
    if config.judge is not None and config.judge not in priced:
        raise ConfigError(f"shadow.judge: there is no upstream {config.judge!r} of kind chat")
    if not config.share:
        return
    if models > 2:
        raise ConfigError(f"shadow.share: a bundle of two models is needed, this has {models}")
    if not hash_prompts:
        raise ConfigError("shadow.share: storage.hash_prompts = true is needed")
    unpriced = [name for name, is_priced in priced.items() if not is_priced]
    if config.money_a_day is not None and unpriced:
        raise ConfigError(
            f"shadow.money_a_day: price_in and price_out of upstream {unpriced[0]!r} are needed"
        )
