"""The static server: headers, cache rules, and nothing outside its folder."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import serve  # e2e/conftest.py makes it importable


@pytest.fixture
def server(tmp_path: Path) -> Iterator[serve.PageServer]:
    folder = tmp_path / "site"
    (folder / "assets/1").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets/1/kernel.wasm").write_bytes(b"\0asm")
    (folder / "assets/1/kernel.wasm.br").write_bytes(b"brotli")
    (tmp_path / "secret").write_text("outside")
    server = serve.PageServer(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def ask(
    server: serve.PageServer, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=300)
    try:
        connection.request(
            method, path, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_the_page_is_revalidated_and_the_rest_kept_for_ever(server: serve.PageServer) -> None:
    page, body = ask(server, "/")
    assert (page.status, body) == (200, b"<!doctype html>")
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.headers["Content-Security-Policy"] == serve.CSP
    again, body = ask(server, "/?query", If_None_Match=page.headers["ETag"])
    assert (again.status, body) == (304, b"")
    asset, _ = ask(server, "/assets/1/kernel.wasm")
    assert asset.headers["Content-Type"] == "application/wasm"
    assert "immutable" in asset.headers["Cache-Control"]


def test_a_compressed_version_goes_to_those_who_take_it(server: serve.PageServer) -> None:
    plain, body = ask(server, "/assets/1/kernel.wasm", Accept_Encoding="identity")
    assert (plain.headers["Content-Encoding"], body) == (None, b"\0asm")
    packed, body = ask(server, "/assets/1/kernel.wasm", Accept_Encoding="gzip, br")
    assert (packed.headers["Content-Encoding"], body) == ("br", b"brotli")
    assert packed.headers["Content-Type"] == "application/wasm"
    head, body = ask(server, "/assets/1/kernel.wasm", method="HEAD")
    assert (head.headers["Content-Length"], body) == ("4", b"")


@pytest.mark.parametrize("path", ["/nothing", "/assets", "/../secret", "/assets/../../secret"])
def test_what_is_not_a_file_of_the_folder_is_not_found(server: serve.PageServer, path: str) -> None:
    assert ask(server, path)[0].status == 404


def test_the_pictures_of_the_docs_are_small_and_the_docs_show_them() -> None:
    docs = Path(__file__).parents[2] / "docs"
    pictures = sorted((docs / "pictures").glob("page-*.jpg"))
    assert [one.stem for one in pictures] == ["page-dark", "page-light", "page-phone"]
    for one in pictures:
        assert one.stat().st_size < 120_000
        assert f"pictures/{one.name}" in (docs / "page.md").read_text()
