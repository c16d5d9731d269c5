"""From the outcomes that a store holds to a bundle that fits them better: `Router.adapt`."""

import hashlib
import struct
from array import array
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from .adapt.labels import Labels
from .adapt.ladder import Learned, climb
from .errors import InvalidInputError
from .history.readings.paired_outcomes import PAGE, check_two
from .history.records import OutcomeRecord
from .history.records.codec import from_row
from .model import Bundle
from .model.spec import size_of

if TYPE_CHECKING:
    from .history.recorder import Recorder
    from .history.stores.store import HistoryStore


class _Reader(Protocol):
    _history: "Recorder"

    @property
    def bundle(self) -> Bundle | None: ...


class _Router(_Reader, Protocol):
    reload_model: Callable[[bytes], Any]


async def adapt_router(router: _Router, *, apply: bool) -> Learned:
    """As `Router.adapt` says."""
    learned = (await read_lessons(router))()
    if apply and learned.bundle is not None:
        router.reload_model(learned.bundle)
    return learned


async def read_lessons(router: _Reader) -> Callable[[], Learned]:
    """What fits the heads, once the store is read: it awaits nothing, and may take minutes."""
    bundle, store = router.bundle, router._history.store
    if bundle is None or store is None:
        what = "bundle" if bundle is None else "history store"
        raise InvalidInputError(f"adapt: a router with a {what} is needed")
    await router._history.flush()
    return await _read_lessons(store, bundle)


async def learn(store: "HistoryStore", bundle: Bundle) -> Learned:
    """What the paired outcomes of a store teach a bundle; each prompt counts once.

    They need the inputs of the heads, which are kept unless `HistoryConfig.head_inputs` is False.

    Raises:
        InvalidInputError: there are too few.
        PolicyError: the bundle has more than two models.
        StoreError: the store cannot be read.
    """
    return (await _read_lessons(store, bundle))()


async def _read_lessons(store: "HistoryStore", bundle: Bundle) -> Callable[[], Learned]:
    models = bundle.config.models
    check_two(models)
    width = 2 * size_of("K", dict(bundle.sizes))
    found: dict[str, tuple[tuple[float, ...], array[float]]] = {}
    after = 0
    while rows := await store.scan("outcome", after, PAGE):
        for after, row in rows:  # noqa: B007
            record: OutcomeRecord = from_row("outcome", row)
            data, scores = record.head_inputs, record.scores
            if record.bundle_hash != bundle.bundle_hash or data is None:
                continue
            if any(model not in scores for model in models) or len(data) != width:
                continue
            inputs = array("f", struct.unpack(f"<{len(data) // 2}e", data))
            name = record.prompt_hash or record.decision_id
            found[name] = tuple(scores[model] for model in models), inputs
    names = tuple(found)
    digest = hashlib.sha256(repr([(name, found[name][0]) for name in names]).encode()).hexdigest()
    n = len(names)
    quality = tuple(found[name][0] for name in names)
    labels = Labels(tuple(models), names, quality, ("",) * n, (1.0,) * n, digest)
    return partial(climb, bundle, labels, [found[name][1] for name in names])
