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
