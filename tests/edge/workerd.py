"""The Worker as a process: in Miniflare with a local D1, or in bare workerd to be timed."""

import hashlib
import http.client
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
WORKER = ROOT / "build/worker"
DATE = "2026-07-01"
ADMIN = "edge-tests-admin"
CONFIG = {
    "anonymous": True,
    "admin_keys": [{"name": "tests", "sha256": hashlib.sha256(ADMIN.encode()).hexdigest()}],
    "upstreams": [
        {"name": name, "serves": name, "base_url": "http://127.0.0.1:9/v1", "model": name}
        for name in ("light", "powerful")
    ],
}
"""Settings of the gateway: upstreams that nobody reaches, and who may hold a breaker."""
START_SECONDS = 120
"""How long a start may take on a busy machine."""


@dataclass(frozen=True)
class Answer:
    """What a request gave."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)


def ask(
    port: int,
    path: str,
    body: Any = None,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request on its own connection; a body that is neither text nor bytes goes as JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        if body is not None and not isinstance(body, str | bytes):
            body = json.dumps(body)
        kind = {} if body is None else {"content-type": "application/json"}
        connection.request(
            method or ("GET" if body is None else "POST"), path, body, {**kind, **(headers or {})}
        )
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, fields, response.read().decode())
    finally:
        connection.close()


class Local:
    """worker/local.mjs: real workerd with a real local D1.

    Args:
        node: the program.
        d1: folder of the database, which outlives the process.
        folder: the laid out Worker.
        options: further ones of local.mjs.
        config: settings of the gateway.
    """

    def __init__(
        self, node: str, d1: Path, folder: Path, *options: str, config: object = CONFIG
    ) -> None:
        d1.mkdir(exist_ok=True)
        file = d1 / "config.json"
        file.write_text(json.dumps(config))
        command = [node, str(ROOT / "worker/local.mjs"), "--port", "0", "--d1", str(d1)]
        command += ["--config", str(file)]
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._process = subprocess.Popen(
            [*command, "--folder", str(folder), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout
        for line in self._process.stdout:
            self.lines.append(line)
            if found := re.search(r"The Worker is at (http://\S+)", line):
                port = urlsplit(found[1]).port
                assert port
                self.port = port
                self._reader.start()
                return
        self._process.stdout.close()
        self._process.wait()
        raise RuntimeError("local.mjs did not start:\n" + "".join(self.lines)[-4000:])

    def ask(self, path: str, body: Any = None, **options: Any) -> Answer:
        """One request."""
        return ask(self.port, path, body, **options)

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def hold(self, model: str, mode: str, admin: str = ADMIN) -> Answer:
        """Hold a breaker, as the admin of this key."""
        key = {"authorization": f"Bearer {admin}"}
        return self.ask("/admin/breaker", {"model": model, "mode": mode}, headers=key)

    def stop(self) -> str:
        """End it; gives what it printed."""
        self._process.terminate()
        self._process.wait(START_SECONDS)
        self._reader.join(START_SECONDS)
        return "".join(self.lines)

    def _read(self) -> None:
        """Keep what it prints: where nobody reads, a full pipe would hold the Worker up."""
        assert self._process.stdout
        with self._process.stdout as lines:
            self.lines += lines

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.stop()


def binary() -> Path | None:
    """The workerd of the npm packages, itself and not its wrapper."""
    return next((ROOT / "node_modules/@cloudflare").glob("workerd-*/bin/workerd"), None)


def config(folder: Path, entry: str) -> str:
    """A configuration of `workerd serve` for a laid out Worker, without a database."""
    files = sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())
    modules = [
        f'    (name = "{name}", {_kind(name)} = embed "{name}"),'
        for name in sorted(files, key=lambda name: name != entry)
        if not name.endswith(".capnp")
    ]
    return "\n".join(
        [
            'using Workerd = import "/workerd/workerd.capnp";',
            "const config :Workerd.Config = (",
            '  services = [(name = "main", worker = .worker)],',
            '  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],',
            ");",
            "const worker :Workerd.Worker = (",
            "  modules = [",
            *modules,
            "  ],",
            f'  compatibilityDate = "{DATE}",',
            f'  bindings = [(name = "CONFIG", json = {json.dumps(json.dumps(CONFIG))})],',
            ");",
            "",
        ]
    )


def _kind(name: str) -> str:
    kinds = {".mjs": "esModule", ".wasm": "wasm"}
    return kinds.get(Path(name).suffix, "data")


@dataclass(frozen=True)
class ColdStart:
    """One start of `workerd serve`.

    Attributes:
        listen_ms: from the process's start until its port is open.
        answer_ms: from then until the first routed answer.
        answer_cpu_ms: CPU of the process in that time, which the machine's load does not change.
        cpu_ms: of the process, until then.
        how: `image` or `plain`, as the Worker says.
        rss_mib: memory of the process, then.
    """

    listen_ms: float
    answer_ms: float
    answer_cpu_ms: float
    cpu_ms: float
    how: str
    rss_mib: float

    @property
    def total_ms(self) -> float:
        """From the process's start to its first answer."""
        return self.listen_ms + self.answer_ms


def cold_start(folder: Path, entry: str) -> ColdStart:
    """Start, ask once, end."""
    program = binary()
    assert program, "no workerd in node_modules: ./build.sh setup"
    file = folder / "serve.capnp"
    file.write_text(config(folder, entry))
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(program), "serve", "--control-fd=1", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout and process.stderr
    try:
        line = process.stdout.readline()  # it says so when it listens
        if not line:
            raise RuntimeError(f"workerd did not start: {process.stderr.read()[-4000:]}")
        port = json.loads(line)["port"]
        before_ms = _threads_ms(process.pid)
        listening = time.perf_counter()
        answer = ask(port, "/v1/route", {"prompt": "What is the capital of Mongolia?"})
        answered = time.perf_counter()
        answer_cpu_ms = _threads_ms(process.pid) - before_ms
        assert answer.status == 200, answer.text
        cpu_ms, rss_mib = _used(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
        file.unlink()
    return ColdStart(
        listen_ms=(listening - began) * 1e3,
        answer_ms=(answered - listening) * 1e3,
        answer_cpu_ms=answer_cpu_ms,
        cpu_ms=cpu_ms,
        how=answer.headers["x-tiny-dancer-start"],
        rss_mib=rss_mib,
    )


def _used(pid: int) -> tuple[float, float]:
    """CPU in milliseconds and resident MiB of a process, by Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    cpu_ms = ticks / os.sysconf("SC_CLK_TCK") * 1e3
    return cpu_ms, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _threads_ms(pid: int) -> float:
    """CPU of the threads of a process in milliseconds, finer than its clock ticks."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in files) / 1e6
