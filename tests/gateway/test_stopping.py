"""SIGTERM, the processes of `--workers`, and what they say when they cannot start."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gateway.asking import EASY, chat
from gateway.processes import Served, find_free_port, serve, wait_for
from gateway.running import KEY, config_of
from patience import PATIENCE_S, wait_until
from prometheus_client.parser import text_string_to_metric_families

HEADERS = {"authorization": f"Bearer {KEY}"}


def settings(light, powerful, tmp_path, grace_s=0.3):
    storage = {"path": str(tmp_path / "history.db")}
    return config_of(light.url, powerful.url, storage=storage, limits={"grace_s": grace_s})


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def is_listening(url):
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as line:
        return line.connect_ex((host, int(port))) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stream_past_the_grace_ends_with_an_error_event(
    light, powerful, tmp_path, workers, number
):
    light.behaviour = "stall"
    raw = settings(light, powerful, tmp_path)
    body = chat(EASY, model="light", stream=True)
    with (
        serve(raw, tmp_path, "--workers", workers) as served,
        httpx.stream("POST", f"{served.url}/v1/chat/completions", json=body, headers=HEADERS,
                     timeout=PATIENCE_S, trust_env=False) as answer,
    ):  # fmt: skip
        pieces = answer.iter_text()
        text = next(pieces)
        served.process.send_signal(number)
        text += "".join(pieces)
        events = [line for line in text.splitlines() if line]
        assert '"code":"stopping"' in events[-1] and "[DONE]" not in text
        assert served.process.wait(PATIENCE_S) == (
            0 if number == signal.SIGTERM or workers == "2" else 130
        )
        light.wait_for_left(1)
        assert "Traceback" not in served.output and "Exception" not in served.output


def test_a_second_interrupt_ends_it_at_once_in_no_traceback(light, powerful, tmp_path):
    light.behaviour = "stall"
    raw = settings(light, powerful, tmp_path, grace_s=60.0)
    body = chat(EASY, model="light", stream=True)
    with (
        serve(raw, tmp_path) as served,
        httpx.stream("POST", f"{served.url}/v1/chat/completions", json=body, headers=HEADERS,
                     timeout=PATIENCE_S, trust_env=False) as answer,
    ):  # fmt: skip
        next(answer.iter_text())
        served.process.send_signal(signal.SIGINT)
        wait_until(lambda: not is_listening(served.url))
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(PATIENCE_S) == 130
        assert "Traceback" not in served.output and "Exception" not in served.output


def test_its_error_event_is_of_the_clients_format(light, powerful, tmp_path):
    light.behaviour = "stall"
    body = {"model": "light", "max_tokens": 9, "stream": True, "messages": chat(EASY)["messages"]}
    with (
        serve(settings(light, powerful, tmp_path), tmp_path) as served,
        httpx.stream("POST", f"{served.url}/v1/messages", json=body, headers=HEADERS,
                     timeout=PATIENCE_S, trust_env=False) as answer,
    ):  # fmt: skip
        pieces = answer.iter_text()
        text = next(pieces)
        served.process.terminate()
        last = (text + "".join(pieces)).strip().split("\n\n")[-1]
        event, _, data = last.partition("\n")
        assert event == "event: error"
        assert json.loads(data.removeprefix("data: "))["error"]["type"] == "overloaded_error"


def test_a_request_without_an_answer_past_the_grace_is_told_so(light, powerful, tmp_path):
    light.behaviour = "slow headers"
    raw = settings(light, powerful, tmp_path)
    with serve(raw, tmp_path) as served, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(
            httpx.post, f"{served.url}/v1/chat/completions", json=chat(EASY, model="light"),
            headers=HEADERS, timeout=30, trust_env=False,
        )  # fmt: skip
        light.wait_for_calls(1)
        served.process.terminate()
        answer = asking.result()
        assert answer.status_code == 503 and answer.json()["error"]["code"] == "stopping"
        assert served.process.wait(PATIENCE_S) == 0
        assert "Traceback" not in served.output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_answer_within_the_grace_is_whole_and_new_connections_are_refused(
    light, powerful, tmp_path, workers
):
    light.behaviour = "held"
    raw = settings(light, powerful, tmp_path, grace_s=PATIENCE_S)
    with serve(raw, tmp_path, "--workers", workers) as served, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(
            httpx.post, f"{served.url}/v1/chat/completions", json=chat(EASY),
            headers=HEADERS, timeout=30, trust_env=False,
        )  # fmt: skip
        light.wait_for_calls(1)
        served.process.terminate()
        address = served.url[7:].split(":")

        def is_refused():
            try:
                socket.create_connection(address, timeout=PATIENCE_S).close()
            except ConnectionRefusedError:
                return True
            return False

        wait_until(is_refused)
        assert not asking.done() and served.process.poll() is None
        light.passes.set()
        assert asking.result().headers["x-tiny-dancer-served-by"] == "small"
        assert served.process.wait(PATIENCE_S) == 0
        assert "Traceback" not in served.output


def test_workers_die_with_their_parent(light, powerful, tmp_path):
    raw = settings(light, powerful, tmp_path)
    with serve(raw, tmp_path, "--workers", "3") as served:
        wait_until(lambda: len(served.list_children()) == 3)
        children = served.list_children()
        served.process.kill()
        wait_until(lambda: not any(map(is_alive, children)))


def test_a_worker_that_dies_is_replaced(light, powerful, tmp_path):
    raw = settings(light, powerful, tmp_path)
    with serve(raw, tmp_path, "--workers", "2") as served:
        wait_until(lambda: len(served.list_children()) == 2)
        victim, other = served.list_children()
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(set(served.list_children()) - {victim}) == 2)
        assert other in served.list_children()


def test_a_hangup_while_workers_start_is_heard_and_ends_none(light, powerful, tmp_path):
    raw = settings(light, powerful, tmp_path)
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(raw))
    port, program = find_free_port(), "from tiny_dancer.cli import main; main()"
    options = ["--config", str(file), "--workers", "2", "--port", str(port)]
    command = [sys.executable, "-c", program, "serve", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        served = Served(f"http://127.0.0.1:{port}", process, tmp_path / "none")
        try:
            assert "serves" in process.stdout.readline()
            seen = set()

            def hang_up():
                seen.update(served.list_children())
                if seen:
                    process.send_signal(signal.SIGHUP)
                return len(seen) == 2

            wait_until(hang_up)
            wait_for(served.url, process)
            wait_until(lambda: "reloaded" in process.stdout.readline())
            assert set(served.list_children()) == seen and process.poll() is None
        finally:
            process.terminate()


def test_a_hangup_while_the_system_starts_a_worker_is_handed_on_to_it(light, powerful, tmp_path):
    (tmp_path / "gateway.json").write_text(json.dumps(settings(light, powerful, tmp_path)))
    program = """
import os, signal
from multiprocessing.context import SpawnProcess
from tiny_dancer.cli import main
start = SpawnProcess.start
def start_and_hang_up(self):
    start(self)
    os.kill(os.getpid(), signal.SIGHUP)
SpawnProcess.start = start_and_hang_up
main()"""
    options = ["--config", str(tmp_path / "gateway.json"), "--workers", "2"]
    command = [sys.executable, "-c", program, "serve", *options, "--port", str(find_free_port())]
    with (tmp_path / "output").open("w") as output:
        process = subprocess.Popen(command, stdout=output)
    try:  # the first worker hears both, the second one its own
        wait_until(lambda: (tmp_path / "output").read_text().count("bundle reloaded") == 3)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def read_counts(served):
    """Counters and gauges of /metrics, each request on a connection of its own."""
    text = httpx.get(
        f"{served.url}/metrics", headers=HEADERS, trust_env=False, timeout=PATIENCE_S
    ).text
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def count_calls(served):
    counts = read_counts(served)
    labels = (("outcome", "ok"), ("status", "200"), ("upstream", "small"))
    calls = counts.get(("tiny_dancer_upstream_calls_total", *labels), 0.0)
    decided = sum(v for n, v in counts.items() if n[0] == "tiny_dancer_decisions_total")
    return calls, decided


def test_metrics_are_the_sum_of_all_workers_also_of_one_that_died(light, powerful, tmp_path):
    raw = settings(light, powerful, tmp_path)
    n = 24
    with serve(raw, tmp_path, "--workers", "3") as served:
        wait_until(lambda: len(served.list_children()) == 3)

        def ask(_):
            answer = httpx.post(
                f"{served.url}/v1/chat/completions", json=chat(EASY, model="light"),
                headers=HEADERS, timeout=PATIENCE_S, trust_env=False,
            )  # fmt: skip
            return answer.status_code

        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(ask, range(n))) == [200] * n
        wait_until(lambda: [count_calls(served) for _ in range(8)] == [(n, n)] * 8)
        victim = served.list_children()[0]

        def has_told():
            """True where the others know of all that it counted, while it can tell nobody."""
            os.kill(victim, signal.SIGSTOP)
            try:
                return count_calls(served) == (n, n)
            finally:
                os.kill(victim, signal.SIGCONT)

        wait_until(has_told)  # what it does not write in time dies with it
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(set(served.list_children()) - {victim}) == 3)
        assert ask(0) == 200
        wait_until(lambda: [count_calls(served) for _ in range(8)] == [(n + 1, n + 1)] * 8)
        counts = read_counts(served)
        assert counts[("tiny_dancer_history_store_up",)] == 1
        closed = ("tiny_dancer_breaker_state", ("model", "light"), ("state", "closed"))
        assert counts[closed] == 1


@pytest.mark.parametrize("workers", ["1", "3"])
@pytest.mark.parametrize("fault", ["no folder", "no database"])
def test_what_a_worker_cannot_start_with_is_one_line_and_a_code(
    light, powerful, tmp_path, workers, fault
):
    path = tmp_path / ("nowhere/history.db" if fault == "no folder" else "history.db")
    if fault == "no database":
        path.write_bytes(b"no database at all" * 100)
    raw = settings(light, powerful, tmp_path) | {"storage": {"path": str(path)}}
    with pytest.raises(OSError), serve(raw, tmp_path, "--workers", workers):
        pass
    output = (tmp_path / "output").read_text()
    lines = [line for line in output.splitlines() if not re.match("tiny-dancer serves|  ", line)]
    assert len(lines) == 1 and "history.db" in lines[0], output


def test_the_code_of_a_worker_that_cannot_start_is_not_zero(light, powerful, tmp_path):
    raw = settings(light, powerful, tmp_path) | {"storage": {"path": str(tmp_path / "no/h.db")}}
    (tmp_path / "gateway.json").write_text(json.dumps(raw))
    program = "from tiny_dancer.cli import main; main()"
    options = ["--config", str(tmp_path / "gateway.json"), "--workers", "2"]
    done = subprocess.run(
        [sys.executable, "-c", program, "serve", *options, "--port", str(find_free_port())],
        capture_output=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 1
