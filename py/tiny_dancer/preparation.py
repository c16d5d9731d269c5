"""A router's candidates or bundle got ready in any thread, and put into service in no time."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from .candidates.candidate import Candidate
from .candidates.residents import Residents
from .loaded_bundle import Reloaded
from .request import list_candidates
from .service import Service, Source


class _Router(Protocol):
    _service: Service


def prepare_candidates(router: _Router, candidates: Sequence[Candidate]) -> Callable[[], None]:
    """What does as `set_candidates`, which takes long only where many texts are new, in no time.

    Requests go on while they are encoded here.

    Args:
        router: whose scorer encodes them.
        candidates: all that shall be held.

    Raises:
        InvalidInputError: as for `set_candidates`.
    """
    given, service = list_candidates(candidates), router._service
    loaded, encoded = service.encode_residents(given)

    def hold(residents: Residents) -> None:
        now = service.get_loaded()  # where another bundle came, they are encoded by that one
        residents.hold(encoded if now.bundle is loaded.bundle else residents.encode(given))

    return partial(service.change_residents, hold)


def prepare_model(router: _Router, source: Source | None = None) -> Callable[[], Reloaded]:
    """What does as `reload_model`, in no time: the bundle is read, checked and compiled here.

    Args:
        router: that shall score by it.
        source: as for `reload_model`.

    Raises:
        BundleError: it is not valid.
        InvalidInputError: it cannot score the resident candidates.
    """
    service = router._service
    return partial(service.swap, service.load(source))
