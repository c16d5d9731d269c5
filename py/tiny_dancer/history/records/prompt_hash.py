"""Names for prompts that only the store's key can make: equal prompts meet, no prompt is kept."""

import hashlib
from typing import Final

KEY_BYTES: Final = 32
HASH_BYTES: Final = 16


def prompt_hash(key: bytes, prompt: bytes) -> str:
    """Keyed BLAKE2b of the prompt's bytes: 32 hexadecimal digits.

    Without the key nobody can test a guess against it (RFC 7693, section 2.5).
    """
    return hashlib.blake2b(prompt, key=key, digest_size=HASH_BYTES).hexdigest()


class PromptHasher:
    """Hashes prompts once the store's key is known.

    Args:
        is_wanted: False where no hash is kept either.

    Attributes:
        is_wanted: the argument.
        key: the store's; None until it was asked for it.
    """

    def __init__(self, *, is_wanted: bool) -> None:
        """Start without a key."""
        self.is_wanted = is_wanted
        self.key: bytes | None = None

    def hash(self, prompt: bytes) -> str | bytes | None:
        """The prompt's hash; the prompt itself while the key is not known."""
        if not self.is_wanted:
            return None
        return prompt_hash(self.key, prompt) if self.key else prompt
