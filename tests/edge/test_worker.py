"""The Worker on real workerd, with a real local D1."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from edge.decisions import expected, plain, sample
from edge.workerd import CONFIG, ROOT, Local

from tiny_dancer.history.stores.schema import SCHEMA, migration_file


def test_decisions_are_those_of_cpython_digit_for_digit(worker: Local) -> None:
    for prompt in sample(20):
        answer = worker.ask("/v1/route", {"prompt": prompt})
        assert (answer.status, plain(answer.json)) == (200, expected(prompt))


def test_it_starts_from_the_image(worker: Local) -> None:
    answer = worker.ask("/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert answer.headers["x-tiny-dancer-start"] == "image"


def test_it_starts_from_the_image_beside_nodes_names_and_where_nothing_may_be_compiled(
    program: str, folder: Path, tmp_path: Path
) -> None:
    flags = ("--flag", "nodejs_compat", "--flag", "disallow_eval_during_startup")
    with Local(program, tmp_path / "d1", folder, *flags) as worker:
        answer = worker.ask("/v1/route", {"prompt": "hello"})
    assert (answer.status, answer.headers["x-tiny-dancer-start"]) == (200, "image")


def test_candidates_come_with_the_request(worker: Local) -> None:
    rows = [
        {"id": name, "embedding": [x, 1 - x], "created_at": 1.7e9, "success_rate": 0.9}
        for name, x in (("near", 0.9), ("far", 0.1))
    ]
    answer = worker.ask("/v1/route", {"query_embedding": [0.9, 0.1], "candidates": rows})
    assert answer.status == 200, answer.text
    assert [d["candidate_id"] for d in answer.json["decisions"]] == ["near", "far"]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/v1/route", "{", 400, "not JSON"),
        ("/v1/route", '{"prompt":' + 90_000 * "[", 400, "nested deeper"),  # would end Pyodide
        ("/v1/route", {"promt": "x"}, 400, "promt"),
        ("/v1/route", {"query_embedding": [1], "candidates": [{}]}, 400, "candidates[0]"),
        ("/v1/nothing", {}, 404, "no such path"),
        ("/admin/breaker", {"model": "light", "mode": "open"}, 403, "admin"),
    ],
)
def test_what_is_malformed_is_an_error_as_openai_words_it(
    worker: Local, path: str, body: object, status: int, said: str
) -> None:
    answer = worker.ask(path, body)
    assert answer.status == status, answer.text
    assert said in answer.json["error"]["message"]


def test_a_hundred_requests_at_once_each_get_their_own_answer(worker: Local) -> None:
    prompts = sample(25) * 4
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda p: worker.ask("/v1/route", {"prompt": p}), prompts))
    assert [plain(a.json) for a in answers] == [expected(p) for p in prompts]
    assert len({a.json["decision_id"] for a in answers}) == len(prompts)


def test_a_breaker_open_before_a_restart_is_open_after_it(
    program: str, folder: Path, tmp_path: Path
) -> None:
    prompt = next(p for p in sample(20) if '"model": "light"' in expected(p))

    def ask(worker: Local) -> list[str]:
        """Ask many at once, on the first request of the isolate and on those beside it."""
        with ThreadPoolExecutor(8) as threads:
            found = threads.map(lambda _: worker.ask("/v1/route", {"prompt": prompt}), range(8))
            return [answer.json["reason"] for answer in found]

    with Local(program, tmp_path / "d1", folder) as worker:
        assert set(ask(worker)) == {"below_threshold"}
        held = worker.hold("light", "open")
        assert held.status == 200, held.text
        assert set(ask(worker)) == {"breaker_light_open"}
        assert worker.ask("/v1/stats").json["total_routes"] == 16
    with Local(program, tmp_path / "d1", folder) as worker:
        assert set(ask(worker)) == {"breaker_light_open"}
        assert worker.ask("/v1/stats").json["total_routes"] == 24


def test_an_image_that_is_refused_leads_to_a_plain_start_with_one_warning(
    program: str, damaged: Path, tmp_path: Path
) -> None:
    meta = damaged / "pack/meta.mjs"
    meta.write_text(meta.read_text().replace('"buildId":"', '"buildId":"0'))
    prompts = sample(8)
    worker = Local(program, tmp_path / "d1", damaged)
    with ThreadPoolExecutor(8) as threads:  # all of them before the start is over
        answers = list(threads.map(lambda p: worker.ask("/v1/route", {"prompt": p}), prompts))
    said = worker.stop()
    assert [plain(a.json) for a in answers] == [expected(p) for p in prompts]
    assert {a.headers["x-tiny-dancer-start"] for a in answers} == {"plain"}
    assert said.count("image refused, Python starts plainly: image: the build is") == 1


class _Upstream(BaseHTTPRequestHandler):
    """Answers a chat in three pieces; the last one only when it is let go."""

    let_go = threading.Event()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for word in ("one", "two"):
            self._event({"choices": [{"index": 0, "delta": {"content": word}}]}, asked["model"])
        self.let_go.wait(300)
        self._event(
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, asked["model"]
        )
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, fields: dict[str, object], model: str) -> None:
        chunk = {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": model,
            **fields,
        }
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)
    server.daemon_threads = True
    _Upstream.let_go.clear()
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    _Upstream.let_go.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def streaming(program: str, folder: Path, tmp_path: Path, upstream: str) -> Iterator[Local]:
    """A Worker whose models are the upstream, and wait while a hundred others begin."""
    patient = {"base_url": upstream, "timeout_s": 300.0, "stall_s": 300.0}
    upstreams = [{**one, **patient} for one in CONFIG["upstreams"]]
    config = {**CONFIG, "upstreams": upstreams}
    with Local(program, tmp_path / "d1", folder, config=config) as local:
        yield local


def opened(worker: Local) -> tuple[HTTPConnection, HTTPResponse]:
    """A streamed chat, whose headers are there."""
    connection = HTTPConnection("127.0.0.1", worker.port, timeout=300)
    messages = [{"role": "user", "content": "What is the capital of Mongolia?"}]
    body = json.dumps({"model": "auto", "stream": True, "messages": messages})
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    return connection, connection.getresponse()


def test_a_stream_passes_through_piece_by_piece(streaming: Local) -> None:
    connection, response = opened(streaming)
    assert (response.status, response.headers["x-tiny-dancer-reason"]) == (200, "below_threshold")
    lines = [response.readline() for _ in range(4)]
    assert b'"one"' in lines[0] and b'"two"' in lines[2]  # while the upstream still waits
    _Upstream.let_go.set()
    assert response.read().endswith(b"data: [DONE]\n\n")
    connection.close()


def test_of_a_hundred_streams_a_third_is_left_and_the_others_end(streaming: Local) -> None:
    with ThreadPoolExecutor(100) as threads:
        streams = [f.result() for f in [threads.submit(opened, streaming) for _ in range(100)]]
        for connection, response in streams[::3]:
            assert b'"one"' in response.readline()
            response.close()
            connection.close()
        _Upstream.let_go.set()
        kept = [one for n, one in enumerate(streams) if n % 3]
        ends = list(threads.map(lambda one: one[1].read(), kept))
    for connection, _ in kept:
        connection.close()
    assert [end.endswith(b"data: [DONE]\n\n") for end in ends] == [True] * 66
    assert streaming.ask("/v1/stats").json["total_routes"] == 100


def test_a_stream_in_which_python_raises_ends_at_once_and_the_next_one_is_served(
    program: str, damaged: Path, tmp_path: Path, upstream: str
) -> None:
    """A bug in a translator: the client waits for nothing, and reads no end of a whole chat."""
    python = damaged / "tiny_dancer_worker.py.bin"
    code = python.read_text()
    sound = "        return None if piece is None else to_js(piece)\n"
    assert code.count(sound) == 1
    bug = """        if b'"two"' in (piece or b""):
            raise ValueError("a bug in a translator")
"""
    python.write_text(code.replace(sound, bug + sound))
    upstreams = [{**one, "base_url": upstream} for one in CONFIG["upstreams"]]
    worker = Local(program, tmp_path / "d1", damaged, config={**CONFIG, "upstreams": upstreams})
    for _ in range(2):
        connection, response = opened(worker)
        assert response.status == 200
        assert b"[DONE]" not in response.read()
        connection.close()
    assert worker.ask("/healthz").status == 200
    said = worker.stop()
    assert "a bug in a translator" in said and "hung" not in said


def test_a_bad_setting_fails_the_start_and_names_its_path(
    program: str, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError, match=r"upstreams\[0\]\.base_url"):
        Local(
            program,
            tmp_path / "d1",
            folder,
            config={"anonymous": True, "upstreams": [{"name": "x"}]},
        )


def test_the_migrations_are_those_of_the_package() -> None:
    files = sorted((ROOT / "worker/migrations").iterdir())
    assert [f.read_text() for f in files] == [migration_file(v + 1) for v in range(SCHEMA)]


def test_wrangler_would_upload_every_file(program: str, folder: Path) -> None:
    from edge.wrangler import upload

    assert upload(folder)["upload_kib"] < 30 * 1024
