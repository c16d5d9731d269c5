"""Attacks on the metadata: hash, versions, configuration, policy. All but the first are sealed."""

import json

from attacks.files import (
    GOOD,
    PLAIN,
    rewritten,
    set_candidate,
    set_config,
    set_metadata,
    with_hash,
)

from tiny_dancer.model.safetensors import parse
from tiny_dancer.policy import Policy

DIGITS, PLAIN_DIGITS = (parse(data)[0]["sha256"] for data in (GOOD, PLAIN))
_POLICY = json.dumps(Policy(0.25).to_dict())


def config(**values):
    return rewritten(set_config(**values))


def metadata(name, value):
    return rewritten(set_metadata(name, value))


def without_metadata(*names):
    def change(metadata, _):
        for name in names:
            del metadata[name]

    return rewritten(change)


METADATA = {
    "one byte changed": (GOOD[:-1] + bytes([GOOD[-1] ^ 1]), "sha256: the content's is"),
    "hash of another file": (with_hash(GOOD, PLAIN_DIGITS), "sha256: the content's is"),
    "hash of zeros": (with_hash(GOOD, "0" * 64), "sha256: the content's is"),
    "hash in capitals": (with_hash(GOOD, "A" * 64), "sha256: 64 hexadecimal digits"),
    "hash of spaces": (with_hash(GOOD, " " * 64), "sha256: 64 hexadecimal digits"),
    "hash twice in the file": (
        with_hash(metadata("provenance", json.dumps({"sha256": DIGITS})), DIGITS),
        "sha256: its digits must stand in the file exactly once",
    ),
    "no hash": (without_metadata("sha256"), "metadata: exactly"),
    "no config": (without_metadata("config"), "metadata: exactly"),
    "one name more": (metadata("extra", "1"), "metadata: exactly"),
    "another format": (metadata("format", "pt"), "format: 'pt', 'tiny-dancer-bundle' is needed"),
    "a later format": (metadata("format_version", "2"), "format_version: '2', '1' is needed"),
    "wrong Unicode version": (
        metadata("unicode_version", "15.1.0"),
        "unicode_version: '15.1.0', '16.0.0' is needed",
    ),
    "config nested deep": (metadata("config", "[" * 30_000), "config: not JSON.*nested deeper"),
    "config a list": (metadata("config", "[]"), "config: not JSON.*a JSON object"),
    "config twice over": (
        rewritten(lambda m, _: m.update(config=m["config"][:-1] + ',"lambda":0.1}')),
        "config: not JSON.*a name occurs twice",
    ),
    "config with NaN": (
        rewritten(lambda m, _: m.update(config=m["config"].replace("0.75", "NaN"))),
        "config: not JSON.*NaN is not a number",
    ),
    "provenance cut": (metadata("provenance", "{"), "provenance: not JSON"),
    "provenance above all floats": (metadata("provenance", '{"a":-1e400}'), "provenance: not JSON"),
    "provenance with half a surrogate pair": (
        metadata("provenance", '{"a":["\\udfff"]}'),
        "provenance: not JSON.*surrogates",
    ),
    "provenance seventeen deep": (
        metadata("provenance", '{"a":' * 17 + "1" + "}" * 17),
        "provenance: not JSON.*deeper than 16",
    ),
    "policy without a version": (metadata("policy", "{}"), "policy: version"),
    "policy of a later version": (
        metadata("policy", _POLICY.replace('"version": 1', '"version": 2')),
        "policy: version: 1 is needed",
    ),
    "policy beyond its bound": (
        metadata("policy", _POLICY.replace("0.25", "2.5")),
        r"policy: threshold: a number in \[-2, 2\]",
    ),
    "policy that names a bundle": (
        metadata("policy", Policy(0.1, bundle_hash=DIGITS[:40]).to_json()),
        "policy: inside a bundle it must not name a bundle",
    ),
}

CONFIG = {
    "one model": (config(models=["light"]), "config: models must be 2 names"),
    "three models": (config(models=["a", "b", "c"]), "config: models must be 2 names"),
    "two models of one name": (
        config(models=["a", "a"]),
        r"config: models\[1\] \('a'\): another model has this name",
    ),
    "model a list": (config(models=[["a"], "b"]), r"config: models\[0\] .* printable"),
    "model without a name": (config(models=["", "b"]), r"config: models\[0\] .* printable"),
    "model that moves the cursor": (
        config(models=["\x1b[2J", "b"]),
        r"config: models\[0\] .* printable",
    ),
    "model of 101 letters": (config(models=["a" * 101, "b"]), r"config: models\[0\] .* 1 to 100"),
    "model with a space": (config(models=["a b", "c"]), r"models\[0\] .* no space"),
    "model with a no-break space": (config(models=["a\xa0b", "c"]), r"models\[0\] .* no space"),
    "model with a line's end": (config(models=["a\r\nx: y", "c"]), r"models\[0\] .* no space"),
    "model auto": (config(models=["a", "auto"]), r"models\[1\] .*auto is the router's own"),
    "model auto with a target": (config(models=["auto:risk=1", "a"]), "auto is the router's own"),
    "powerful first": (
        config(models=["powerful", "a"]),
        "powerful that of the last",
    ),
    "light last": (config(models=["a", "light"]), r"models\[1\] .*light is the name of the first"),
    "light and powerful the other way round": (
        config(models=["powerful", "light"]),
        r"models\[0\] .*light is the name of the first",
    ),
    "lambda above one": (config(**{"lambda": 1.5}), "config: lambda must be a number in"),
    "zeta true": (config(zeta=True), "config: zeta must be a number in"),
    "nu null": (config(nu=None), "config: nu must be a number in"),
    "nu below zero": (config(nu=-0.1), "config: nu must be a number in"),
    "unknown token beyond the vocabulary": (
        config(unknown=60),
        "unknown must be a token id below 60",
    ),
    "unknown token a float": (config(unknown=0.0), "unknown must be a token id"),
    "one number for unfamiliar": (config(unfamiliar=[1]), "unfamiliar must be two numbers"),
    "unfamiliar beyond its bound": (config(unfamiliar=[1e13, 0]), "unfamiliar must be two numbers"),
    "one name more in config": (config(more=1), "config: exactly"),
    "candidate null": (config(candidate=None), "config: candidate needs exactly"),
    "candidate empty": (config(candidate={}), "config: candidate needs exactly"),
    "candidate with one name more": (rewritten(set_candidate(x=1)), "candidate needs exactly"),
    "candidate zeta of two": (rewritten(set_candidate(zeta=2)), "candidate.zeta must be"),
    "candidate bias a text": (rewritten(set_candidate(bias="0")), "candidate.bias must be"),
    "half-life of zero": (rewritten(set_candidate(half_life_s=0)), "candidate.half_life_s must be"),
    "cap with a fraction": (rewritten(set_candidate(count_cap=1.5)), "candidate.count_cap must be"),
    "candidate threshold of NaN as text": (rewritten(set_candidate(threshold="NaN")), "threshold"),
}
