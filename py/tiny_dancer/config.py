"""What a user may set once for a router."""

from dataclasses import dataclass
from os import PathLike

from .errors import InvalidInputError

MAX_TOKENS = 512


@dataclass(frozen=True, slots=True)
class RouterConfig:
    """Settings of a router; each has its one default here.

    Args:
        model_path: bundle to load instead of the one that ships with the package.
        confidence_threshold: light only where confidence is at least this, in [0, 1].
        max_uncertainty: light only where uncertainty is at most this, in [0, 1].
        level: level of `prediction_set`, in (0, 1).
        max_tokens: tokens the model reads, 4 to 512: three quarters from the front of a longer
            prompt, one quarter from its end.

    Raises:
        InvalidInputError: a value is outside its range.
    """

    model_path: str | PathLike[str] | None = None
    confidence_threshold: float | None = None
    max_uncertainty: float | None = None
    level: float = 0.90
    max_tokens: int = MAX_TOKENS

    def __post_init__(self) -> None:
        """Check every range."""
        for name in ("confidence_threshold", "max_uncertainty"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and 0 <= value <= 1):
                raise InvalidInputError(f"{name}: a number in [0, 1] is needed, got {value!r}")
        if not (_is_number(self.level) and 0 < self.level < 1):
            raise InvalidInputError(f"level: a number in (0, 1) is needed, got {self.level!r}")
        if type(self.max_tokens) is not int or not 4 <= self.max_tokens <= MAX_TOKENS:
            raise InvalidInputError(
                f"max_tokens: an int from 4 to {MAX_TOKENS} is needed, got {self.max_tokens!r}"
            )

    @property
    def has_gate(self) -> bool:
        """True where a confidence or uncertainty bound was set."""
        return self.confidence_threshold is not None or self.max_uncertainty is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
