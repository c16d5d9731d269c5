"""Settings of a gateway, each with its one default. docs/gateway.md is the written schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...config import BreakerConfig, HistoryConfig, RouterConfig
from ...decisions import QuestionConfig
from ...policy import Policy
from .key import MODES, Key
from .shadow import ShadowConfig
from .upstream import Upstream


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a request and of what is done for it.

    Attributes:
        header_bytes: of all headers together.
        body_bytes: of a request.
        bodies_bytes: of the bodies of all requests that a process answers at once.
        answer_bytes: of an upstream's answer, decompressed.
        event_bytes: of one event of a streamed answer; a generated image is one.
        headers_s: seconds a client may take to send the head of a request, on CPython.
        body_s: seconds a client may take to send its body.
        write_s: seconds a client may leave what was sent unread, on CPython.
        deadline_s: seconds to the first byte of an answer, all tries included.
        stream_s: seconds a streamed answer may take.
        retry_after_s: longest wait that an upstream's `Retry-After` is taken for.
        connections: of clients to one process on CPython, fewer where its descriptors do not
            suffice; for one more an idle one is closed, or else the answer is 503.
        keep_alive_s: seconds a client's idle connection is kept, on CPython.
        grace_s: seconds that answers may still take when the server is told to stop.
        retries: further tries at the same upstream.
        backoff_s: seconds before the first of them; each further one waits twice as long.
        conversations: entries of the map that `x-conversation-id` keys.
        candidates: resident candidates.
        candidate_bytes: of their vectors, characters of their texts, all together.
    """

    header_bytes: int = 16_384
    body_bytes: int = 16 << 20
    bodies_bytes: int = 256 << 20
    answer_bytes: int = 16 << 20
    event_bytes: int = 1 << 20
    headers_s: float = 10.0
    body_s: float = 30.0
    write_s: float = 30.0
    deadline_s: float = 180.0
    stream_s: float = 900.0
    retry_after_s: float = 3600.0
    connections: int = 1_000
    keep_alive_s: float = 60.0
    grace_s: float = 25.0
    retries: int = 1
    backoff_s: float = 0.25
    conversations: int = 10_000
    candidates: int = 10_000
    candidate_bytes: int = 128 << 20


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """How is decided.

    Attributes:
        bundle: file of the bundle; the shipped one where None. The edge has its own.
        file: of a certified policy; on CPython alone.
        certified: what it holds.
        quality: share of the powerful model's quality to keep, by the bundle's own rows; the
            bundle's default policy where None.
        confidence_threshold: the classic gate, as in `RouterConfig`.
        max_uncertainty: the same.
        sticky: True where a conversation only ever goes on to a dearer model; `"cost"` where it
            also goes back to a cheaper one once that pays for the prompt cache that is lost.
        idle_s: seconds without a request that end a session.
        mode: one of `MODES`.
    """

    bundle: str | None = None
    file: str | None = None
    certified: Policy | None = None
    quality: float | None = None
    confidence_threshold: float | None = None
    max_uncertainty: float | None = None
    sticky: bool | str = True
    idle_s: float = 3600.0
    mode: str = MODES[0]


@dataclass(frozen=True, slots=True)
class TracesConfig:
    """Where spans of requests go, on CPython.

    Attributes:
        endpoint: of a receiver of OTLP over HTTP, such as `http://127.0.0.1:4318`; none where None.
        prompts: True where what clients ask goes along.
    """

    endpoint: str | None = None
    prompts: bool = False


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """All settings.

    Attributes:
        upstreams: at least one of kind `chat`.
        keys: who may call.
        admin_keys: who may call `/admin`; nobody where there is none.
        anonymous: True where no key is asked for.
        hosts: names that the header `host` may hold. Where there are none, any with keys; without
            keys addresses in numbers and `localhost`, on CPython.
        cors: origins that may call from a page.
        storage: file of the history on CPython; in memory where None.
        policy: how is decided.
        limits: bounds.
        breaker: of every upstream; None switches them off.
        history: sizes and ages; the prices are the upstreams'.
        aliases: a name that clients ask for, and the name it stands for.
        decisions: by the id of a question what it means.
        shadow: which requests the other model is asked too.
        traces: where spans go.
    """

    upstreams: tuple[Upstream, ...]
    keys: tuple[Key, ...] = ()
    admin_keys: tuple[Key, ...] = ()
    anonymous: bool = False
    hosts: tuple[str, ...] = ()
    cors: tuple[str, ...] = ()
    storage: str | None = None
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    limits: Limits = field(default_factory=Limits)
    breaker: BreakerConfig | None = field(default_factory=BreakerConfig)
    history: HistoryConfig = field(default_factory=HistoryConfig)
    aliases: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, QuestionConfig] = field(default_factory=dict)
    shadow: ShadowConfig = field(default_factory=ShadowConfig)
    traces: TracesConfig = field(default_factory=TracesConfig)

    def find_mode(self, caller: str) -> str:
        """The mode for a caller.

        Args:
            caller: name of its key.
        """
        key = self.find_key(caller)
        return (key.mode if key is not None else None) or self.policy.mode

    def find_key(self, caller: str) -> Key | None:
        """The first user's key of a name; None for an admin's and where none is asked for."""
        return next((key for key in self.keys if key.name == caller), None)

    @property
    def router(self) -> RouterConfig:
        """The settings of the router behind the gateway."""
        return RouterConfig(
            model_path=self.policy.bundle,
            confidence_threshold=self.policy.confidence_threshold,
            max_uncertainty=self.policy.max_uncertainty,
            enable_circuit_breaker=self.breaker is not None,
            breaker=self.breaker or BreakerConfig(),
            history=self.history,
        )
