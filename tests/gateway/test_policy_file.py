"""`policy.file`: a certified policy that the config names; and a rubric's file beside it."""

import json
from dataclasses import replace

import httpx
import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.processes import cpython, find_free_port
from gateway.running import ADMIN, KEY, config_of
from gateway.test_serve import COMMAND
from gateway.test_settings import reload
from patience import PATIENCE_S
from random_bundle import random_bundle

from tiny_dancer import InvalidInputError, Reason, Router, RouterConfig
from tiny_dancer.gateway import ConfigError, parse_json
from tiny_dancer.gateway.server.config_file import read_file
from tiny_dancer.policy import Certificate, Policy, Target

MADE = Certificate("quality_kept", 0.9, 0.05, 400, "betting", "test", "d", "b", "2026-01-01")
SHIPPED = Router().bundle.bundle_hash
ALL_LIGHT = Policy(2.0, Target("quality_kept", 0.9), None, MADE, SHIPPED)


def ask(url: str, prompt: str = HARD, model: str = "auto") -> dict[str, str]:
    headers = {"authorization": f"Bearer {KEY}"}
    body = chat(prompt, model=model)
    path = f"{url}/v1/chat/completions"
    return told(httpx.post(path, json=body, headers=headers, timeout=PATIENCE_S, trust_env=False))


def admin(url: str, path: str, body: dict | None = None) -> dict:
    headers = {"authorization": f"Bearer {ADMIN}"}
    call = "GET" if body is None else "POST"
    return httpx.request(
        call, f"{url}{path}", json=body, headers=headers, timeout=PATIENCE_S, trust_env=False
    ).json()


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "policy.json"
    file.write_text(ALL_LIGHT.to_json())
    return file


def test_a_named_policy_decides_is_watched_and_goes_with_its_name(light, powerful, tmp_path, file):
    raw = config_of(light.url, powerful.url, storage={"path": str(tmp_path / "h.db")})
    config = tmp_path / "gateway.json"
    with cpython(raw | {"policy": {"file": str(file)}}, tmp_path) as url:
        said = ask(url)
        assert (said["policy"], said["served-by"]) == (ALL_LIGHT.id, "small")
        assert admin(url, "/admin/drift", {})["drift"]["policy_id"] == ALL_LIGHT.id
        assert admin(url, "/v1/report")["policy"]["id"] == ALL_LIGHT.id
        changed = replace(ALL_LIGHT, threshold=-2.0)
        file.write_text(changed.to_json())
        assert reload(url).status_code == 200
        assert (ask(url)["policy"], ask(url)["served-by"]) == (changed.id, "big")
        file.write_text('{"version": 1, "threshold": 7}')
        answer = reload(url)
        assert answer.status_code == 422 and "threshold" in answer.json()["error"]["message"]
        assert ask(url)["policy"] == changed.id
        config.write_text(json.dumps(raw))
        assert reload(url).status_code == 200
        assert ask(url, EASY)["policy"] not in (changed.id, ALL_LIGHT.id)
        assert admin(url, "/admin/drift", {})["drift"] is None


def test_a_policy_of_another_bundle_is_powerful(light, powerful, tmp_path, file):
    file.write_text(replace(ALL_LIGHT, bundle_hash="0" * 64).to_json())
    raw = config_of(light.url, powerful.url, policy={"file": str(file)})
    with cpython(raw, tmp_path) as url:
        said = ask(url, EASY)
        assert (said["served-by"], said["reason"]) == ("big", "policy_mismatch")


def test_a_policy_older_than_the_stored_one_of_its_target_is_stale(running, client, file):
    gateway = running(policy={})
    store, router = gateway.gateway.store, gateway.router
    later = replace(ALL_LIGHT, certificate=replace(MADE, date="2026-02-01"))
    gateway.wait(store.swap_state("policy", SHIPPED, later.to_json(), 0))
    config = replace(
        gateway.config, policy=replace(gateway.config.policy, certified=ALL_LIGHT, file="p")
    )

    async def change():
        gateway.gateway.take_config(config)
        await router.refresh()

    gateway.wait(change())
    said = ask(gateway.url, EASY)
    assert (said["served-by"], said["reason"]) == ("big", "policy_stale")
    said = ask(gateway.url, EASY, "auto:quality=0.5")
    assert (said["served-by"], said["reason"]) == ("big", "policy_stale")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ('{"version": 2, "threshold": 0}', "version: 1 is needed, got 2"),
        ('{"version": 1, "threshold": 0, "wish": 1}', "unknown name 'wish'"),
        (Policy(0.1).to_json(), "certificate: it is missing"),
        (None, "no such file"),
    ],
    ids=["text", "version", "name", "certificate", "file"],
)
def test_a_broken_file_is_told_in_one_line_before_anything_starts(
    light, powerful, tmp_path, text, message
):
    import subprocess

    file, config = tmp_path / "policy.json", tmp_path / "gateway.json"
    if text is not None:
        file.write_text(text)
    config.write_text(json.dumps(config_of(light.url, powerful.url, policy={"file": str(file)})))
    done = subprocess.run(
        [*COMMAND, "--config", str(config), "--port", str(find_free_port())],
        capture_output=True,
        timeout=PATIENCE_S,
    )
    said = done.stderr.decode()
    assert done.returncode == 1 and message.lower() in said.lower() and "policy.file" in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize("more", [{"quality": 0.9}, {"confidence_threshold": 0.5}])
def test_it_excludes_quality_and_the_gate(light, powerful, file, more, tmp_path):
    config = tmp_path / "gateway.json"
    policy = {"file": str(file), **more}
    config.write_text(json.dumps(config_of(light.url, powerful.url, policy=policy)))
    with pytest.raises(ConfigError, match=r"policy\.file: it excludes quality and the gate"):
        read_file(config)


@pytest.mark.parametrize(
    "changes", [{"policy": {"file": "p.json"}}, {"shadow": {"rubric": "rubric.txt"}}]
)
def test_where_there_are_no_files_it_is_refused_by_name(light, powerful, changes):
    text = json.dumps(config_of(light.url, powerful.url, **changes))
    with pytest.raises(ConfigError, match="no files on this host"):
        parse_json(text, {}.get)


def test_a_rubric_is_a_file_or_a_text_of_several_lines(light, powerful, tmp_path):
    def read(rubric: str):
        config = tmp_path / "gateway.json"
        config.write_text(json.dumps(config_of(light.url, powerful.url, shadow={"rubric": rubric})))
        return read_file(config).shadow.rubric

    file = tmp_path / "rubric.txt"
    file.write_text("Mark by the length alone.\n")
    assert read(str(file)) == "Mark by the length alone.\n"
    assert read("Mark.\nBy length.") == "Mark.\nBy length."
    file.write_text("")
    for odd in (str(file), str(tmp_path / "none.txt"), ""):
        with pytest.raises(ConfigError, match=r"shadow\.rubric"):
            read(odd)


def test_a_gate_stays_where_no_policy_is_given():
    gate = RouterConfig(confidence_threshold=1.0)
    with Router(gate, model=random_bundle(3)) as router:
        router.use_policy(None)
        assert router.route("the city").reason is Reason.GATE_CONFIDENCE
        with pytest.raises(InvalidInputError, match="exclude each other"):
            router.use_policy(Policy(2.0))


def test_a_router_follows_the_policy_it_is_given_later():
    with Router(model=random_bundle(3)) as router:
        for policy in (Policy(-2.0), Policy(2.0)):
            router.use_policy(policy)
            decision = router.route("the city of the proof")
            assert decision.policy_id == policy.id
            assert decision.use_lightweight is (policy.threshold > 0)
        router.use_policy(None)
        assert router.route("the city").policy_id == router.bundle.policy.id
