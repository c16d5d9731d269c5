"""Serve the built page on a local address, with the headers a real server should send.

usage: python serve.py [--port N] [--folder web/demo/dist]
"""

import argparse
import hashlib
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

DIST: Final = Path(__file__).resolve().parent / "dist"
PORT: Final = 8317

CSP: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
ORIGIN: Final = re.compile(
    r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?"
)
"""What live.html may be opened for: one origin, which its policy then allows beside its own."""

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Cross-origin isolation gives the page a clock of 5 µs instead of 100.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".py": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".txt": "text/plain; charset=utf-8",
}
ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))


class PageServer(ThreadingHTTPServer):
    """Serves one folder on the loopback address.

    Args:
        folder: what vite and release.mjs have written.
        port: 0 takes any free one.
        csp: the Content-Security-Policy to send.
    """

    daemon_threads = True

    def __init__(self, folder: Path = DIST, port: int = 0, csp: str = CSP) -> None:
        self.folder, self.csp = folder.resolve(), csp
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away in the middle of an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://localhost:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PageServer

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, body: bool) -> None:
        name = self.path.partition("?")[0].lstrip("/") or "index.html"
        file = (self.server.folder / name).resolve()
        if not file.is_relative_to(self.server.folder) or not file.is_file():
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        encoding, source = self._choose(file)
        data = source.read_bytes()
        tag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
        fresh = self.headers.get("If-None-Match") == tag
        self.send_response(304 if fresh else 200)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        if not fresh:
            self.send_header("Content-Type", TYPES.get(file.suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(len(data)))
        immutable = name.startswith("assets/")
        cache = "public, max-age=31536000, immutable" if immutable else "no-cache"
        self.send_header("Cache-Control", cache)
        self.send_header("ETag", tag)
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Security-Policy", self._policy(name))
        for header, value in HEADERS.items():
            self.send_header(header, value)
        self.end_headers()
        if body and not fresh:
            self.wfile.write(data)

    def _policy(self, name: str) -> str:
        """The page's policy; that of live.html allows the origin it is opened for as well."""
        (allowed,) = parse_qs(self.path.partition("?")[2]).get("allow", [""])[:1]
        if name != "live.html" or not ORIGIN.fullmatch(allowed):
            return self.server.csp
        return self.server.csp.replace("connect-src 'self'", f"connect-src 'self' {allowed}")

    def _choose(self, file: Path) -> tuple[str | None, Path]:
        """The smallest version of the file that this browser takes."""
        accepted = self.headers.get("Accept-Encoding", "")
        for encoding, suffix in ENCODINGS:
            version = file.with_name(file.name + suffix)
            if encoding in accepted and version.is_file():
                return encoding, version
        return None, file

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a page is a dozen requests."""


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the demo page on this machine.")
    parser.add_argument("--port", type=int, help=f"default {PORT}, or a free one if it is taken")
    parser.add_argument("--folder", type=Path, default=DIST)
    options = parser.parse_args()
    if not (options.folder / "index.html").is_file():
        parser.error(f"{options.folder} holds no page: ./build.sh demo builds it")
    try:
        server = PageServer(options.folder, PORT if options.port is None else options.port)
    except OSError as error:
        if options.port is not None:
            parser.error(f"port {options.port}: {error.strerror}")
        server = PageServer(options.folder)
    print(f"The page is at {server.url}  (Ctrl+C stops)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
