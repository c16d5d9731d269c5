"""Whether a config and a bundle fit each other, found out before either is put into service."""

from ...model import Bundle
from ..config.key import check_keys
from ..config.settings import GatewayConfig
from ..config.shadow import check_shadow
from .model_name import QualityPolicies
from .upstreams import Upstreams, list_models_of


def fit_config(config: GatewayConfig, bundle: Bundle | None) -> tuple[Upstreams, QualityPolicies]:
    """The upstreams in the order of the bundle's models, and the policies by quality.

    Raises:
        ConfigError: the upstreams do not fit the bundle's models, or the shadow or a key does not
            fit both.
        PolicyError: the bundle cannot estimate what the config asks for.
    """
    upstreams = Upstreams.arrange(config, list_models_of(bundle))
    priced = {one.name: one.price is not None for one in config.upstreams if one.kind == "chat"}
    check_shadow(
        config.shadow,
        len(upstreams.models),
        priced,
        hash_prompts=config.history.hash_prompts,
    )
    check_keys(config.keys, upstreams.list_names(), priced)
    policies = QualityPolicies(config.policy.quality)
    policies.find_default(bundle)
    for key in config.keys:
        if key.policy is not None and bundle is not None:
            policies.estimate(bundle, float(key.policy.partition("=")[2]))
    return upstreams, policies
