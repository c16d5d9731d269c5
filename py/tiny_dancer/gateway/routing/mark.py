"""The mark that says which upstream made what only it can read.

Thinking that a model signed, reasoning that it encrypted and answers that its server keeps come
back with the next request. Each carries its maker's mark at its end, which is taken off again
before it goes up: so every process, and every host, knows whose it is without sharing anything.
"""

import base64
import hashlib
from functools import lru_cache
from typing import Final

PREFIX: Final = "_td"
LENGTH: Final = 8


@lru_cache(maxsize=1024)
def find_mark(upstream: str) -> str:
    """The mark of an upstream of this name: eight letters, digits and `_`."""
    digest = hashlib.sha256(upstream.encode()).digest()
    return PREFIX + base64.b32encode(digest)[: LENGTH - len(PREFIX)].decode().lower()


def split_mark(text: str) -> tuple[str, str | None]:
    """The text without its mark, and the mark; None where it has none."""
    mark = text[-LENGTH:]
    is_mark = mark.startswith(PREFIX) and len(mark) == LENGTH and mark[len(PREFIX) :].isalnum()
    return (text[:-LENGTH], mark) if is_mark else (text, None)
