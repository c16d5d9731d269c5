"""A config is read whole or refused with the place at fault."""

import json

import pytest
from gateway.running import config_of

from tiny_dancer.config import Price
from tiny_dancer.gateway import ConfigError, parse_json, parse_toml
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.gateway.routing.upstreams import Upstreams

TOML = """
anonymous = true
cors = ["https://app.example"]

[[upstreams]]
name = "small"
serves = "light"
base_url = "http://127.0.0.1:11434/v1/"
model = "llama3.2:3b"

[[upstreams]]
name = "big"
serves = "powerful"
base_url = "https://api.example.com/v1"
model = "large"
key_env = "BIG_KEY"
price_in = 2.5
price_out = 10
context = 128_000
vision = true

[storage]
path = "history.db"
max_records = 1000

[breaker]
open_s = 5.0

[limits]
retries = 2
"""


def no_secret(_):
    return None


def test_toml_and_json_have_one_schema():
    import tomllib

    config = parse_toml(TOML, {"BIG_KEY": "sk-1"}.get)
    assert parse_json(json.dumps(tomllib.loads(TOML)), {"BIG_KEY": "sk-1"}.get) == config
    small, big = config.upstreams
    assert small.base_url == "http://127.0.0.1:11434/v1" and small.key is None
    assert big.key == "sk-1" and big.price == Price(2.5, 10) and big.context == 128_000
    assert (config.storage, config.history.max_records) == ("history.db", 1000)
    assert config.breaker.open_s == 5.0 and config.limits.retries == 2
    assert config.router.history.prices == {}  # the gateway reckons by its upstreams


def test_a_key_is_never_shown():
    config = parse_toml(TOML, {"BIG_KEY": "sk-1"}.get)
    assert "sk-1" not in repr(config)


def test_what_does_not_parse_is_named_by_its_line():
    with pytest.raises(ConfigError, match="line 2"):
        parse_toml("a = 1\nb = \n", no_secret)
    with pytest.raises(ConfigError, match="line 2"):
        parse_json('{"a":\n}', no_secret)


def changed(path, value):
    """The config of the tests with one value changed; None takes it out."""
    raw = config_of("http://a.example/v1", "http://b.example/v1")
    at = raw
    *way, last = path
    for step in way:
        at = at.setdefault(step, {}) if isinstance(at, dict) else at[step]
    at[last] = value
    if value is None:
        del at[last]
    return raw


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("upstreams",), [], "upstreams: at least one of kind chat"),
        (("upstreams",), 7, "upstreams: a list of tables"),
        (("upstreams", 0), "x", r"upstreams\[0\]: a table"),
        (("upstreams", 1, "base_url"), "ftp://x", r"upstreams\[1\]\.base_url"),
        (("upstreams", 1, "base_url"), "http://u:p@h/v1", r"upstreams\[1\]\.base_url"),
        (("upstreams", 1, "base_url"), "http://h/v1?k=1", r"upstreams\[1\]\.base_url"),
        (("upstreams", 1, "base_url"), None, r"upstreams\[1\]\.base_url: it is missing"),
        (("upstreams", 0, "name"), "auto", r"upstreams\[0\]\.name"),
        (("upstreams", 0, "name"), "a b", r"upstreams\[0\]\.name"),
        (("upstreams", 0, "name"), "big", r"upstreams\[1\]: another"),
        (("upstreams", 0, "serves"), "powerful", r"upstreams\[1\]: another"),
        (("upstreams", 0, "colour"), "red", r"upstreams\[0\]\.colour: no such setting"),
        (("upstreams", 0, "price_in"), None, r"upstreams\[0\]\.price_in: price_in and price_out"),
        (("upstreams", 0, "timeout_s"), 0, r"upstreams\[0\]\.timeout_s: a number"),
        (("upstreams", 0, "tools"), 1, r"upstreams\[0\]\.tools: true or false"),
        (
            ("upstreams", 0, "key_env"),
            "NOBODY_SET_THIS",
            r"upstreams\[0\]\.key_env: NOBODY_SET_THIS is not set",
        ),
        (("upstreams", 2, "serves"), "light", r"upstreams\[2\]"),
        (("keys",), [], "keys: at least one is needed"),
        (("keys", 0, "sha256"), "abc", r"keys\[0\]\.sha256: 64 hexadecimal digits"),
        (("anonymous",), True, "anonymous: it and keys exclude each other"),
        (("cors",), ["app.example"], r"cors\[0\]"),
        (("limits", "retries"), 11, r"limits\.retries: a whole number from 0 to 10"),
        (("limits", "speed"), 11, r"limits\.speed: no such setting"),
        (("policy", "quality"), 2, r"policy\.quality"),
        (("policy", "sticky"), "always", r"policy\.sticky: true, false or \"cost\""),
        (("policy", "sticky"), 1, r"policy\.sticky: true, false or \"cost\""),
        (("policy", "idle_s"), 0, r"policy\.idle_s: a number"),
        (("upstreams", 0, "effort"), "very high", r"upstreams\[0\]\.effort: a word"),
        (("upstreams", 2, "price_cached_in"), 1, r"upstreams\[2\]\.price_in: it is missing"),
        (("upstreams", 0, "price_cache_write"), -1, r"upstreams\[0\]\.price_cache_write: a number"),
        (("breaker", "open_s"), -1, r"breaker\.open_s"),
        (("breaker", "colour"), 1, r"breaker\.colour: no such setting"),
        (("storage", "batch"), 0, r"storage\.batch"),
        (("colour",), 1, "colour: no such setting"),
    ],
)
def test_a_value_at_fault_is_named_by_its_path(path, value, message):
    with pytest.raises(ConfigError, match=f"^{message}"):
        read_config(changed(path, value), no_secret)


def test_what_a_session_is_weighed_by_is_read():
    raw = changed(("policy", "sticky"), "cost")
    raw["upstreams"][0] |= {"price_cached_in": 0.1, "price_cache_write": 1.25, "effort": "low"}
    config = read_config(raw, no_secret)
    assert (config.policy.sticky, config.policy.idle_s) == ("cost", 3600.0)
    small, big, _ = config.upstreams
    assert small.price == Price(1.0, 2.0, 0.1, 1.25) and small.effort == "low"
    assert big.price == Price(10.0, 20.0) and big.effort is None
    for value in (True, False):
        read = read_config(changed(("policy", "sticky"), value), no_secret)
        assert read.policy.sticky is value


def test_every_model_of_the_bundle_needs_an_upstream():
    raw = changed(("upstreams", 1, "serves"), "middle")
    config = read_config(raw, no_secret)
    with pytest.raises(ConfigError, match=r"upstreams\[1\]\.serves"):
        Upstreams.arrange(config, ("light", "powerful"))
    with pytest.raises(ConfigError, match='none serves = "powerful"'):
        Upstreams.arrange(config, ("light", "middle", "powerful"))


def test_light_and_powerful_stand_for_the_ends_of_any_bundle():
    config = read_config(changed(("upstreams", 0, "name"), "tiny"), no_secret)
    upstreams = Upstreams.arrange(config, ("mistral-7b", "gpt-4"))
    assert [one.name for one in upstreams.serving] == ["tiny", "big"]
    assert upstreams.find("light") is upstreams.find("mistral-7b") is upstreams.find("tiny")
    assert upstreams.find("nobody") is None
