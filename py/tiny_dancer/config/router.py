"""What a user may set once for a router."""

from dataclasses import dataclass, field
from os import PathLike

from ..checks import check_flag, is_number, shown
from ..errors import InvalidInputError
from .breaker import BreakerConfig
from .history import HistoryConfig

MAX_TOKENS = 512


@dataclass(frozen=True, slots=True)
class RouterConfig:
    """Settings of a router; each has its one default here.

    Args:
        model_path: bundle to load instead of the one that ships with the package.
        confidence_threshold: light only where confidence is at least this, in [0, 1].
        max_uncertainty: light only where uncertainty is at most this, in [0, 1].
        enable_circuit_breaker: keep requests from models whose calls fail (`Router.report`).
        breaker: settings of the circuit breakers.
        level: level of `prediction_set`, in (0, 1).
        max_tokens: tokens the model reads, 4 to 512: three quarters from the front of a longer
            prompt, one quarter from its end.
        history: settings of what is stored.

    Raises:
        InvalidInputError: a value is outside its range.
    """

    model_path: str | PathLike[str] | None = None
    confidence_threshold: float | None = None
    max_uncertainty: float | None = None
    enable_circuit_breaker: bool = True
    breaker: BreakerConfig = field(default_factory=BreakerConfig)
    level: float = 0.90
    max_tokens: int = MAX_TOKENS
    history: HistoryConfig = field(default_factory=HistoryConfig)

    def __post_init__(self) -> None:
        """Check every range."""
        for name in ("confidence_threshold", "max_uncertainty"):
            value = getattr(self, name)
            if value is not None and not (is_number(value) and 0 <= value <= 1):
                raise InvalidInputError(f"{name}: a number in [0, 1] is needed, got {shown(value)}")
        if not (is_number(self.level) and 0 < self.level < 1):
            raise InvalidInputError(f"level: a number in (0, 1) is needed, got {shown(self.level)}")
        if type(self.max_tokens) is not int or not 4 <= self.max_tokens <= MAX_TOKENS:
            raise InvalidInputError(
                f"max_tokens: an int from 4 to {MAX_TOKENS} is needed, got {shown(self.max_tokens)}"
            )
        check_flag("enable_circuit_breaker", self.enable_circuit_breaker)
        for name, kind in (("breaker", BreakerConfig), ("history", HistoryConfig)):
            if not isinstance(getattr(self, name), kind):
                got = getattr(self, name)
                raise InvalidInputError(f"{name}: a {kind.__name__} is needed, got {got!r:.40}")

    @property
    def has_gate(self) -> bool:
        """True where a confidence or uncertainty bound was set."""
        return self.confidence_threshold is not None or self.max_uncertainty is not None


def check_config(config: object) -> RouterConfig:
    """The settings.

    Raises:
        InvalidInputError: they are none.
    """
    if not isinstance(config, RouterConfig):
        raise InvalidInputError(f"config: a RouterConfig is needed, got {config!r:.40}")
    return config
