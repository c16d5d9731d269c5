"""Odd price tables, candidates, configs and bundles through the commands that take them."""

import json

import pytest
from gateway.processes import find_free_port
from random_bundle import random_bundle
from tables.commands import run
from tables.odd_file import SIMPLE_CSV
from tables.odd_others import CANDIDATE_FILES, CONFIG_FILES, OTHERS, PRICE_FILES, PRICES

from tiny_dancer.adapt import read_prices

OLD = b"what was there"


def each(files):
    return pytest.mark.parametrize("odd", files, ids=lambda odd: odd.name)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b").write_bytes(random_bundle(1, candidates=True))
    (tmp_path / "labels.csv").write_text(SIMPLE_CSV)
    return tmp_path


def check_refused(ended, odd, prefix=None):
    lines = ended.err.strip().splitlines()
    assert ended.code == 1, ended
    assert ended.out == ""
    assert len(lines) == 1, ended.err
    assert lines[0].startswith(f"tiny-dancer: {odd.name if prefix is None else prefix}"), ended.err
    assert odd.says in lines[0], (odd.says, ended.err)
    assert len(lines[0]) < 400


@each(PRICE_FILES)
def test_prices_are_read_rightly_or_refused_before_anything_is_written(odd, folder):
    pytest.importorskip("matplotlib")
    (folder / odd.name).write_bytes(odd.data)
    (folder / "out").write_bytes(OLD)
    ended = run("eval", "b", "labels.csv", "--prices", odd.name, "--json", "out")
    if odd.rows is not None:
        assert read_prices(odd.name) == PRICES
        assert ended.code == 0, ended.err
        assert json.loads((folder / "out").read_text())["prices"] == PRICES
    else:
        named = "labels.csv" if "price table has no" in odd.says else odd.name
        check_refused(ended, odd, named) if named == odd.name else None
        assert ended.code == 1
        assert (folder / "out").read_bytes() == OLD
        trained = run("train", "labels.csv", "--prices", odd.name, "--out", "out", "--start", "b")
        check_refused(trained, odd, named)
        assert (folder / "out").read_bytes() == OLD


@each(CANDIDATE_FILES)
def test_candidates_are_read_rightly_or_refused_by_place(odd, folder):
    (folder / odd.name).write_bytes(odd.data)
    ended = run("route", "the city", "--json", "--bundle", "b", "--candidates", odd.name)
    if odd.rows is None:
        check_refused(ended, odd)
    else:
        assert ended.code == 0, ended.err
        found = {row["candidate_id"] for row in json.loads(ended.out)["decisions"]}
        assert found == {"city", "proof"}


@each(CONFIG_FILES)
def test_configs_are_read_rightly_or_refused_by_place(odd, folder, monkeypatch):
    serving = pytest.importorskip("tiny_dancer.gateway.server.server")
    (folder / odd.name).write_bytes(odd.data)
    started = []

    def run_instead(settings, listener, *rest):
        listener.close()
        started.append(settings)

    monkeypatch.setattr(serving, "run", run_instead)
    ended = run("serve", "--config", odd.name, "--port", find_free_port())
    if odd.rows is None:
        check_refused(ended, odd)
        assert not started
    else:
        assert ended.code == 0, ended.err
        assert [up.name for up in started[0].upstreams] == ["a", "b"]


@each(OTHERS)
def test_what_is_no_bundle_is_said_by_name(odd, folder):
    (folder / odd.name).write_bytes(odd.data)
    check_refused(run("inspect", odd.name), odd)
    check_refused(run("route", "x", "--bundle", odd.name), odd)
    check_refused(run("adapt", odd.name, "labels.csv", "--out", "c"), odd)
    assert not (folder / "c").exists()
