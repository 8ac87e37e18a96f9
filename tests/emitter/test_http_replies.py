"""A server may say anything: what is a whole reply, what is cut off, and what is none."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverhead_emitter.delivery.http.replies import Reply, read_reply, read_tunnel
from riverhead_emitter.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nfou\r\n1\r\nr\r\n0\r\nTrailer: 1\r\n\r\n"
SIZED = b"HTTP/1.1 201 Created\r\nDate: now\r\nContent-Length: 4\r\n\r\nfour"


def received(*chunks: bytes) -> Callable[[], bytes]:
    left = list(chunks)
    return lambda: left.pop(0) if left else b""


def read(*chunks: bytes) -> Reply:
    return read_reply(received(*chunks))


@pytest.mark.parametrize(
    ("said", "status", "body", "is_kept"),
    [
        (SIZED, 201, b"four", True),
        (CHUNKED, 200, b"four", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
        (b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, b"", True),
        (b"HTTP/1.1 200\r\nContent-Length: 0, 0\r\n\r\n", 200, b"", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + SIZED, 201, b"four", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\nContent-Length: 0\r\n\r\n", 200, b"", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b"", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", 200, b"", True),
        (b"HTTP/1.1 404 No\r\n\r\nto the end", 404, b"to the end", False),
        (b"HTTP/1.1 200 OK\r\n\r\n", 200, b"", False),
    ],
)
def test_a_whole_reply_is_read_and_its_connection_judged(said: bytes, status: int, body: bytes, is_kept: bool) -> None:
    reply = read(said)

    assert (reply.status, reply.body, reply.is_kept) == (status, body, is_kept)


@pytest.mark.parametrize(
    "said",
    [
        SIZED + b"HTTP/1.1 200 OK\r\n",
        CHUNKED.replace(b"chunked\r\n", b"chunked\r\nContent-Length: 9\r\n"),
        b"HTTP/1.1 204 No Content\r\n\r\nmore",
    ],
    ids=["more behind it", "two lengths", "a body that must not be"],
)
def test_a_connection_with_anything_doubtful_in_it_is_not_used_again(said: bytes) -> None:
    assert not read(said).is_kept


@pytest.mark.parametrize("at", range(1, len(SIZED)))
def test_a_reply_that_ends_early_is_a_broken_connection(at: int) -> None:
    with pytest.raises(ConnectionAbortedError):
        read(SIZED[:at])


def test_a_chunked_reply_that_ends_early_is_a_broken_connection() -> None:
    for at in range(1, len(CHUNKED)):
        with pytest.raises(ConnectionAbortedError):
            read(CHUNKED[:at])


def test_no_reply_at_all_is_another_error_than_half_a_one() -> None:
    with pytest.raises(ConnectionResetError):
        read(b"")


@pytest.mark.parametrize(
    "said",
    [
        b"220 mail ready\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nfour",
        b"HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nfour",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\nfour",
        "HTTP/1.1 200 OK\r\nContent-Length: ²\r\n\r\nfour".encode("latin-1"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nfour",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nfour\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 20,
    ],
)
def test_what_is_no_reply_is_said_to_be_none(said: bytes) -> None:
    with pytest.raises(Unavailable):
        read(said)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 10_000,
    ],
    ids=["head", "chunk's length"],
)
def test_an_endless_head_or_line_is_given_up(said: bytes) -> None:
    with pytest.raises(Unavailable, match="no end"):
        read(*(said[at : at + 1_000] for at in range(0, len(said), 1_000)))


@pytest.mark.parametrize("length", [b"Content-Length: 999999999999999999", b"Transfer-Encoding: chunked", b"X: y"])
def test_of_a_gigantic_body_only_the_beginning_is_read(length: bytes) -> None:
    reads = 0

    def endless() -> bytes:
        nonlocal reads
        reads += 1
        return b"HTTP/1.1 500 Odd\r\n" + length + b"\r\n\r\n" if reads == 1 else b"fffff\r\n" + b"x" * 10_000

    reply = read_reply(endless)

    assert reply.status == 500
    assert not reply.is_kept
    assert reads < 20


def test_the_words_of_a_refusal_are_not_waited_for_in_vain() -> None:
    def slow() -> bytes:
        if chunks:
            return chunks.pop()
        raise TimeoutError

    chunks = [b"HTTP/1.1 500 Odd\r\n\r\nwhat came"]

    assert read_reply(slow).body == b"what came"


@given(st.sampled_from([SIZED, CHUNKED]), st.lists(st.integers(1, 100), max_size=20))
@settings(max_examples=25)
def test_how_a_reply_is_cut_into_packets_changes_nothing(said: bytes, cuts: Iterable[int]) -> None:
    places = sorted({0, len(said), *(cut for cut in cuts if cut < len(said))})

    assert read(*(said[start:end] for start, end in itertools.pairwise(places))) == read(said)


@given(st.binary(max_size=200), st.booleans())
@settings(max_examples=60)
def test_whatever_a_server_says_is_a_reply_or_a_known_error(said: bytes, is_prefixed: bool) -> None:
    try:
        reply = read(b"HTTP/1.1 200 OK\r\n" + said if is_prefixed else said)
    except (ConnectionError, Unavailable):
        return
    assert 200 <= reply.status <= 599


def test_a_tunnel_is_there_or_it_is_said_why_not() -> None:
    read_tunnel(received(b"HTTP/1.1 200 Connection established\r\n\r\n"))
    with pytest.raises(Unavailable, match="HTTP 407"):
        read_tunnel(received(b"HTTP/1.1 407 Who are you\r\nContent-Length: 3\r\n\r\nwho"))
    with pytest.raises(Unavailable, match="speaks"):
        read_tunnel(received(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 201 Created\r\n"))
