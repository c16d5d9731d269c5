"""What a malformed config is refused with."""

from ...errors import InvalidInputError


class ConfigError(InvalidInputError):
    """A gateway's config is malformed. The message names the path or the line at fault."""
