"""Gateway: from a request to a response, without a server."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from threading import Lock
from typing import Final

from ..errors import InvalidInputError, StoreError
from ..history import HistoryStore, Statistics
from ..loaded_bundle import Reloaded
from ..policy import Policy
from ..router import Router
from .allowances.allowance import Allowances
from .aside import RunAside, run_here
from .config.error import ConfigError
from .config.settings import GatewayConfig
from .endpoints import candidates
from .endpoints.admin_reload import reload_files
from .endpoints.paths import Access, Endpoint, find_endpoint, find_path, strip_path
from .formats.error import respond_with_error
from .http.api_error import ApiError
from .http.cors import answer_preflight, build_cors_headers
from .http.in_flight import InFlight, Place
from .http.keys import authenticate
from .http.request import Request, read_body
from .http.response import Response
from .routing.fit import fit_config
from .routing.sessions import Sessions
from .shadow.shadow import Shadow
from .traces.spans import Spans
from .upstream.call import Caller
from .upstream.counters import GatewayCounters
from .upstream.fetch import Fetch
from .upstream.forwarder import Forwarder
from .versions import BUNDLE, CANDIDATES, SharedVersions

QUIET: Final = ("/healthz", "/readyz", "/metrics")
"""Paths that monitors ask every few seconds: not logged."""

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")

REQUEST_ID: Final = "x-tiny-dancer-request-id"
"""The gateway's own; `x-request-id` is the upstream's where it gives one."""


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
        prepare_bundle: reads the bundle of a config anew, and gives what puts it into service, or
            None where it has no file; None where a new bundle is a new deployment.
        read_config: reads the config anew; None where no file holds it.
        sum_metrics: from this process's metrics to those of all that serve together; None where
            it serves alone.
        run_aside: runs what takes long; in a thread, where there are threads.
        log: told in one line, without any content, what went wrong inside.
        spans: told of each request; None where traces are off.

    Attributes:
        candidate_changes: how often the stored candidates changed, as far as this process knows.
        is_reloading: True while bundle and config are read anew.
        computing: by what is computed, `report`, `calibrate` or `adapt`, held meanwhile.
        totals: of the store, as last read for /metrics.

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
        prepare_bundle: Callable[[GatewayConfig], Callable[[], Reloaded] | None] | None = None,
        read_config: Callable[[], GatewayConfig] | None = None,
        sum_metrics: Callable[[str], str] | None = None,
        run_aside: RunAside = run_here,
        log: Callable[[str], object] = print,
        spans: Spans | None = None,
    ) -> None:
        self.router, self.store, self.now, self.sleep, self.log = router, store, now, sleep, log
        self.prepare_bundle, self.read_config = prepare_bundle, read_config
        self.sum_metrics, self.run_aside = sum_metrics, run_aside
        self.counters, self.spans = GatewayCounters(), spans
        self.versions = SharedVersions()
        self.sessions = Sessions(config.limits.conversations)
        self.candidate_changes, self.is_reloading = 0, False
        self.computing = {name: Lock() for name in ("report", "calibrate", "adapt")}
        self.totals: Statistics | None = None
        self.in_flight, self.allowances = InFlight(), Allowances(store, now)
        self.shadow = Shadow(router, store, self.counters, now, log)
        self._fetch = fetch
        self._rests: dict[str, float] = {}
        self._certified: Policy | None = None
        self.take_config(config)

    def take_config(self, config: GatewayConfig) -> None:
        """Put a config into service; requests that are being answered keep the old one's limits.

        Raises:
            ConfigError: the upstreams do not fit the bundle's models.
            PolicyError: the bundle cannot estimate what the config asks for.
        """
        upstreams, policies = fit_config(config, self.router.bundle)
        if config.policy.certified != self._certified:
            self.router.use_policy(config.policy.certified)
            self._certified = config.policy.certified
        self.config, self.upstreams, self.policies = config, upstreams, policies
        self.caller = Caller(self._fetch, config.limits, self.now)
        self.forwarder = Forwarder(
            self.router, config, self.now, self.sleep, self.counters, self.log, self._rests
        )
        judge = upstreams.by_name.get(config.shadow.judge or "")
        keeps_text = config.history.keep_text
        self.shadow.configure(config.shadow, judge, self.caller, keeps_text=keeps_text)

    def check_change(self, config: GatewayConfig) -> None:
        """See that a new config differs in nothing that is read at the start alone.

        Raises:
            ConfigError: it does; names what a restart is needed for.
        """
        old, new = self.config, config
        for name, before, after in (
            ("storage", (old.storage, old.history), (new.storage, new.history)),
            ("breaker", old.breaker, new.breaker),
            ("traces", old.traces, new.traces),
            ("policy", _gate_of(old), _gate_of(new)),
        ):
            if before != after:
                raise ConfigError(f"{name}: it is read at the start; restart to change it")

    async def start(self) -> None:
        """Hold the store's candidates in the router. Before the first request.

        Raises:
            StoreError: they cannot be read.
        """
        self.sessions.salt = await self.store.prompt_key()
        self.versions.is_due(self.now())
        changes = await self.versions.find_changes(self.store)
        await candidates.load_candidates(self)
        for name, version in changes.items():
            self.versions.take(name, version)
        await self.shadow.look()

    async def handle(self, request: Request) -> Response:
        """The response; errors of any kind are one too.

        Cancelling it, or closing the pieces of its body, cancels the call of the upstream.
        """
        if self.spans is None:
            return await self._handle(request)
        return await self.spans.trace(request, self._handle)

    async def _handle(self, request: Request) -> Response:
        begun, request_id = self.now(), f"req-{os.urandom(8).hex()}"
        request = replace(request, path=strip_path(request.path))
        path = find_path(request.path)
        cors = build_cors_headers(request, self.config.cors) if "origin" in request.headers else {}
        response = answer_preflight(request, cors) if cors else None
        caller, place = "", Place(self.in_flight, None)
        if response is None:
            try:
                if request.refusal is not None:
                    raise request.refusal
                endpoint = self._find_endpoint(path, request)
                caller = self._authenticate(endpoint, request)
                place = self.in_flight.enter(self.config.find_key(caller))
                body = await read_body(request, self.config.limits, place.hold)
                response = await endpoint.handler(self, replace(request, caller=caller, body=body))
            except ApiError as error:
                response = respond_with_error(request, error)
            except InvalidInputError as error:
                response = respond_with_error(request, ApiError(400, str(error)))
            except StoreError as error:
                self.log(_describe_fault(path, error))
                failure = ApiError(503, "The history's store failed.", retry_after_s=5)
                response = respond_with_error(request, failure)
            except Exception as error:
                self.log(_describe_fault(path, error))
                failure = ApiError(500, "Something failed inside the gateway.")
                response = respond_with_error(request, failure)
            except BaseException:
                place.leave()
                raise
        response = await place.keep(response)
        self.counters.count_response(path, response.status)
        headers = {"x-request-id": request_id, **response.headers, REQUEST_ID: request_id, **cors}
        if path not in QUIET:
            took_ms = max(0.0, self.now() - begun) * 1e3
            self.log(_describe_access(request.method, path, response, took_ms, caller, request_id))
        if request.method == "HEAD":
            return Response(response.status, headers)
        return replace(response, headers=headers)

    async def after_answer(self) -> None:
        """Write what waits, and catch up with what other processes changed.

        After each response: on the edge under `waitUntil`. Raises nothing.
        """
        try:
            await self.router.drain()
            await self.allowances.drain()
            if not self.versions.is_due(self.now()):
                return
            changes = await self.versions.find_changes(self.store)
        except (StoreError, InvalidInputError) as error:
            self.log(_describe_fault("after_answer", error))
            return
        if BUNDLE in changes and not self.is_reloading:  # that may read what was before: look again
            await self._attempt(reload_files(self), BUNDLE, changes[BUNDLE])
        if CANDIDATES in changes:
            self.candidate_changes += 1
            await self._attempt(candidates.load_candidates(self), CANDIDATES, changes[CANDIDATES])
        await self._attempt(self.shadow.look())

    async def complete_pairs(self) -> None:
        """Ask the other model where a sampled request waits for it; this may take minutes.

        After `after_answer`. It may be cancelled. Raises nothing.
        """
        if await self.shadow.drain():
            await self.router.drain()

    async def _attempt(self, step: Awaitable[object], name: str = "", version: int = 0) -> None:
        """Take a change once its step is done; what fails is logged, and found at the next look."""
        try:
            await step
        except Exception as error:
            self.log(_describe_fault("after_answer", error))
        else:
            if name:
                self.versions.take(name, version)

    def _find_endpoint(self, path: str, request: Request) -> Endpoint:
        """The endpoint of a path; headers are bounded before anything is made of them.

        Raises:
            ApiError: no such address or method, too many headers.
        """
        limit = self.config.limits.header_bytes
        if sum(len(n) + len(v) for n, v in request.headers.items()) > limit:
            raise ApiError(431, f"Headers: at most {limit} bytes are taken.")
        return find_endpoint(path, request.method)

    def _authenticate(self, endpoint: Endpoint, request: Request) -> str:
        """The caller's name, before any of the body is read.

        Raises:
            ApiError: no key that is known.
        """
        if endpoint.access is Access.ANYBODY:
            return request.caller
        is_admin = endpoint.access is Access.ADMIN
        return authenticate(request.headers, self.config, admin=is_admin)


def _gate_of(config: GatewayConfig) -> tuple[float | None, float | None]:
    return config.policy.confidence_threshold, config.policy.max_uncertainty


def _describe_access(
    method: str, path: str, response: Response, took_ms: float, caller: str, request_id: str
) -> str:
    """One line of what was asked and answered; nothing of a prompt, and no client's own words."""
    facts = [f"{method if method in METHODS else 'other'} {path} {response.status}"]
    facts.append(f"{took_ms:.0f} ms")
    for name in ("decision", "reason", "served-by"):
        if value := response.headers.get(f"x-tiny-dancer-{name}"):
            facts.append(f"{name} {value}")
    if caller:
        facts.append(f"key {caller}")
    return f"tiny-dancer gateway: {', '.join((*facts, request_id))}"


def _describe_fault(path: str, error: BaseException) -> str:
    """Kind and place of an error, and words that are ours; others may hold what a client sent."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    reason = f": {error.message}" if isinstance(error, ApiError) else ""
    return f"tiny-dancer gateway: {path}: {type(error).__name__} at {place}{reason}"
