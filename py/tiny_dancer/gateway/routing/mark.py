"""The mark that says which upstream made what a client echoes.

Tool calls, thinking that a model signed, reasoning that it encrypted and answers that its server
keeps come back with the next request. Each carries its maker's mark at its end, which is taken off
again before it goes up: so every process, and every host, knows whose it is without sharing
anything.
"""

import base64
import hashlib
import re
from functools import lru_cache
from typing import Any, Final

PREFIX: Final = "_td"
LENGTH: Final = 8
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")
_MARK: Final = re.compile(rf"{PREFIX}[a-z2-7]{{{LENGTH - len(PREFIX)}}}")


@lru_cache(maxsize=1024)
def find_mark(upstream: str) -> str:
    """The mark of an upstream of this name: eight letters, digits and `_`."""
    digest = hashlib.sha256(upstream.encode()).digest()
    return PREFIX + base64.b32encode(digest)[: LENGTH - len(PREFIX)].decode().lower()


def split_mark(text: str) -> tuple[str, str | None]:
    """The text without its mark, and the mark; None where it has none."""
    mark = text[-LENGTH:]
    return (text[:-LENGTH], mark) if _MARK.fullmatch(mark) else (text, None)


def put_mark(holder: Any, name: str, mark: str) -> bool:
    """Put a mark on a text of an object; False where there is none of this name."""
    text = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(text, str) or not text:
        return False
    holder[name] = text + mark
    return True


def restore_ids(holder: dict[str, Any], mark: str, longest: int, *names: str) -> dict[str, Any]:
    """The object with its ids of calls as the upstream with a mark takes them.

    Its own, and those that say nothing of their maker, are as they were given. Another's may be of
    a form that it refuses: too long, or with other characters than letters, digits, `_` and `-`.
    Such a one becomes a hash of itself, the same in the call and in its result.

    Args:
        holder: of the ids.
        mark: the upstream's.
        longest: characters that its format takes.
        names: of the ids.
    """
    restored = {
        name: _restore(text, mark, longest)
        for name in names
        if isinstance(text := holder.get(name), str) and split_mark(text)[1] is not None
    }
    return {**holder, **restored} if restored else holder


def _restore(text: str, mark: str, longest: int) -> str:
    given, found = split_mark(text)
    if found == mark or (len(given) <= longest and _PLAIN.fullmatch(given)):
        return given
    return f"call_{hashlib.sha256(given.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def strip_marks(holder: dict[str, Any], *names: str) -> dict[str, Any]:
    """The object with these of its texts without their marks; itself where none has one."""
    stripped = {
        name: split_mark(text)[0]
        for name in names
        if isinstance(text := holder.get(name), str) and split_mark(text)[1] is not None
    }
    return {**holder, **stripped} if stripped else holder
