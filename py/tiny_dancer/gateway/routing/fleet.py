"""The upstreams in the order of the bundle's models."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...policy.preference import LIGHT, POWERFUL
from ..config.settings import GatewayConfig
from ..config.table import ConfigError
from ..upstream.upstream import Upstream
from .conversation import Asked


@dataclass(frozen=True, slots=True)
class Fleet:
    """Who serves what.

    Attributes:
        models: the bundle's models, cheapest first.
        serving: the upstream of each.
        upstreams: all of them by name.
    """

    models: tuple[str, ...]
    serving: tuple[Upstream, ...]
    upstreams: dict[str, Upstream]

    @classmethod
    def of(cls, config: GatewayConfig, models: Sequence[str]) -> "Fleet":
        """The fleet for a bundle's models.

        Raises:
            ConfigError: a model has no upstream, an upstream serves none of them, or one's name is
                that of another's model.
        """
        called = {LIGHT: models[0], POWERFUL: models[-1]}
        serving: dict[str, Upstream] = {}
        for at, one in enumerate(config.upstreams):
            served = called.get(one.serves or "", one.serves)
            if served is not None and (served not in models or served in serving):
                names = ", ".join(models)
                raise ConfigError(
                    f"upstreams[{at}].serves: one upstream for each of {names} is needed, "
                    f"got {one.serves!r}"
                )
            if one.name in (*models, *called) and called.get(one.name, one.name) != served:
                raise ConfigError(
                    f"upstreams[{at}].name: {one.name!r} is a model it does not serve"
                )
            if served is not None:
                serving[served] = one
        for model in models:
            if model not in serving:
                raise ConfigError(f'upstreams: none serves = "{model}"')
        upstreams = {one.name: one for one in config.upstreams}
        return cls(tuple(models), tuple(serving[model] for model in models), upstreams)

    def named(self, name: str) -> Upstream | None:
        """The upstream of this name or of this model, of `light` or of `powerful`."""
        if name in self.models:
            return self.serving[self.models.index(name)]
        if name in (LIGHT, POWERFUL):
            return self.serving[0 if name == LIGHT else -1]
        return self.upstreams.get(name)


def is_able(upstream: Upstream, asked: Asked) -> bool:
    """True where an upstream can do what is asked, its context aside."""
    return (upstream.tools or not asked.tools) and (upstream.vision or not asked.vision)


def is_long(upstream: Upstream, asked: Asked) -> bool:
    """True where what is asked seems to be too long for an upstream."""
    return upstream.context is not None and asked.tokens > upstream.context
