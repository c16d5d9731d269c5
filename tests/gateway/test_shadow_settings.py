"""Settings of the shadow: what cannot work is refused by name."""

import pytest
from gateway.running import config_of

from tiny_dancer import Router
from tiny_dancer.gateway import ConfigError, Gateway
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.history import MemoryStore


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shadow": {"judge": "nobody"}}, "shadow.judge: there is no upstream 'nobody'"),
        ({"storage": {"hash_prompts": False}}, "storage.hash_prompts = true is needed"),
        ({"shadow": {"share": 1.5}}, "shadow.share: a number from 0 to 1"),
        ({"shadow": {"wish": 1}}, "shadow.wish: no such setting"),
        ({"shadow": {"money_a_day": 1.0}, "free": True}, "price_in and price_out of upstream"),
    ],
)
def test_settings_that_cannot_work_are_refused(light, powerful, changes, message):
    raw = config_of(light.url, powerful.url)
    if changes.pop("free", False):
        del raw["upstreams"][0]["price_in"], raw["upstreams"][0]["price_out"]
    raw |= {**changes, "shadow": {"share": 0.5, **changes.get("shadow", {})}}
    with pytest.raises(ConfigError, match=message):
        config, store = read_config(raw, {}.get), MemoryStore()
        Gateway(config, Router(config.router, store=store), store, None)
