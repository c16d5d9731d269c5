"""Who may call a gateway, and how much."""

import re
from dataclasses import dataclass
from typing import Final

from .error import ConfigError
from .table import Table

MODES: Final = ("on", "observe", "off")
"""What the router does for `auto`: it decides; it says what it would decide, and the powerful model
answers; nothing, and the powerful model answers."""

OVER: Final = ("refuse", "light")
"""What becomes of a request beyond a key's money or rate."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_POLICY: Final = re.compile(r"quality=(0|1|0?\.\d{1,6}|1\.0{1,6})")


@dataclass(frozen=True, slots=True)
class Key:
    """Who may call: the SHA-256 of a key, in hexadecimal digits, and a name for it.

    Keys of one name share what they may spend.

    Attributes:
        mode: one of `MODES` for this caller; the gateway's where None.
        models: names that it may ask for; all where empty.
        policy: what its `auto` stands for, as behind `auto:`; the gateway's where None.
        money_a_day: what its requests may cost in a day (UTC); no bound where None.
        requests_a_minute: how many it may make; no bound where None.
        over: one of `OVER`.
        connections: requests of it that a process answers at once; no bound where None.
    """

    name: str
    sha256: str
    mode: str | None = None
    models: tuple[str, ...] = ()
    policy: str | None = None
    money_a_day: float | None = None
    requests_a_minute: int | None = None
    over: str = OVER[0]
    connections: int | None = None

    @property
    def is_counted(self) -> bool:
        """True where its requests or its money have a bound."""
        return self.money_a_day is not None or self.requests_a_minute is not None


def read_key(row: Table) -> Key:
    """The key that a table describes.

    Raises:
        ConfigError: a value is malformed or missing; names its path.
    """
    name, digest = row.require_text("name"), row.require_text("sha256").lower()
    if not _DIGEST.fullmatch(digest):
        raise ConfigError(f"{row.join_path('sha256')}: 64 hexadecimal digits are needed")
    policy = row.take_text("policy")
    if policy is not None and not _POLICY.fullmatch(policy):
        raise row.make_error("policy", '"quality=x" with x from 0 to 1', policy)
    models = row.take("models")
    if models is not None and (
        not isinstance(models, list) or not models or any(type(one) is not str for one in models)
    ):
        raise row.make_error("models", "a list of at least one name", models)
    key = Key(
        name,
        digest,
        mode=row.take_choice("mode", MODES) if row.has("mode") else None,
        models=tuple(models or ()),
        policy=policy,
        money_a_day=row.take_number("money_a_day", None),
        requests_a_minute=row.take_int("requests_a_minute", None, 1, 1_000_000),
        over=row.take_choice("over", OVER),
        connections=row.take_int("connections", None, 1, 100_000),
    )
    row.refuse_rest()
    return key


def check_keys(keys: tuple[Key, ...], names: tuple[str, ...], priced: dict[str, bool]) -> None:
    """See that the rest of the settings lets the keys' limits work.

    Args:
        keys: who may call.
        names: that a client may ask for.
        priced: by upstream of kind chat, whether its prices are known.

    Raises:
        ConfigError: a key names a model that is none, or its money cannot be reckoned.
    """
    unpriced = [name for name, is_priced in priced.items() if not is_priced]
    for at, key in enumerate(keys):
        for name in key.models:
            if name not in names:
                raise ConfigError(
                    f"keys[{at}].models: {name!r:.60} is no model; there are {', '.join(names)}"
                )
        if key.money_a_day is not None and unpriced:
            raise ConfigError(
                f"keys[{at}].money_a_day: price_in and price_out of upstream {unpriced[0]!r} "
                "are needed"
            )
