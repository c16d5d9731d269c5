"""Files that a config names: a certified policy, a rubric."""

from collections.abc import Callable
from typing import Final, TypeAlias

from ...errors import InvalidInputError, PolicyError
from ...policy import Policy
from .error import ConfigError

ReadText: TypeAlias = Callable[[str], str]
"""From a file's name to its text; raises InvalidInputError that names it."""

MAX_RUBRIC: Final = 20_000
"""Characters of a rubric of one's own."""


def read_named(path: str, name: str, read_text: ReadText | None) -> str:
    """The text of a file that a setting names.

    Args:
        path: of the setting.
        name: of the file.
        read_text: reads it; None where this host has no files.

    Raises:
        ConfigError: it cannot be read; names the setting and the file.
    """
    if read_text is None:
        raise ConfigError(f"{path}: there are no files on this host")
    try:
        return read_text(name)
    except InvalidInputError as error:
        raise ConfigError(f"{path}: {error}") from None


def read_policy_file(path: str, name: str, read_text: ReadText | None) -> Policy:
    """The certified policy of a file.

    Raises:
        ConfigError: it is none; names the setting, the file and the fault.
    """
    if read_text is None:
        raise ConfigError(
            f"{path}: there are no files on this host; POST /admin/calibrate stores a policy"
        )
    text = read_named(path, name, read_text)
    try:
        policy = Policy.from_json(text)
    except PolicyError as error:
        raise ConfigError(f"{path}: {name}: {error}") from None
    if policy.certificate is None:
        raise ConfigError(
            f"{path}: {name}: certificate: it is missing; `tiny-dancer calibrate` makes one"
        )
    return policy


def read_rubric(path: str, value: object, read_text: ReadText | None) -> str | None:
    """A rubric: the text of the file named, or the value itself where it has several lines.

    Raises:
        ConfigError: it is none; names the setting.
    """
    if value is None:
        return None
    text = value
    if isinstance(value, str) and len(value.strip()) > 0 and "\n" not in value.strip():
        text = read_named(path, value, read_text)
    if not isinstance(text, str) or not 0 < len(text.strip()) <= MAX_RUBRIC:
        raise ConfigError(f"{path}: a file, or a text, of 1 to {MAX_RUBRIC:,} characters is needed")
    return text
