"""The upstreams in the order of the bundle's models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...decisions import check_models
from ...errors import InvalidInputError
from ...model import Bundle
from ...policy.preference import LIGHT, POWERFUL
from ..config.error import ConfigError
from ..config.settings import GatewayConfig
from ..config.upstream import Upstream
from .conversation import NEEDS, Conversation

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Upstreams:
    """The configured upstreams, and which model each serves.

    Attributes:
        models: the bundle's models, cheapest first.
        serving: the upstream of each.
        by_name: all of them by name.
        aliases: a name that clients ask for, and the name it stands for.
    """

    models: tuple[str, ...]
    serving: tuple[Upstream, ...]
    by_name: Mapping[str, Upstream]
    aliases: Mapping[str, str]

    @classmethod
    def arrange(cls, config: GatewayConfig, models: Sequence[str]) -> "Upstreams":
        """Arrange them for a bundle's models.

        Raises:
            ConfigError: a model has no upstream, an upstream serves none of them, one's name is
                that of another's model, an alias stands for nothing, or a question is about no
                model.
        """
        ends = {LIGHT: models[0], POWERFUL: models[-1]}
        serving: dict[str, Upstream] = {}
        for at, one in enumerate(config.upstreams):
            served = ends.get(one.serves or "", one.serves)
            if served is not None and (served not in models or served in serving):
                names = ", ".join(models)
                raise ConfigError(
                    f"upstreams[{at}].serves: one upstream for each of {names} is needed, "
                    f"got {one.serves!r}"
                )
            if one.name in (*models, *ends) and ends.get(one.name, one.name) != served:
                raise ConfigError(
                    f"upstreams[{at}].name: {one.name!r} is a model it does not serve"
                )
            if served is not None:
                serving[served] = one
        for model in models:
            if model not in serving:
                raise ConfigError(f'upstreams: none serves = "{model}"')
        arranged = cls(
            tuple(models),
            tuple(serving[model] for model in models),
            {one.name: one for one in config.upstreams},
            config.aliases,
        )
        for alias, name in config.aliases.items():
            if alias == AUTO or arranged.find(alias) is not None:
                raise ConfigError(f"aliases.{alias}: it is the name of a model or upstream already")
            if name.partition(":")[0] != AUTO and arranged.find(name) is None:
                raise ConfigError(f"aliases.{alias}: there is no model or upstream {name!r}")
        try:
            check_models(config.decisions, models, "decisions")
        except InvalidInputError as error:
            raise ConfigError(str(error)) from None
        return arranged

    def find(self, name: str) -> Upstream | None:
        """The upstream of this name or of this model, of `light` or of `powerful`."""
        if name in self.models:
            return self.serving[self.models.index(name)]
        if name in (LIGHT, POWERFUL):
            return self.serving[0 if name == LIGHT else -1]
        return self.by_name.get(name)

    def find_asked(self, name: object) -> Upstream:
        """Whom a client asks for by a name: where it stands for another, who has it at a provider.

        The powerful model's upstream where the router decides.
        """
        if isinstance(name, str) and name in self.aliases:
            for one in self.by_name.values():
                if one.kind == "chat" and one.model == name:
                    return one
            name = self.aliases[name]
        found = self.find(name) if isinstance(name, str) else None
        return found if found is not None else self.serving[-1]

    def list_names(self) -> tuple[str, ...]:
        """Every name that a client may ask for."""
        names = (AUTO, LIGHT, POWERFUL, *self.models, *self.by_name, *self.aliases)
        return tuple(dict.fromkeys(names))


def list_models_of(bundle: Bundle | None) -> tuple[str, ...]:
    """Names of a bundle's models, cheapest first."""
    return bundle.config.models if bundle is not None else (POWERFUL,)


def list_lacks(upstream: Upstream, conversation: Conversation) -> list[str]:
    """Words for what a conversation needs and an upstream has not, its context aside."""
    needs = conversation.needs
    lacks = [word for need, word in NEEDS.items() if need in needs and not getattr(upstream, need)]
    if conversation.format not in upstream.api:
        if "chat" not in upstream.api:
            lacks.append(f"{conversation.format} requests")
        elif conversation.refusal is not None:
            lacks.append(str(conversation.refusal.param))
    return lacks


def is_able(upstream: Upstream, conversation: Conversation) -> bool:
    """True where an upstream can serve a conversation, its context aside."""
    if not conversation.needs and conversation.format in upstream.api:
        return True
    return not list_lacks(upstream, conversation)


def is_long(upstream: Upstream, conversation: Conversation) -> bool:
    """True where a conversation seems to be too long for an upstream."""
    return upstream.context is not None and conversation.tokens > upstream.context
