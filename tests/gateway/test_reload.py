"""Bundles, configs and candidates that are read anew hold up nobody, whatever lies there."""

import asyncio
import json
import os
import signal
import sys
import threading

import pytest
from gateway.processes import find_free_port
from gateway.running import ADMIN, KEY, config_of
from gateway.test_settings import ask, reload, started, wait_for
from patience import PATIENCE_S
from random_bundle import random_bundle

from tiny_dancer import Candidate, Router
from tiny_dancer.gateway import Gateway, Request, parse_json
from tiny_dancer.gateway.server.config_file import prepare_bundle
from tiny_dancer.history import MemoryStore
from tiny_dancer.hosts import open_scorer
from tiny_dancer.hosts.package_data import default_bundle_hash

KINDS = {"fifo": "FIFO", "device": "device", "folder": "directory", "sparse": "longer"}


def put_there(kind, path):
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(8 << 30)


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_no_bundle_is_refused_at_once_and_the_gateway_lives_and_ends(
    light, powerful, tmp_path, kind
):
    bundle, config = tmp_path / "bundle", tmp_path / "gateway.json"
    bundle.write_bytes(random_bundle(1))
    config.write_text(
        json.dumps(config_of(light.url, powerful.url, policy={"bundle": str(bundle)}))
    )
    port = find_free_port()
    code = "from tiny_dancer.cli import main; main()"
    options = ["serve", "--config", str(config), "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    with started([sys.executable, "-c", code, *options]) as process:
        wait_for(lambda: ask(url, KEY) == 200)
        put_there(kind, bundle)
        answer = reload(url)
        assert answer.status_code == 422 and KINDS[kind] in answer.json()["error"]["message"]
        os.kill(process.pid, signal.SIGHUP)
        wait_for(lambda: "not reloaded: The previous bundle stays" in process.stdout.readline())
        put_there(kind, config)
        answer = reload(url)
        assert answer.status_code == 422 and answer.json()["error"]["code"] == "bad_config"
        assert ask(url, KEY) == 200
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


HEADERS = {"content-type": "application/json"}
USER = {**HEADERS, "authorization": f"Bearer {KEY}"}
BOSS = {**HEADERS, "authorization": f"Bearer {ADMIN}"}
RAW = config_of("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1")


async def refuse(call):
    raise AssertionError("nobody is asked")


class Slow:
    """A scorer that holds up what it embeds, as thousands of texts do."""

    def __init__(self, scorer, passes):
        self._scorer, self._passes = scorer, passes

    def __getattr__(self, name):
        return getattr(self._scorer, name)

    def embed(self, text):
        assert self._passes.wait(PATIENCE_S)
        return self._scorer.embed(text)


def opened(bundle, passes, **more):
    """A gateway, not served, whose scorer is slow; it runs aside as on CPython."""
    config = parse_json(json.dumps(RAW), {}.get)
    store = MemoryStore()
    router = Router(
        config.router, model=bundle, store=store, scorer=lambda *a: Slow(open_scorer(*a), passes)
    )
    return Gateway(
        config, router, store, refuse, run_aside=asyncio.to_thread, log=lambda _: None, **more
    )


async def post(gateway, path, body, headers=USER):
    return await gateway.handle(Request("POST", path, headers, json.dumps(body).encode()))


ONE = {"id": "a", "text": "the city", "created_at": 1.0, "success_rate": 0.5}


def test_requests_are_answered_while_candidates_are_encoded():
    async def run():
        passes = threading.Event()
        gateway = opened(random_bundle(1, candidates=True), passes)
        await gateway.start()
        adding = asyncio.ensure_future(post(gateway, "/v1/candidates", ONE))
        for _ in range(20):
            await asyncio.sleep(0)
            answer = await post(gateway, "/v1/route", {"query_embedding": [1.0] * 32})
            assert answer.status == 200 and not adding.done()
        passes.set()
        assert (await asyncio.wait_for(adding, PATIENCE_S)).status == 200
        answer = await post(gateway, "/v1/route", {"prompt": "the city"})
        assert [row["candidate_id"] for row in json.loads(answer.body)["decisions"]] == ["a"]
        await gateway.router.aclose()

    asyncio.run(run())


def test_requests_are_answered_while_a_bundle_is_read_and_one_reload_goes_at_a_time():
    async def run():
        passes, begun = threading.Event(), threading.Event()

        def prepare(config):
            begun.set()
            assert passes.wait(PATIENCE_S)
            return gateway.router.prepare_model(random_bundle(2))

        gateway = opened(random_bundle(1), passes, prepare_bundle=prepare)
        await gateway.start()
        before = gateway.router.bundle.bundle_hash
        reloading = asyncio.ensure_future(post(gateway, "/admin/reload", {}, BOSS))
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)
        answer = await post(gateway, "/v1/route", {"prompt": "the city"})
        assert answer.status == 200 and gateway.router.bundle.bundle_hash == before
        again = await post(gateway, "/admin/reload", {}, BOSS)
        assert again.status == 409 and "under way" in json.loads(again.body)["error"]["message"]
        passes.set()
        assert (await asyncio.wait_for(reloading, PATIENCE_S)).status == 200
        assert gateway.router.bundle.bundle_hash != before
        await gateway.router.aclose()

    asyncio.run(run())


def test_stored_candidates_are_held_once_a_bundle_comes_that_scores_them(tmp_path):
    async def run():
        passes = threading.Event()
        passes.set()
        file = tmp_path / "bundle"
        file.write_bytes(random_bundle(2, candidates=True))

        def prepare(config):
            return gateway.router.prepare_model(file)

        gateway = opened(random_bundle(1), passes, prepare_bundle=prepare)
        await gateway.store.insert_candidates([Candidate(**ONE)])
        await gateway.start()
        assert (await post(gateway, "/admin/reload", {}, BOSS)).status == 200
        answer = await post(gateway, "/v1/route", {"prompt": "the city"})
        assert [row["candidate_id"] for row in json.loads(answer.body)["decisions"]] == ["a"]
        await gateway.router.aclose()

    asyncio.run(run())


def test_a_config_that_fits_no_longer_is_refused_by_name():
    async def run():
        passes = threading.Event()
        passes.set()

        def prepare(config):
            return lambda: gateway.router.reload_model(random_bundle(2, m=3))

        gateway = opened(random_bundle(1), passes, prepare_bundle=prepare)
        await gateway.start()
        before = gateway.config
        answer = await post(gateway, "/admin/reload", {}, BOSS)
        assert answer.status == 422
        assert json.loads(answer.body)["error"]["code"] == "bad_config"
        assert gateway.config is before
        await gateway.router.aclose()

    asyncio.run(run())


def test_a_config_that_names_no_bundle_any_more_has_the_shipped_one(tmp_path):
    async def run():
        passes = threading.Event()
        passes.set()
        file = tmp_path / "bundle"
        file.write_bytes(random_bundle(1))
        configs = [parse_json(json.dumps(RAW), {}.get)]
        gateway = opened(
            file,
            passes,
            prepare_bundle=lambda config: prepare_bundle(gateway.router, config),
            read_config=lambda: configs[-1],
        )
        await gateway.start()
        shipped = default_bundle_hash()
        for policy in ({"bundle": str(file)}, {}, {"bundle": str(file)}, {}):
            configs.append(parse_json(json.dumps(RAW | {"policy": policy}), {}.get))
            assert (await post(gateway, "/admin/reload", {}, BOSS)).status == 200
            is_shipped = gateway.router.bundle.bundle_hash == shipped
            assert is_shipped is (not policy)
        await gateway.router.aclose()

    asyncio.run(run())
