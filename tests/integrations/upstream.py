"""An OpenAI-compatible model on a loopback port: says who it is, calls tools, fills schemas."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from patience import PATIENCE_S

USAGE = {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14}


class Upstream:
    """Serves until `close`.

    Attributes:
        name: what its answers say; the model that was asked for where it is empty.
        calls: the bodies of the requests.
        status: what it answers with; 200 unless it is to fail.
        left: streams that the client left; the header `x-hang` stops one after the first word.
    """

    def __init__(self, name: str = "", port: int = 0) -> None:
        self.name, self.status, self.left = name, 200, 0
        self.calls: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._server.upstream = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def end_headers(self) -> None:
        """HTTP/1.0 keeps no connection; workerd asks again on one unless it is told so."""
        self.send_header("connection", "close")
        super().end_headers()

    def do_GET(self) -> None:
        """What was asked so far, for clients in other processes."""
        up: Upstream = self.server.upstream
        self.send_json({"calls": up.calls, "left": up.left})

    def do_POST(self) -> None:
        up: Upstream = self.server.upstream
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        up.calls.append(body)
        if up.status != 200:
            self.send_json({"error": {"message": f"{up.name} is down"}}, up.status)
            return
        name = self.name = up.name or body["model"]
        message, reason = make_message(name, body)
        if body.get("stream"):
            self.stream(up, body, message, reason)
            return
        choice = {"index": 0, "message": message, "finish_reason": reason}
        self.send_json(head(name, "chat.completion") | {"choices": [choice], "usage": USAGE})

    def send_json(self, value: Any, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, up: Upstream, body: Any, message: Any, reason: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        deltas = [{"role": "assistant", "content": ""}]
        if calls := message.get("tool_calls"):
            deltas += [{"tool_calls": [{"index": 0, **calls[0]}]}]
        else:
            deltas += [{"content": word} for word in split(message["content"])]
        for delta in deltas:
            self.event(up, [{"index": 0, "delta": delta, "finish_reason": None}])
            if self.headers["x-hang"] and delta.get("content"):
                self.wait_for_leaving(up)
                return
        self.event(up, [{"index": 0, "delta": {}, "finish_reason": reason}])
        if (body.get("stream_options") or {}).get("include_usage"):
            self.event(up, [], usage=USAGE)
        self.wfile.write(b"data: [DONE]\n\n")

    def event(self, up: Upstream, choices: list[Any], **more: Any) -> None:
        chunk = head(self.name, "chat.completion.chunk") | {"choices": choices, **more}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())

    def wait_for_leaving(self, up: Upstream) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                self.wfile.write(b": still here\n\n")
            except OSError:
                up.left += 1
                return
            time.sleep(0.02)


def head(name: str, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_700_000_000, "model": name}


def split(text: str) -> list[str]:
    """Words, with the space before each."""
    return [word if n == 0 else f" {word}" for n, word in enumerate(text.split(" "))]


def make_message(name: str, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A call of the first tool, until its result is there; JSON where asked; else the name."""
    is_answered = any(message["role"] == "tool" for message in body["messages"])
    if (tools := body.get("tools")) and not is_answered:
        function = tools[0]["function"]
        properties = (function.get("parameters") or {}).get("properties") or {}
        arguments = json.dumps(fill(properties, name))
        call = {"id": "call-1", "type": "function"}
        call["function"] = {"name": function["name"], "arguments": arguments}
        return {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
    content = f"Hello from {name}"
    schema = (body.get("response_format") or {}).get("json_schema") or {}
    if schema:
        content = json.dumps(fill(schema["schema"].get("properties") or {}, name))
    return {"role": "assistant", "content": content}, "stop"


def fill(properties: dict[str, Any], name: str) -> dict[str, Any]:
    """A value for each property."""
    values = {"integer": 7, "number": 7, "boolean": True}
    return {key: values.get(one.get("type"), name) for key, one in properties.items()}


def main() -> None:
    """Two of them, `small` and `big`, until standard input ends; prints their addresses."""
    ups = [Upstream("small"), Upstream("big")]
    print(json.dumps([up.url for up in ups]), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
