"""What tells one session from another: an id of the client's, or how the conversation begins."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .conversation import Conversation

HEADER: Final = "x-conversation-id"

MAX_ID_CHARS: Final = 200

NAME_CHARS: Final = 12

VOLATILE: Final = "x-anthropic-billing-header:"
"""Begins a line of Claude Code's system prompt that differs from request to request."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session, as far as a request tells.

    Attributes:
        key: of the session.
        loop: key of the session with its user turns: of the tool loop that is running.
        state: keys of what a server keeps, where the ids do not say which.
        is_named: True where the client gave an id.
    """

    key: bytes
    loop: bytes
    state: tuple[bytes, ...]
    is_named: bool

    @property
    def name(self) -> str:
        """Hexadecimal digits; by themselves they tell nothing of the conversation."""
        return self.key.hex()[:NAME_CHARS]


def find_session(
    salt: bytes, caller: str, conversation_id: str | None, conversation: Conversation
) -> Session:
    """The session of a request.

    It is the client's own id, where it gave one of at most 200 characters, or else the tools and
    the first user turn; in both cases together with the system prompt, so that subagents and
    summary calls are sessions of their own.

    Args:
        salt: the store's key, so that a name cannot be guessed from a conversation.
        caller: whose it is; nobody meets another's sessions.
        conversation_id: the client's own.
        conversation: what the request holds.
    """
    is_named = bool(conversation_id) and len(conversation_id or "") <= MAX_ID_CHARS
    system = "\n".join(
        line for line in conversation.system.split("\n") if not line.startswith(VOLATILE)
    )
    tools, first = conversation.opening
    begin = [_encode(conversation_id or "")] if is_named else [tools, _encode(first)]
    key = _hash(salt, [_encode(caller), _encode(system), *begin])
    loop = _hash(key, [str(conversation.turns).encode(), *map(_encode, conversation.texts)])
    kept = conversation.pin.state if conversation.pin is not None else ()
    state = tuple(_hash(salt, [_encode(caller), b"state", _encode(one)]) for one in kept)
    return Session(key, loop, state, is_named)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _hash(key: bytes, parts: Iterable[bytes]) -> bytes:
    """Keyed BLAKE2b, each part behind its length."""
    digest = hashlib.blake2b(key=key[:64], digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.digest()
