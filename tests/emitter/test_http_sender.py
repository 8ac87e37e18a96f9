"""Events over HTTP: what arrives, what a server's misbehaviour means, and what never leaves for another place."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import socket
import subprocess
import threading
import time
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

import endpoint as endpoints
from certificates import certificates
from endpoint import Proxy, Reply, refusing, serving
from riverhead_emitter.delivery.http import HttpSender
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Parcel, Rejected
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.settings import HttpSink, TokenEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANARY = "canary5ecret"


@pytest.fixture
def token_endpoint() -> Iterator[endpoints.Endpoint]:
    with serving() as served:
        served.replies = lambda number, _: Reply(200, body=json.dumps({"access_token": f"token-{number}"}).encode())
        yield served


def answers_to(sink: HttpSink, *parcels: Parcel, seconds: float = 5.0) -> list[Answer]:
    sender = HttpSender(sink)
    try:
        return list(sender.send(parcels, seconds))
    finally:
        sender.close()


def answer_to(sink: HttpSink, event: bytes = b"{}", seconds: float = 5.0) -> Answer:
    (answer,) = answers_to(sink, Parcel("run", event), seconds=seconds)
    return answer


def parcels(count: int, runs: int) -> list[Parcel]:
    return [Parcel(f"run {at % runs}", json.dumps({"run": at % runs, "at": at}).encode()) for at in range(count)]


def test_events_of_one_run_arrive_in_order_on_one_connection(endpoint: endpoints.Endpoint) -> None:
    assert answers_to(HttpSink(endpoint.url), *parcels(30, runs=1)) == [Delivered()] * 30

    assert [event["at"] for event in endpoint.events()] == list(range(30))
    assert {request.path for request in endpoint.requests} == {"/api/v1/lineage"}
    assert endpoint.connections == 1


def test_many_runs_share_a_few_connections_and_each_run_keeps_its_order(endpoint: endpoints.Endpoint) -> None:
    assert answers_to(HttpSink(endpoint.url), *parcels(120, runs=7)) == [Delivered()] * 120

    for run in range(7):
        order = [event["at"] for event in endpoint.events() if event["run"] == run]
        assert order == sorted(order)
        assert len(order) == len(parcels(120, runs=7)[run::7])
    assert endpoint.connections == 4


def test_answers_come_in_the_order_of_the_parcels(endpoint: endpoints.Endpoint) -> None:
    endpoint.replies = lambda _number, body: Reply(422 if json.loads(body)["at"] in {30, 37, 38} else 201)

    answers = answers_to(HttpSink(endpoint.url), *parcels(60, runs=60))

    assert [at for at, answer in enumerate(answers) if isinstance(answer, Rejected)] == [30, 37, 38]
    assert sum(isinstance(answer, Delivered) for answer in answers) == 57


def test_nothing_more_is_sent_of_a_run_that_was_refused(endpoint: endpoints.Endpoint) -> None:
    endpoint.replies = lambda _number, body: Reply(500 if json.loads(body)["run"] == 1 else 201)

    answers = answers_to(HttpSink(endpoint.url), *parcels(90, runs=3))

    assert [isinstance(answer, NotNow) for answer in answers] == [at % 3 == 1 for at in range(90)]
    assert [event["at"] for event in endpoint.events() if event["run"] == 1] == [1]


def test_the_answer_to_an_abandoned_event_is_not_taken_for_the_next_ones(endpoint: endpoints.Endpoint) -> None:
    def breaking() -> Iterator[Parcel]:
        yield Parcel("abandoned", b"{}")
        raise RuntimeError

    def late_at_first(number: int, _body: bytes) -> Reply:
        if number == 0:
            endpoint.is_over.wait(0.3)
        return Reply(201 if number == 0 else 422)

    endpoint.replies = late_at_first
    sender = HttpSender(HttpSink(endpoint.url))
    with pytest.raises(RuntimeError):
        list(sender.send(breaking(), 5.0))
    assert endpoint.wait_for(1)

    assert [type(answer) for answer in sender.send(parcels(1, runs=1), 5.0)] == [Rejected]
    sender.close()


def test_what_a_server_says_unasked_is_no_answer_to_the_next_event() -> None:
    smuggled = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    answers: list[Answer] = []
    with contextlib.ExitStack() as held:
        server = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        sender = HttpSender(HttpSink(f"http://127.0.0.1:{server.getsockname()[1]}"))
        for said in (smuggled, smuggled.replace(b"201", b"422")):
            delivering = threading.Thread(target=lambda: answers.extend(sender.send(parcels(1, runs=1), 5.0)))
            delivering.start()
            server.settimeout(5)
            connection = held.enter_context(server.accept()[0])
            connection.recv(65_536)
            connection.sendall(said)
            delivering.join(5)
            connection.sendall(smuggled)
        sender.close()

    assert [type(answer) for answer in answers] == [Delivered, Rejected]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(status, Delivered) for status in (200, 201, 202, 204)]
    + [(status, Rejected) for status in (400, 409, 411, 413, 422, 431)]
    + [
        (status, NotNow)
        for status in (300, 301, 303, 304, 307, 401, 403, 404, 405, 407, 408, 410, 425, 429, 500, 501, 502, 503)
    ],
)
def test_a_status_says_whether_to_try_again(endpoint: endpoints.Endpoint, status: int, kind: type[Answer]) -> None:
    endpoint.replies = lambda _number, _body: Reply(status)

    assert isinstance(answer_to(HttpSink(endpoint.url)), kind)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        *[("7", 7.0), (" 7 ", 7.0), ("999999", 300.0)],
        *[("soon", None), ("²", None), ("-1", None), ("9" * 5_000, None), ("Sun, 99 Foo 2026 99:99:99 GMT", None)],
        *[(formatdate(1e9 + 90, usegmt=True), 90.0), (formatdate(1e9 - 90, usegmt=True), 0.0)],
        *[(formatdate(4e9, usegmt=True), 300.0)],
    ],
)
def test_retry_after_is_heard_up_to_a_bound(endpoint: endpoints.Endpoint, said: str, seconds: float | None) -> None:
    now = formatdate(1e9, usegmt=True)
    endpoint.replies = lambda _number, _body: Reply(429, {"Retry-After": said, "Date": now})

    answer = answer_to(HttpSink(endpoint.url))

    assert isinstance(answer, NotNow)
    assert answer.after_seconds == seconds


@pytest.mark.parametrize(
    ("reply", "is_of_one"), [(Reply(500), True), (Reply(503, {"Retry-After": "1"}), False), (Reply(429), False)]
)
def test_only_a_server_that_says_nothing_of_itself_fails_at_one_record(
    endpoint: endpoints.Endpoint, reply: Reply, is_of_one: bool
) -> None:
    endpoint.replies = lambda _number, _body: reply

    answer = answer_to(HttpSink(endpoint.url))

    assert isinstance(answer, NotNow)
    assert answer.is_of_one_record == is_of_one


@pytest.mark.fault
@pytest.mark.parametrize("manner", ["never", "drip", "hang up", "reset", "cut off"])
@pytest.mark.parametrize("before", [0, 1], ids=["first", "behind another"])
def test_without_a_whole_answer_nothing_is_delivered_and_little_time_is_lost(
    endpoint: endpoints.Endpoint, manner: str, before: int
) -> None:
    endpoint.replies = lambda number, _: Reply() if number < before else Reply(body=b"taken", manner=manner)
    began = time.monotonic()

    answers = answers_to(HttpSink(endpoint.url), *parcels(before + 1, runs=2), seconds=0.2)

    assert [type(answer) for answer in answers] == [Delivered] * before + [NotNow]
    assert time.monotonic() - began < 5
    # What a kept connection lost may never have reached the server, so it is sent once more, and only once.
    assert len(endpoint.requests) == 1 + before * (2 if manner in {"hang up", "reset"} else 1)


@pytest.mark.parametrize("manner", ["hang up", "reset", "cut off"])
def test_a_server_that_breaks_off_may_have_failed_at_just_this_event(endpoint: endpoints.Endpoint, manner: str) -> None:
    endpoint.replies = lambda _number, body: Reply(body=b"taken", manner=manner if b"poison" in body else "at once")

    answer = answer_to(HttpSink(endpoint.url), b'{"poison": 1}')

    assert isinstance(answer, NotNow)
    assert answer.is_of_one_record


@pytest.mark.fault
def test_an_event_that_takes_too_long_again_holds_up_its_run_only(endpoint: endpoints.Endpoint) -> None:
    endpoint.replies = lambda _number, body: Reply(manner="never" if b"poison" in body else "at once")
    sender = HttpSender(HttpSink(endpoint.url))
    slow, other = Parcel("slow", b'{"poison": 1}'), Parcel("other", b"{}")

    first, second = (list(sender.send([slow, other], 0.2)) for _ in range(2))
    sender.close()

    assert [(type(answer), getattr(answer, "is_of_one_record", None)) for answer in (*first, *second)] == [
        *[(NotNow, False), (Delivered, None)],
        *[(NotNow, True), (Delivered, None)],
    ]


def test_certificates_that_were_renewed_are_read_again(tmp_path: Path) -> None:
    made = certificates()
    authority = tmp_path / "authority.pem"
    authority.write_bytes(made.other_authority.read_bytes())
    with serving(tls=made.server_context()) as served:
        sender = HttpSender(HttpSink(served.url, ca_file=str(authority)))
        assert [type(answer) for answer in sender.send(parcels(1, runs=1), 5.0)] == [NotNow]
        authority.write_bytes(made.authority.read_bytes())
        assert list(sender.send(parcels(1, runs=1), 5.0)) == [Delivered()]
        sender.close()


@pytest.mark.parametrize("manner", ["then hang up", "chunked", "as HTTP/1.0", "to the end"])
def test_servers_of_all_kinds_are_understood(endpoint: endpoints.Endpoint, manner: str) -> None:
    endpoint.replies = lambda _number, _body: Reply(200, body=b"thank you very much", manner=manner)

    assert answers_to(HttpSink(endpoint.url), *parcels(20, runs=3)) == [Delivered()] * 20

    assert sorted(event["at"] for event in endpoint.events()) == list(range(20))
    assert (endpoint.connections < 20) == (manner == "chunked")


@pytest.mark.fault
def test_what_a_server_says_without_end_is_not_read_to_its_end(endpoint: endpoints.Endpoint) -> None:
    endpoint.replies = lambda _number, _body: Reply(201, body=b"x" * 20_000_000)

    assert answers_to(HttpSink(endpoint.url), *parcels(2, runs=1)) == [Delivered()] * 2
    assert endpoint.connections == 2


def test_what_was_left_in_a_connection_is_no_answer_to_the_next_event(endpoint: endpoints.Endpoint) -> None:
    smuggled = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    endpoint.replies = lambda number, _: (
        Reply(422, {"Connection": "keep-alive"}, b"no") if number else Reply(body=smuggled * 2, manner="raw")
    )

    answers = answers_to(HttpSink(endpoint.url), *parcels(2, runs=2))

    assert [type(answer) for answer in answers] == [Delivered, Rejected]


@pytest.mark.fault
def test_a_refusal_that_comes_before_all_was_sent_is_heard(endpoint: endpoints.Endpoint) -> None:
    endpoint.early = Reply(413, body=b"too much")

    answer = answer_to(HttpSink(endpoint.url), b"x" * 30_000_000)

    assert answer == Rejected("HTTP 413 too much")


@pytest.mark.fault
def test_a_large_event_arrives_whole(endpoint: endpoints.Endpoint) -> None:
    event = json.dumps({"large": "x" * 5_000_000}).encode()

    assert answer_to(HttpSink(endpoint.url), event) == Delivered()
    assert endpoint.requests[0].body == event


def test_a_port_that_refuses_is_tried_again() -> None:
    with refusing() as url:
        answer = answer_to(HttpSink(url))

    assert isinstance(answer, NotNow)
    assert "refused" in answer.reason
    assert not answer.is_of_one_record


@pytest.mark.fault
def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: is_over.wait(20))
    began = time.monotonic()

    answer = answer_to(HttpSink("http://lineage.example:1"), seconds=0.2)
    is_over.set()

    assert isinstance(answer, NotNow)
    assert "not found in time" in answer.reason
    assert time.monotonic() - began < 5


def test_the_second_address_of_a_name_is_tried_too(
    endpoint: endpoints.Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(endpoint.url.rpartition(":")[2])
    with refusing() as refused:
        places = [("127.0.0.1", int(refused.rpartition(":")[2])), ("127.0.0.1", port)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)

        assert answer_to(HttpSink(f"http://two.example:{port}")) == Delivered()


def test_an_address_of_ipv6_is_spoken_to_by_its_name() -> None:
    with contextlib.ExitStack() as stack:
        try:
            served = stack.enter_context(serving(host="::1"))
        except OSError:
            pytest.skip("this machine has no IPv6 on its loopback")
        assert answer_to(HttpSink(served.url)) == Delivered()
        assert served.requests[0].headers["Host"] == served.url.removeprefix("http://")


def test_a_redirect_to_another_origin_is_not_followed_and_the_key_stays_here(endpoint: endpoints.Endpoint) -> None:
    with serving() as thief:
        endpoint.replies = lambda _number, _body: Reply(307, {"Location": f"{thief.url}/api/v1/lineage"})
        answer = answer_to(HttpSink(endpoint.url, api_key=CANARY))

        assert isinstance(answer, NotNow)
        assert "correct the URL" in answer.reason
        assert thief.requests == []
        assert len(endpoint.requests) == 1
    assert endpoint.requests[0].headers["Authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize("location", ["/elsewhere?a=b", "elsewhere", "{url}/elsewhere"])
def test_a_redirect_on_the_same_server_is_followed_once(endpoint: endpoints.Endpoint, location: str) -> None:
    there = location.format(url=endpoint.url)
    endpoint.replies = lambda number, _: Reply(308, {"Location": there}) if number == 0 else Reply()

    assert answer_to(HttpSink(endpoint.url), b'{"kept": 1}') == Delivered()
    assert endpoint.events() == [{"kept": 1}] * 2
    assert endpoint.requests[1].path.partition("?")[0].endswith("/elsewhere")

    endpoint.requests.clear()
    endpoint.replies = lambda _number, _body: Reply(307, {"Location": there})
    assert isinstance(answer_to(HttpSink(endpoint.url)), NotNow)
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_secret_that_the_server_repeats_reaches_no_reason(endpoint: endpoints.Endpoint, status: int) -> None:
    sink = HttpSink(endpoint.url, api_key=CANARY, headers=(("X-Team-Key", "other5ecret"),))
    text = f"bad\x1b[31m\n{CANARY} other5ecret"
    endpoint.replies = lambda _number, _body: Reply(status, {"Location": f"/{CANARY}"}, text.encode())

    answer = answer_to(sink)

    assert isinstance(answer, NotNow | Rejected)
    assert CANARY not in answer.reason
    assert "other5ecret" not in answer.reason
    assert answer.reason.isprintable()
    assert status == 302 or answer.reason == f"HTTP {status} bad [31m *** ***"


def test_a_secret_at_the_cut_of_a_long_answer_reaches_no_reason(endpoint: endpoints.Endpoint) -> None:
    sink = HttpSink(endpoint.url, api_key=CANARY)
    for length in range(370, 410, 3):
        endpoint.replies = lambda _number, _body, length=length: Reply(  # type: ignore[misc]  # a default binds it
            400, body=b"x" * length + CANARY.encode()
        )
        answer = answer_to(sink)
        assert isinstance(answer, Rejected)
        assert "canary" not in answer.reason


def test_events_are_packed_when_that_is_asked_for(endpoint: endpoints.Endpoint) -> None:
    event = json.dumps({"text": "ab" * 5_000}).encode()

    assert answer_to(HttpSink(endpoint.url, is_compressed=True), event) == Delivered()

    (request,) = endpoint.requests
    assert request.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(request.body) == event
    assert len(request.body) < len(event) / 10


def test_headers_are_added_and_may_take_the_place_of_ours(endpoint: endpoints.Endpoint) -> None:
    sink = HttpSink(endpoint.url, api_key="key", headers=(("X-Team", "data"), ("authorization", "Custom 1")))

    assert answer_to(sink) == Delivered()

    headers = endpoint.requests[0].headers
    assert (headers["X-Team"], headers["Authorization"]) == ("data", "Custom 1")
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("riverhead/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("X-Bad", value) for value in ("a\r\nX-Injected: 1", "a\0", "a\n b", "\u2028")],
        *[("X Bad", "1"), ("X-Bad\r\nX", "1"), ("", "1")],
        *[("Content-Length", "5"), ("transfer-encoding", "chunked"), ("Host", "other")],
    ],
)
def test_a_header_that_could_smuggle_something_in_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError):
        HttpSender(HttpSink("http://127.0.0.1:1", headers=((name, value),)))


def test_a_refused_header_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as raised:
        HttpSender(HttpSink("http://127.0.0.1:1", headers=(("X-Key", f"{CANARY}\n"),)))

    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["http://", "http://:80", "ftp://host", "http://host:port", "http://host:99999", "http://[::1", "http://a b"]
)
def test_an_address_that_is_none_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError):
        HttpSender(HttpSink(url))


def test_a_line_break_in_the_endpoint_is_no_second_request(endpoint: endpoints.Endpoint) -> None:
    sink = HttpSink(endpoint.url, "lineage HTTP/1.1\r\nX-Injected: 1\r\n\r\nPOST /ü")

    assert answer_to(sink) == Delivered()

    (request,) = endpoint.requests
    assert "X-Injected" not in request.headers
    assert " " not in request.path


def test_user_and_password_of_the_url_are_sent_as_a_header_only(endpoint: endpoints.Endpoint) -> None:
    url = endpoint.url.replace("http://", f"http://team%40x:{CANARY}%20@")
    endpoint.replies = lambda _number, _body: Reply(500, body=f"{CANARY}%20".encode())

    answer = answer_to(HttpSink(url))

    (request,) = endpoint.requests
    credential = base64.b64encode(f"team@x:{CANARY} ".encode()).decode()
    assert request.headers["Authorization"] == f"Basic {credential}"
    assert CANARY not in request.path + request.headers["Host"] + HttpSender(HttpSink(url)).address
    assert isinstance(answer, NotNow)
    assert CANARY not in answer.reason


def test_a_token_is_fetched_once_for_many_events(
    endpoint: endpoints.Endpoint, token_endpoint: endpoints.Endpoint
) -> None:
    form = (("grant_type", "client_credentials"), ("scope", "a b&c"))
    token = TokenEndpoint(f"{token_endpoint.url}/token?tenant=1", form, basic=("team:x", CANARY))

    assert answers_to(HttpSink(endpoint.url, token=token), *parcels(30, runs=5)) == [Delivered()] * 30

    (request,) = token_endpoint.requests
    assert request.path == "/token?tenant=1"
    assert parse_qs(request.body.decode()) == {"grant_type": ["client_credentials"], "scope": ["a b&c"]}
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(f"team%3Ax:{CANARY}".encode()).decode()
    assert {sent.headers["Authorization"] for sent in endpoint.requests} == {"Bearer token-0"}


def test_a_token_endpoint_is_always_verified_and_may_have_the_sinks_authority(endpoint: endpoints.Endpoint) -> None:
    made = certificates()
    with serving(tls=made.server_context()) as tokens:
        tokens.replies = lambda _number, _body: Reply(200, body=b'{"token": "secure"}')
        token = TokenEndpoint(tokens.url, (("apikey", CANARY),))

        assert isinstance(answer_to(HttpSink(endpoint.url, token=token, is_verified=False)), NotNow)
        assert tokens.requests == []
        assert answer_to(HttpSink(endpoint.url, token=token, ca_file=str(made.authority))) == Delivered()
    assert endpoint.requests[0].headers["Authorization"] == "Bearer secure"


def test_a_token_that_the_server_refuses_is_fetched_anew_once(
    endpoint: endpoints.Endpoint, token_endpoint: endpoints.Endpoint
) -> None:
    sink = HttpSink(endpoint.url, token=TokenEndpoint(token_endpoint.url, ()))
    endpoint.replies = lambda number, _: Reply(401 if number == 0 else 201)

    assert answer_to(sink, b'{"kept": 1}') == Delivered()
    assert [request.headers["Authorization"] for request in endpoint.requests] == ["Bearer token-0", "Bearer token-1"]
    assert endpoint.events() == [{"kept": 1}] * 2

    endpoint.requests.clear()
    endpoint.replies = lambda _number, _body: Reply(401)
    assert isinstance(answer_to(sink), NotNow)
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize(
    ("said", "fetches"),
    [
        ({"token": "a", "expires_in": 3600}, 1),
        ({"TOKEN": "a", "expiresIn": "3600"}, 1),
        ({"token": "a"}, 1),
        ({"token": "a", "expires_in": "never"}, 1),
        ({"token": "a", "expires_in": 1}, 3),
        ({"token": "a", "expires_in": 230}, 3),
        ({"token": "h." + base64.urlsafe_b64encode(b'{"exp": 9999999999}').decode().rstrip("=") + ".s"}, 1),
        ({"token": "h." + base64.urlsafe_b64encode(b'{"exp": 1}').decode().rstrip("=") + ".s"}, 3),
        ({"token": "h.???.s"}, 1),
    ],
)
def test_a_token_is_kept_until_shortly_before_its_end(
    endpoint: endpoints.Endpoint,
    token_endpoint: endpoints.Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    said: dict[str, object],
    fetches: int,
) -> None:
    token_endpoint.replies = lambda _number, _body: Reply(200, body=json.dumps(said).encode())
    sender = HttpSender(HttpSink(endpoint.url, token=TokenEndpoint(token_endpoint.url, ())))
    now = time.time()
    for minutes in (0, 2, 4):
        monkeypatch.setattr(time, "time", lambda minutes=minutes: now + minutes * 60)
        assert list(sender.send(parcels(1, runs=1), 5.0)) == [Delivered()]
    sender.close()

    assert len(token_endpoint.requests) == fetches


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(401, body=CANARY.encode()),
        Reply(200, body=b"<html>"),
        Reply(200, body=b"[]"),
        Reply(200, body=b"[" * 50_000),
        Reply(200, body=b"{}"),
        Reply(200, body=b'{"token": {}}'),
        Reply(200, body=b'{"token": "a\\r\\nX: 1"}'),
        Reply(307, {"Location": "http://127.0.0.1:1"}),
        Reply(manner="hang up"),
    ],
)
def test_without_a_token_events_wait(
    endpoint: endpoints.Endpoint, token_endpoint: endpoints.Endpoint, reply: Reply
) -> None:
    token_endpoint.replies = lambda _number, _body: reply
    token = TokenEndpoint(token_endpoint.url, (("apikey", CANARY),))

    answer = answer_to(HttpSink(endpoint.url, token=token))

    assert isinstance(answer, NotNow)
    assert CANARY not in answer.reason
    assert endpoint.requests == []


def test_a_server_is_believed_by_its_certificate_only() -> None:
    made = certificates()
    with serving(tls=made.server_context()) as served:
        trusting = HttpSink(served.url, ca_file=str(made.authority))
        assert answers_to(trusting, *parcels(30, runs=5)) == [Delivered()] * 30
        assert answer_to(HttpSink(served.url, is_verified=False)) == Delivered()
        assert len(served.requests) == 31

        for doubting in (HttpSink(served.url, api_key=CANARY), HttpSink(served.url, ca_file=str(made.other_authority))):
            answer = answer_to(doubting)
            assert isinstance(answer, NotNow)
            assert "CERTIFICATE_VERIFY_FAILED" in answer.reason
        assert len(served.requests) == 31


def test_authorities_may_lie_in_a_directory_by_their_hash(tmp_path: Path) -> None:
    made = certificates()
    words = ["openssl", "x509", "-noout", "-hash", "-in", str(made.authority)]
    name = subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / f"{name}.0").write_bytes(made.authority.read_bytes())

    with serving(tls=made.server_context()) as served:
        assert answer_to(HttpSink(served.url, ca_file=str(tmp_path))) == Delivered()


def test_the_name_in_a_certificate_must_be_the_servers() -> None:
    made = certificates()
    with serving(host="127.0.0.2", tls=made.server_context()) as served:
        answer = answer_to(HttpSink(served.url, ca_file=str(made.authority)))

    assert isinstance(answer, NotNow)
    assert "127.0.0.2" in answer.reason


def test_a_client_shows_its_certificate() -> None:
    made = certificates()
    with serving(tls=made.server_context(asks_client=True)) as served:
        sink = HttpSink(
            served.url,
            ca_file=str(made.authority),
            client_certificate=str(made.client),
            client_key=str(made.client_key),
        )
        assert answer_to(sink) == Delivered()
        assert isinstance(answer_to(HttpSink(served.url, ca_file=str(made.authority))), NotNow)


def test_certificates_that_are_not_there_make_events_wait(tmp_path: Path) -> None:
    made = certificates()
    with serving(tls=made.server_context()) as served:
        for sink in (
            HttpSink(served.url, ca_file=str(tmp_path / "none.pem")),
            HttpSink(served.url, client_certificate=str(tmp_path / "none.pem")),
            HttpSink(served.url, client_certificate=str(made.client), client_key=str(made.server)),
        ):
            answer = answer_to(sink)
            assert isinstance(answer, NotNow)
            assert "certificates" in answer.reason


def test_a_connection_that_a_secure_server_closed_is_opened_anew() -> None:
    made = certificates()
    with serving(tls=made.server_context()) as served:
        served.replies = lambda _number, _body: Reply(manner="then hang up")
        sink = HttpSink(served.url, ca_file=str(made.authority))

        assert answers_to(sink, *parcels(5, runs=1)) == [Delivered()] * 5
    assert [event["at"] for event in served.events()] == list(range(5))


@pytest.mark.fault
def test_a_server_that_never_shakes_hands_costs_the_time_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        answer = answer_to(HttpSink(f"https://127.0.0.1:{silent.getsockname()[1]}"), seconds=0.2)

    assert isinstance(answer, NotNow)
    assert time.monotonic() - began < 5


def test_a_proxy_forwards_and_has_its_credentials(endpoint: endpoints.Endpoint) -> None:
    with Proxy() as proxy:
        sink = HttpSink(endpoint.url, api_key="key", proxy=f"http://user:{CANARY}@{proxy.authority}")
        assert answer_to(sink) == Delivered()

    (head,) = proxy.heads
    credential = base64.b64encode(f"user:{CANARY}".encode()).decode()
    assert head.startswith(f"POST {endpoint.url}/api/v1/lineage HTTP/1.1\r\n")
    assert f"Proxy-Authorization: Basic {credential}\r\n" in head
    assert endpoint.requests[0].headers["Authorization"] == "Bearer key"


def test_a_tunnel_hides_the_events_from_the_proxy_and_its_credentials_from_the_server() -> None:
    made = certificates()
    with serving(tls=made.server_context()) as served, Proxy() as proxy:
        sink = HttpSink(
            served.url, api_key="key", ca_file=str(made.authority), proxy=f"http://user:{CANARY}@{proxy.authority}"
        )
        assert answers_to(sink, *parcels(5, runs=1)) == [Delivered()] * 5

    (head,) = proxy.heads
    authority = served.url.removeprefix("https://")
    assert head.startswith(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nProxy-Authorization: Basic ")
    assert "Bearer" not in head
    assert {name for request in served.requests for name in request.headers} & {"Proxy-Authorization"} == set()


def test_a_proxy_that_refuses_makes_events_wait(endpoint: endpoints.Endpoint) -> None:
    with Proxy(status=407) as proxy:
        for url in (endpoint.url, "https://127.0.0.1:1"):
            answer = answer_to(HttpSink(url, proxy=f"http://user:{CANARY}@{proxy.authority}"))
            assert isinstance(answer, NotNow)
            assert "407" in answer.reason
            assert CANARY not in answer.reason
    assert endpoint.requests == []


def test_a_proxy_that_would_need_tls_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="http://"):
        HttpSender(HttpSink("http://127.0.0.1:1", proxy="https://127.0.0.1:1"))
