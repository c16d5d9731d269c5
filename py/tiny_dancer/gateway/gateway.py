"""Gateway: from a request to a response, without a server."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from ..errors import InvalidInputError, StoreError
from ..history import HistoryStore
from ..router import Router
from ..service import Reloaded
from .config.settings import GatewayConfig
from .context import Context
from .endpoints import admin as administering
from .endpoints import candidates, outcomes
from .endpoints import completions as completing
from .endpoints import embeddings as embedding
from .endpoints import models as listing
from .endpoints import observation as observing
from .endpoints import route as routing
from .generations import BUNDLE, CANDIDATES
from .http.api_error import ApiError
from .http.cors import cors_headers, preflight
from .http.keys import ANONYMOUS, caller
from .http.message import Request, Response
from .http.payload import body_of
from .upstream.fetch import Fetch

_Endpoint: TypeAlias = Callable[[Context, Request, str], Awaitable[Response]]


class Who(Enum):
    """Who may call an endpoint."""

    ANYBODY = 0
    USER = 1
    ADMIN = 2


class Route(NamedTuple):
    """An endpoint and who may call it."""

    endpoint: _Endpoint
    who: Who = Who.USER


ROUTES: Final[dict[str, dict[str, Route]]] = {
    "/v1/chat/completions": {"POST": Route(completing.chat)},
    "/v1/completions": {"POST": Route(completing.completion)},
    "/v1/embeddings": {"POST": Route(embedding.embeddings)},
    "/v1/models": {"GET": Route(listing.models)},
    "/v1/route": {"POST": Route(routing.route)},
    "/v1/outcomes": {"POST": Route(outcomes.outcome)},
    "/v1/candidates": {
        "GET": Route(candidates.listed),
        "POST": Route(candidates.put),
        "PUT": Route(candidates.put),
    },
    candidates.PREFIX: {"GET": Route(candidates.got), "DELETE": Route(candidates.deleted)},
    "/v1/stats": {"GET": Route(observing.stats)},
    "/metrics": {"GET": Route(observing.metrics)},
    "/healthz": {"GET": Route(observing.healthy, Who.ANYBODY)},
    "/readyz": {"GET": Route(observing.ready, Who.ANYBODY)},
    "/admin/reload": {"POST": Route(administering.reload, Who.ADMIN)},
    "/admin/breaker": {"POST": Route(administering.breaker, Who.ADMIN)},
    "/admin/calibrate": {"POST": Route(administering.calibrate, Who.ADMIN)},
}


class Gateway:
    """An OpenAI-compatible proxy that decides by a router.

    Nothing it holds can be awaited, so requests may run side by side and end at any await.

    Args:
        config: the settings.
        router: made with `config.router` and the store.
        store: the same one.
        fetch: reaches an upstream.
        now: seconds since 1970.
        sleep: waits so many seconds.
        reload: puts the bundle into service anew; None where a new bundle is a new deployment.
        log: told in one line, without any content, what went wrong inside.

    Raises:
        ConfigError: the upstreams do not fit the bundle's models.
    """

    def __init__(
        self,
        config: GatewayConfig,
        router: Router,
        store: HistoryStore,
        fetch: Fetch,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        reload: Callable[[], Reloaded] | None = None,
        log: Callable[[str], object] = print,
    ) -> None:
        self._context = Context(config, router, store, fetch, now, sleep, reload)
        self._log = log

    async def start(self) -> None:
        """Hold the store's candidates in the router. Before the first request.

        Raises:
            StoreError: they cannot be read.
        """
        context = self._context
        context.generations.is_due(context.now())
        await context.generations.changed(context.store)
        await candidates.resident(context)

    async def handle(self, request: Request) -> Response:
        """The response; errors of any kind are one too.

        Cancelling it, or closing the pieces of its body, cancels the call of the upstream.
        """
        config = self._context.config
        shared = cors_headers(request, config.cors)
        response = preflight(request, shared)
        path = _path(request.path)
        if response is None:
            try:
                who = self._admitted(request)
                request = replace(request, body=await body_of(request, config.limits))
                response = await _route(request).endpoint(self._context, request, who)
            except ApiError as error:
                response = error.response
            except InvalidInputError as error:
                response = ApiError(400, str(error)).response
            except StoreError as error:
                self._log(_fault_line(path, error))
                response = ApiError(503, "The history's store failed.", retry_after_s=5).response
            except Exception as error:
                self._log(_fault_line(path, error))
                response = ApiError(500, "Something failed inside the gateway.").response
        self._context.counts.responded(path, response.status)
        return Response(response.status, {**response.headers, **shared}, response.body)

    def _admitted(self, request: Request) -> str:
        """Check all but the body, which is not read yet; the name of the caller's key.

        Raises:
            ApiError: no such address, no key that is known, too many headers.
        """
        config, headers = self._context.config, request.headers
        if sum(len(n) + len(v) for n, v in headers.items()) > config.limits.header_bytes:
            raise ApiError(431, f"Headers: at most {config.limits.header_bytes} bytes are taken.")
        route = _route(request)
        who = ANONYMOUS
        if route.who is not Who.ANYBODY:
            who = caller(headers, config, admin=route.who is Who.ADMIN)
        return who

    async def after_answer(self) -> None:
        """Write what waits, and catch up with what other processes changed.

        After each response: on the edge under `waitUntil`. Raises nothing.
        """
        context = self._context
        try:
            await context.router.drain()
            if context.generations.is_due(context.now()):
                changed = await context.generations.changed(context.store)
                if BUNDLE in changed:
                    administering.reloaded(context)
                if CANDIDATES in changed:
                    await candidates.resident(context)
        except (ApiError, StoreError, InvalidInputError) as error:
            self._log(_fault_line("after_answer", error))


def _route(request: Request) -> Route:
    methods = ROUTES.get(_path(request.path))
    if methods is None:
        raise ApiError(404, "There is no such address.", code="unknown_url")
    if request.method not in methods:
        allowed = ", ".join(methods)
        raise ApiError(405, f"The method has to be {allowed}.", headers={"allow": allowed})
    return methods[request.method]


def _path(path: str) -> str:
    """The key of `ROUTES` that a path belongs to."""
    if path.startswith(candidates.PREFIX) and len(path) > len(candidates.PREFIX):
        return candidates.PREFIX
    return path if path in ROUTES and path != candidates.PREFIX else "unknown"


def _fault_line(path: str, error: BaseException) -> str:
    """Kind and place of an error; its message may hold what a client sent."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"tiny-dancer gateway: {path}: {type(error).__name__} at {place}"
