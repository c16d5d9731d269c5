"""An upstream on a loopback port that answers as a test says, in whatever format."""

import json
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """What came: path behind the base URL, headers with names in small letters, JSON."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Unfinished(NamedTuple):
    """The events of a stream that then stands still until its reader leaves."""

    events: list[Any]


class Scripted:
    """Answers each request with what `answer` makes of it.

    A dict is a whole answer, `(status, dict)` one with another status; a list is the data of
    events, each a dict (named by its type, where it has one) or a text such as `[DONE]`;
    `Unfinished` holds events without an end.

    Attributes:
        asked: every request.
    """

    def __init__(self, answer: Callable[[Asked], Any]) -> None:
        self.answer, self.asked = answer, list[Asked]()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                size = int(self.headers["content-length"])
                headers = {name.lower(): value for name, value in self.headers.items()}
                path = self.path.removeprefix("/v1/")
                asked = Asked(path, headers, json.loads(self.rfile.read(size)))
                outer.asked.append(asked)
                answer = outer.answer(asked)
                if isinstance(answer, Unfinished):
                    return self.stand_still(answer)
                status, answer = answer if isinstance(answer, tuple) else (200, answer)
                is_stream = isinstance(answer, list)
                data = encode(answer) if is_stream else json.dumps(answer).encode()
                self.send_response(status)
                kind = "text/event-stream" if is_stream else "application/json"
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def stand_still(self, answer: Unfinished) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(encode(answer.events))
                self.connection.recv(1)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def encode(events: Iterable[dict[str, Any] | str]) -> bytes:
    """A stream of events as an upstream writes it."""
    out = []
    for event in events:
        text = event if isinstance(event, str) else json.dumps(event)
        name = event.get("type") if isinstance(event, dict) else None
        out.append(f"event: {name}\ndata: {text}\n\n" if name else f"data: {text}\n\n")
    return "".join(out).encode()
