"""Policies: what is written is what is read, and every fault is named."""

import json
from dataclasses import replace

import pytest

from tiny_dancer import Policy, PolicyError
from tiny_dancer.policy import Certificate, Estimate, Target

FULL = Policy(
    threshold=0.125,
    target=Target("missed_failures", 0.05),
    estimate=Estimate(0.95, 0.4, 1200),
    certificate=Certificate(
        "missed_failures",
        0.05,
        0.1,
        1200,
        "clopper-pearson",
        "ltt",
        "d" * 64,
        "b" * 64,
        "2026-01-31",
    ),
    bundle_hash="b" * 64,
)


@pytest.mark.parametrize("policy", [Policy(0.5), FULL])
def test_json_round_trip_keeps_everything(policy):
    again = Policy.from_json(policy.to_json())
    assert again == policy
    assert again.id == policy.id


def test_id_depends_on_the_content():
    assert Policy(0.5).id != Policy(0.25).id


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version: 1 is needed"),
        ({"version": True}, "version"),
        ({"threshold": None}, "threshold: a number"),
        ({"threshold": 3}, r"threshold: a number in \[-2, 2\]"),
        ({"threshold": True}, "threshold"),
        ({"extra": 1}, "unknown name 'extra'"),
        ({"target": []}, "target: a JSON object"),
        ({"target": {"measure": "speed", "value": 1}}, "target.measure: one of"),
        ({"target": {"measure": "regret"}}, "target: value is missing"),
        ({"target": {"measure": "regret", "value": 1.5}}, "target.value"),
        ({"estimate": {"quality_kept": 1, "light_share": 2, "n": 1}}, "estimate.light_share"),
        ({"estimate": {"quality_kept": 1, "light_share": 0, "n": -1}}, "estimate.n"),
        ({"bundle_hash": ""}, "bundle_hash"),
    ],
)
def test_a_malformed_policy_names_its_fault(change, message):
    raw = FULL.to_dict() | change
    with pytest.raises(PolicyError, match=message):
        Policy.from_dict(raw)


@pytest.mark.parametrize("text", ["", "{", "[1]", "NaN", "[" * 100_000, '{"threshold": NaN}'])
def test_what_is_not_a_policy_is_refused(text):
    with pytest.raises(PolicyError):
        Policy.from_json(text)


def test_a_threshold_is_required():
    raw = FULL.to_dict()
    del raw["threshold"]
    with pytest.raises(PolicyError, match="threshold is missing"):
        Policy.from_dict(json.loads(json.dumps(raw)))


def test_deep_nesting_is_refused_before_it_is_parsed():
    with pytest.raises(PolicyError, match="nested deeper"):
        Policy.from_json('{"target": ' + "[" * 100_000 + "]" * 100_000 + "}")


@pytest.mark.parametrize(
    ("delta", "told"), [(0.05, "95%"), (0.05 / 3, "98.33%"), (1e-5, "99.99%"), (0.0, "100%")]
)
def test_a_certificate_tells_its_confidence_and_never_rounds_it_up_to_certainty(delta, told):
    assert replace(FULL.certificate, delta=delta).confidence == told
