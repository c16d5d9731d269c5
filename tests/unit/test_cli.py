"""The commands: what they print and how they end."""

import json
import subprocess
import sys

import pytest
from random_bundle import random_bundle

from tiny_dancer import Policy, Router
from tiny_dancer.types import FIELDS

BUNDLE = random_bundle(1)


@pytest.fixture
def run(tmp_path):
    (tmp_path / "b.safetensors").write_bytes(BUNDLE)

    def call(*arguments, stdin=b""):
        return subprocess.run(
            [sys.executable, "-c", "from tiny_dancer.cli import main; main()", *arguments],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            timeout=60,
        )

    return call


def test_route_prints_one_json_object(run):
    done = run("route", "what is the city", "--json", "--bundle", "b.safetensors")
    assert done.returncode == 0
    plain = json.loads(done.stdout)
    assert tuple(plain) == FIELDS
    assert plain["score"] == Router(model=BUNDLE).route("what is the city").score


def test_route_prints_a_table_for_people(run):
    done = run("route", "what is the city", "--bundle", "b.safetensors")
    text = done.stdout.decode()
    assert done.returncode == 0
    for word in ("model", "reason", "confidence", "uncertainty", "score"):
        assert word in text


def test_a_dash_reads_standard_input_whatever_its_bytes(run):
    done = run("route", "-", "--json", "--bundle", "b.safetensors", stdin=b"what \xff is\xe2\x82")
    assert done.returncode == 0
    assert json.loads(done.stdout)["score"] == Router(model=BUNDLE).route("what  is").score


def test_a_bad_bundle_is_one_line_and_exit_code_1(run, tmp_path):
    (tmp_path / "bad.safetensors").write_bytes(BUNDLE[:-1])
    done = run("route", "x", "--bundle", "bad.safetensors")
    assert done.returncode == 1
    assert len(done.stderr.decode().strip().splitlines()) == 1
    assert done.stdout == b""


def test_wrong_usage_is_exit_code_2(run):
    assert run("route").returncode == 2
    assert run("nonsense").returncode == 2


def test_inspect_tells_what_is_inside_a_bundle(run):
    plain = json.loads(run("inspect", "b.safetensors", "--json").stdout)
    assert plain["bundle"]["sha256"] == Router(model=BUNDLE).bundle.bundle_hash
    assert plain["bundle"]["bytes"] == len(BUNDLE)
    assert plain["config"]["models"] == ["light", "powerful"]
    text = run("inspect", "b.safetensors").stdout.decode()
    assert plain["bundle"]["sha256"] in text


def test_inspect_tells_what_a_policy_is(run, tmp_path):
    (tmp_path / "p.json").write_text(Policy(0.5).to_json())
    plain = json.loads(run("inspect", "p.json", "--json").stdout)
    assert plain["policy"]["threshold"] == 0.5
    (tmp_path / "q.json").write_text("{}")
    assert run("inspect", "q.json").returncode == 1
    assert run("inspect", "missing.json").returncode == 1
