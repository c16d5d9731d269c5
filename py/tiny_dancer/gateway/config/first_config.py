"""A first config for two providers, with comments, to begin with."""

import json
from typing import Final

from ...errors import InvalidInputError
from .providers import PROVIDERS, Provider

_TEXT: Final = """\
# A gateway before two models: clients ask for the model "auto", and each request goes to the light
# one where that is good enough. docs/gateway.md lists all settings.
#
{steps}#   tiny-dancer serve --config {file}

anonymous = true                    # no key is asked for: for your own machine alone. Else:
# [[keys]]
# name = "team"
# sha256 = "..."                    # printf %s KEY | sha256sum

{upstreams}
[storage]
path = "history.db"                 # decisions and outcomes; no prompt is kept

[policy]
mode = "on"                         # "observe" routes nothing, and records what it would do
# quality = 0.95                    # share of the powerful model's quality to keep, an estimate
# sticky = false                    # a conversation may go back to the light model

# [aliases]                         # names that clients ask for already
# "gpt-4o" = "auto"

# [decisions.tier]                  # questions of decision models, docs/decisions.md
# labels = {{ cheap = "light", dear = "powerful" }}
"""

_UPSTREAM: Final = """\
[[upstreams]]
name = {name}
serves = "{role}"
base_url = "{base_url}"
model = {model}
api = {api}{key}
{price}
# tools = false                     # what it cannot do, or can: see docs/gateway.md
# vision = true
# context = 128000                  # tokens of prompt and answer together
"""


def write_first_config(light: str, powerful: str, file: str) -> str:
    """A config as TOML, with comments.

    Args:
        light: the light model as `PROVIDER:MODEL`, such as `ollama:llama3.2:3b`.
        powerful: the powerful one.
        file: where it will be, for the comment that says how it is served.

    Raises:
        InvalidInputError: one of them is not of this form, or its provider is not known.
    """
    chosen = {"light": _read_model("light", light), "powerful": _read_model("powerful", powerful)}
    is_same = len({name for name, _ in chosen.values()}) == 1
    providers = {role: PROVIDERS[name] for role, (name, _) in chosen.items()}
    keys = dict.fromkeys(one.key_env for one in providers.values() if one.key_env is not None)
    return _TEXT.format(
        steps="".join(f"#   export {key}=...\n" for key in keys),
        file=file,
        upstreams="\n".join(
            _write_upstream(role, f"{name}-{role}" if is_same else name, model, providers[role])
            for role, (name, model) in chosen.items()
        ),
    )


def _read_model(role: str, text: str) -> tuple[str, str]:
    provider, _, model = text.partition(":")
    if provider not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        raise InvalidInputError(
            f"{role}: PROVIDER:MODEL is needed, with a provider of {known}; got {text!r:.60}"
        )
    if not model or not model.isprintable() or len(model) > 200:
        raise InvalidInputError(
            f"{role}: the model is missing; such as {provider}:MODEL, as {provider} calls it"
        )
    return provider, model


def _write_upstream(role: str, name: str, model: str, provider: Provider) -> str:
    key, price = "", "price_in = 0.0                      # it runs here\nprice_out = 0.0"
    if not provider.is_local:
        key = f'\nkey_env = "{provider.key_env}"'
        price = (
            "# price_in = 1.00                   # money for a million tokens; without prices\n"
            "# price_out = 4.00                  # nothing is known to be saved"
        )
    return _UPSTREAM.format(
        name=json.dumps(name),
        role=role,
        base_url=provider.base_url,
        model=json.dumps(model),
        api=json.dumps(provider.api),
        key=key,
        price=price,
    )
