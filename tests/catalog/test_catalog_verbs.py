"""What `riverhead upstream` and `riverhead serve` say to what they cannot use: one sentence, and no secret in it."""

from __future__ import annotations

import argparse
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from riverhead_catalog.questions.finding import UnknownColumn
from riverhead_catalog.verbs import serve, upstream
from riverhead_emitter.errors import ConfigurationError, RiverheadError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.catalog.conftest import Build, Post


def _asks(*words: str) -> None:
    parser = argparse.ArgumentParser()
    upstream.arguments(parser)
    upstream.run(parser.parse_args(words))


@contextmanager
def _answering(body: bytes, status: int = 200) -> Iterator[str]:
    """A server that answers everything with these bytes."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_facts: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("address", ["http://[::1", "http://127.0.0.1:x", "http://127.0.0.1:99999999", "ftp://h", "h"])
def test_an_address_that_is_none_is_one_sentence(address: str) -> None:
    with pytest.raises(ConfigurationError, match="--catalog takes an address such as"):
        _asks("a.b", "--catalog", address)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b"1", b'{"column": []}', b"<html>", b"", b"[" * 100_000])
def test_an_answer_of_another_program_is_told_from_none_at_all(body: bytes) -> None:
    with _answering(body) as address, pytest.raises(Unavailable, match="answers, but is no Riverhead catalog"):
        _asks("a.b", "--catalog", address)


@pytest.mark.parametrize("host", ["127.0.0.1:1", "127.0.0.1", "[::1", "127.0.0.1:x"])
@pytest.mark.parametrize("password", ["s3cret", "s3/cret"])
@pytest.mark.parametrize("scheme", ["http", "ftp"])
def test_a_password_in_an_address_is_never_told(scheme: str, password: str, host: str) -> None:
    with pytest.raises(RiverheadError) as refused:
        _asks("a.b", "--catalog", f"{scheme}://reader:{password}@{host}")

    assert "s3" not in str(refused.value)
    assert "cret" not in str(refused.value)


def test_a_name_that_nobody_knows_is_answered_with_the_address_that_was_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = b'{"code": 404, "message": "No column a.b is known; write DATASET.COLUMN."}'
    with _answering(body, 404) as address:
        monkeypatch.setenv("RIVERHEAD_CATALOG_URL", address)
        with pytest.raises(RiverheadError) as refused:
            _asks("a.b")

    assert str(refused.value).startswith("No column a.b is known; ")
    assert str(refused.value).endswith(f" The catalog at {address} was asked.")


def test_a_name_that_a_store_does_not_know_is_answered_with_the_file_that_was_asked(
    tmp_path: Path, build: Build, post: Post
) -> None:
    post(build.copying("load", "raw.x", "clean.y"))

    with pytest.raises(UnknownColumn) as refused:
        _asks("a.b", "--store", str(tmp_path / "catalog.db"))

    assert str(refused.value).endswith(f" The store {tmp_path}/catalog.db was asked.")


def test_a_token_in_the_address_of_a_catalog_that_knows_nothing_is_never_told() -> None:
    with (
        _answering(b'{"message": "No column a.b is known."}', 404) as address,
        pytest.raises(RiverheadError) as refused,
    ):
        _asks("a.b", "--catalog", f"{address}/?token=s3cret")

    assert f"The catalog at {address}/" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_token_in_the_address_of_a_catalog_that_is_not_there_is_never_told() -> None:
    with pytest.raises(Unavailable, match="No catalog answers at") as refused:
        _asks("a.b", "--catalog", "http://127.0.0.1:1/?token=s3cret")

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("place", [("--catalog", "http://127.0.0.1:1"), ("--store", "catalog.db")])
@pytest.mark.parametrize("words", [("a.\udcff",), ("a.b", "--namespace", "\udcff")])
def test_a_name_that_is_no_text_is_one_sentence(words: tuple[str, ...], place: tuple[str, str]) -> None:
    with pytest.raises(UnknownColumn, match=r"\\udcff"):
        _asks(*words, *place)


def test_a_store_at_home_with_nobody_is_one_sentence() -> None:
    parser = argparse.ArgumentParser()
    serve.arguments(parser)

    with pytest.raises(ConfigurationError, match="names the home of nobody known here"):
        serve.run(parser.parse_args(["--port", "0", "--store", "~nosuchuser/x.db"]))


def test_an_empty_file_is_no_store_and_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").touch()

    with pytest.raises(Unavailable, match="is no store"):
        _asks("a.b", "--store", str(tmp_path / "catalog.db"))

    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("catalog.db", 0)]
