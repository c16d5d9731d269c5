"""Serves a folder at so many bytes a second."""

import time
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any


class _Counting(ThreadingHTTPServer):
    daemon_threads = True
    sent = 0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.sending: set[object] = set()


class _Slow(SimpleHTTPRequestHandler):
    server: _Counting

    def __init__(self, *arguments: Any, rate: int, **options: Any) -> None:
        self.rate = rate
        super().__init__(*arguments, **options)

    def guess_type(self, path: Any) -> str:
        types = {".wasm": "application/wasm", ".mjs": "text/javascript"}
        return types.get(Path(path).suffix) or super().guess_type(path)

    def copyfile(self, source: Any, outputfile: Any) -> None:
        self.server.sending.add(self)
        with suppress(ConnectionError):  # whoever asked gave up
            while piece := source.read(max(1024, self.rate // 50)):
                outputfile.write(piece)
                self.server.sent += len(piece)
                time.sleep(len(piece) / self.rate)
        self.server.sending.discard(self)

    def log_message(self, *_: object) -> None:
        pass


class SlowServer:
    """On a local address, until it is stopped."""

    def __init__(self, folder: Path, rate: int) -> None:
        handler = partial(_Slow, directory=str(folder), rate=rate)
        self._server = _Counting(("127.0.0.1", 0), handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://localhost:{self._server.server_address[1]}/"

    @property
    def sent(self) -> int:
        """Bytes of files so far."""
        return self._server.sent

    @property
    def is_sending(self) -> bool:
        """Whether a file is still on its way to somebody."""
        return bool(self._server.sending)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
