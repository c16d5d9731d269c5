"""Whether a session pays for leaving the prompt cache of a dearer model. Pure."""

from typing import Final

from ..config.upstream import Upstream

REST_TOKENS: Final = 32_768
"""At most so many tokens more are counted on: nobody knows how long a session goes on."""


def does_leaving_pay(dearer: Upstream, cheaper: Upstream, tokens: int) -> bool:
    """True where the saving over the rest of the context exceeds the price of the lost cache.

    What the dearer model has read it reads again at the price of its cache; the cheaper one has to
    read all of it anew, into its own. That is lost once. Every further token costs the difference
    of the prices less. False where a price is not known.

    Args:
        dearer: who has the conversation in its cache.
        cheaper: who would take over.
        tokens: of the prompt, estimated.
    """
    stays, leaves = dearer.price, cheaper.price
    if stays is None or leaves is None:
        return False
    cached = stays.tokens_in if stays.cached_in is None else stays.cached_in
    written = leaves.tokens_in if leaves.cache_write is None else leaves.cache_write
    room = REST_TOKENS if cheaper.context is None else max(0, cheaper.context - tokens)
    saving = min(room, REST_TOKENS) * (stays.tokens_in - leaves.tokens_in)
    return saving > tokens * max(0.0, written - cached)
