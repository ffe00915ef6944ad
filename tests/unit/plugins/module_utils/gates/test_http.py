# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An HTTP gate passes on the expected answer alone: not on a redirect, another text, or a certificate that is wrong."""

from __future__ import annotations

import socket
import ssl
import threading
import typing as t
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import Answer, Request, fetch, shown
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.http import KIND, judge

from lab.aws.certificates import CertificateAuthority

from ..endpoints import closed_endpoint
from .gates import NOW, options_of, seen_by
from .web_server import WebServer, web_server

URL = "https://primary.example.com/lb-check"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority(tmp_path)


@pytest.fixture
def secure_server(authority: CertificateAuthority) -> Iterator[WebServer]:
    pair = authority.issue("server", "localhost", ["127.0.0.1"])
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pair.certificate, pair.key)
    with web_server(tls=tls) as running:
        yield running


@pytest.mark.parametrize(
    ("given", "answer", "passed", "observed"),
    [
        ({}, Answer(200, "UP"), True, "200"),
        ({}, Answer(503, "DOWN"), False, "503"),
        ({"status": [503]}, Answer(503, ""), True, "503"),
        ({}, Answer(302, "", "/sorry?token=1"), False, "302, a redirect to /sorry"),
        ({"contains": "UP"}, Answer(200, "it is UP"), True, "200"),
        ({"contains": "UP"}, Answer(200, "DOWN"), False, "200, without 'UP' in 4 characters"),
        ({"contains": "UP"}, Answer(503, "UP"), False, "503"),
        ({"regex": "^U.$"}, Answer(200, "UP"), True, "200"),
        ({"regex": "^U$"}, Answer(200, "UP"), False, "200, and 2 characters that do not match '^U$'"),
        ({"contains": "U", "regex": "D"}, Answer(200, "UP"), False, "200, and 2 characters that do not match 'D'"),
    ],
)
def test_an_answer_is_judged_by_its_status_and_content(
    given: dict[str, t.Any], answer: Answer, passed: bool, observed: str
) -> None:
    seen = judge(options_of(KIND, url=URL, **given), answer)
    assert (seen.passed, seen.observed) == (passed, observed)
    assert bool(seen.remedy) is not passed


def test_a_server_that_answers_passes(server: WebServer) -> None:
    seen = seen_by(KIND, url=f"{server.url}/lb-check", contains="UP")
    assert (seen.passed, seen.observed) == (True, "200")
    assert server.asked[0][:2] == ("GET", "/lb-check")


def test_a_pattern_for_an_empty_answer_is_not_one_for_every_answer() -> None:
    KIND.check(options_of(KIND, url=URL, regex="^$"))


@pytest.mark.parametrize(("age", "passed"), [("0", True), ("10", True), ("11", False), ("86400, 0", False)])
def test_an_answer_from_a_cache_is_no_answer_of_the_site(server: WebServer, age: str, passed: bool) -> None:
    server.headers["Age"] = age
    seen = seen_by(KIND, url=server.url)
    assert (seen.passed, "from a cache" in seen.observed) == (passed, not passed)


@pytest.mark.parametrize("age", ["", "yesterday", "-5", "9" * 5000])
def test_an_age_that_is_no_number_does_not_count(server: WebServer, age: str) -> None:
    server.headers["Age"] = age
    assert seen_by(KIND, url=server.url).passed


def test_caches_on_the_way_are_reported_not_to_answer(server: WebServer) -> None:
    seen_by(KIND, url=server.url)
    assert server.asked[0][2]["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(("given", "passed"), [({}, True), ({"contains": "UP"}, True), ({"regex": "^UP$"}, False)])
def test_another_page_with_the_status_passes_unless_the_text_is_only_the_application_s(
    given: dict[str, t.Any], passed: bool
) -> None:
    assert judge(options_of(KIND, url=URL, **given), Answer(200, "MAINTENANCE. CALL SUPPORT")).passed is passed


@pytest.mark.parametrize(("use_proxy", "passed"), [(True, True), (False, False)])
def test_a_proxy_of_the_environment_answers_only_where_it_may(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, use_proxy: bool, passed: bool
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        assert seen_by(KIND, url=url, use_proxy=use_proxy).passed is passed


def test_head_asks_for_no_content(server: WebServer) -> None:
    assert seen_by(KIND, url=server.url, method="HEAD").passed
    assert server.asked[0][0] == "HEAD"


def test_an_error_is_an_answer_too(server: WebServer) -> None:
    server.status = 503
    assert seen_by(KIND, url=server.url).observed == "503"


def test_a_redirect_is_not_followed(server: WebServer) -> None:
    server.redirects["/"] = "/sorry"
    seen = seen_by(KIND, url=f"{server.url}/")
    assert (seen.passed, seen.observed, len(server.asked)) == (False, "302, a redirect to /sorry", 1)


def test_a_redirect_can_be_followed_and_gets_no_credentials(server: WebServer) -> None:
    server.redirects["/"] = "/elsewhere"
    given = {"follow_redirects": True, "headers": {"X-Key": "secret"}, "url_username": "a", "url_password": "b"}
    assert seen_by(KIND, url=f"{server.url}/", **given).passed
    (_get, first, sent), (_again, second, passed_on) = server.asked
    assert (first, second) == ("/", "/elsewhere")
    assert {"X-Key", "Authorization"} <= {name.title() for name in sent}
    assert not {"X-Key", "Authorization"} & {name.title() for name in passed_on}


def test_headers_and_credentials_are_sent(server: WebServer) -> None:
    seen_by(KIND, url=server.url, headers={"X-Count": 1}, url_username="alice", url_password="secret")
    sent = {name.lower(): value for name, value in server.asked[0][2].items()}
    assert sent["x-count"] == "1"
    assert sent["authorization"] == f"Basic {b64encode(b'alice:secret').decode()}"


def test_the_encoding_of_an_answer_is_heeded(server: WebServer) -> None:
    server.body, server.content_type = "Öffnung".encode("latin-1"), "text/plain; charset=iso-8859-1"
    assert seen_by(KIND, url=server.url, contains="Öffnung").passed


def test_an_encoding_that_nobody_knows_is_read_as_best_as_can_be(server: WebServer) -> None:
    server.content_type = "text/plain; charset=martian"
    assert seen_by(KIND, url=server.url, contains="UP").passed


def test_where_nobody_listens_it_fails_and_says_what_to_do() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        seen = seen_by(KIND, url=f"{url}?token=secret")
    assert (seen.passed, seen.observed) == (False, "no answer: Connection refused")
    assert seen.remedy == f"Start the service that should answer at {url}."


def test_a_proxy_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = closed_endpoint().removeprefix("http://")
    monkeypatch.setenv("http_proxy", f"http://user:canary@{proxy}")
    seen = seen_by(KIND, url="http://app.invalid/")
    assert (seen.passed, seen.observed) == (False, f"no answer through the proxy {proxy}: Connection refused")


def test_a_server_that_says_nothing_fails_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        seen = KIND.observe(options_of(KIND, url=url), Probe(NOW, 0.05))
    assert (seen.passed, seen.observed) == (False, "no answer within 0.05 s")


def test_a_server_that_never_ends_its_answer_fails_in_time() -> None:
    end = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _address = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not end.wait(0.01):
                try:
                    connection.sendall(b".")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        seen = KIND.observe(options_of(KIND, url=url), Probe(NOW, 0.2))
        end.set()
        thread.join(10)
    assert (seen.passed, seen.observed) == (False, "no answer within 0.2 s")


def test_a_server_that_speaks_something_else_fails() -> None:
    def greet(listening: socket.socket) -> None:
        connection, _address = listening.accept()
        with connection:
            connection.sendall(b"220 mail.example.com ESMTP\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=greet, args=(listening,), daemon=True)
        thread.start()
        seen = seen_by(KIND, url=f"http://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join(10)
    assert not seen.passed
    assert seen.observed.startswith("no answer: ")


def test_a_certificate_of_a_trusted_authority_passes(secure_server: WebServer, authority: CertificateAuthority) -> None:
    assert seen_by(KIND, url=secure_server.url, ca_path=str(authority.ca_file)).passed


def test_a_certificate_that_nobody_trusts_fails(secure_server: WebServer) -> None:
    seen = seen_by(KIND, url=secure_server.url)
    assert not seen.passed
    assert seen.observed.startswith("no answer: its certificate is not trusted (")


def test_certificates_need_not_be_valid_if_the_gate_is_set_so(secure_server: WebServer) -> None:
    assert seen_by(KIND, url=secure_server.url, validate_certs=False).passed


def test_a_client_certificate_is_shown(authority: CertificateAuthority) -> None:
    pair, client = authority.issue("server", "localhost", ["127.0.0.1"]), authority.issue("client", "checker", ["gate"])
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.ca_file)
    tls.load_cert_chain(pair.certificate, pair.key)
    tls.verify_mode = ssl.CERT_REQUIRED
    shown_to = {
        "ca_path": str(authority.ca_file),
        "client_cert": str(client.certificate),
        "client_key": str(client.key),
    }
    with web_server(tls=tls) as running:
        assert seen_by(KIND, url=running.url, **shown_to).passed


def test_only_the_configured_part_of_an_answer_is_read(monkeypatch: pytest.MonkeyPatch, server: WebServer) -> None:
    monkeypatch.setattr("ansible_collections.tidegate.failover.plugins.module_utils._gates._http.LONGEST_ANSWER", 3)
    server.body = b"12345"
    assert fetch(Request(server.url), 5).text == "123"


def test_what_is_expected_is_reported_without_the_query() -> None:
    options = options_of(KIND, url=f"{URL}?token=secret", status=[200, 204], contains="UP", regex="U.")
    assert KIND.expected(options) == f"200 or 204 from {URL}, with 'UP' in it, matching 'U.'"
    assert shown("http://a.example.com/b?c#d") == "http://a.example.com/b"
    assert shown("http://user:secret@a.example.com:81/b") == "http://a.example.com:81/b"
    assert shown("http://[a?secret") == "an address that makes no sense"


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/", "file:///etc/passwd", "/"])
def test_a_redirect_that_leads_nowhere_fails(server: WebServer, location: str) -> None:
    server.redirects["/"] = location
    seen = seen_by(KIND, url=f"{server.url}/", follow_redirects=True)
    assert not seen.passed
    assert "broke" not in seen.observed


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url": "file:///etc/passwd"}, "no address of a web server"),
        ({"url": "http://"}, "no address of a web server"),
        ({"url": "http://[::1"}, "no address of a web server"),
        ({"url": "http://example.com:99999"}, "no address of a web server"),
        ({"url": "https://alice:secret@example.com/"}, "url holds a user"),
        ({"url": "https://example.com/a b?secret"}, "no address of a web server"),
        ({"url": "https://example.com/\u20ac?secret"}, "no address of a web server"),
        ({"headers": {"X-Key": "secret\r\n"}}, "The header 'X-Key' cannot be sent"),
        ({"headers": {"X-Key": "\u20ac"}}, "The header 'X-Key' cannot be sent"),
        ({"headers": {"X Key": "secret"}}, "The header 'X Key' cannot be sent"),
        ({"ca_path": "/nowhere/ca.pem"}, "There is no file /nowhere/ca.pem"),
        ({"status": []}, "status is empty"),
        ({"contains": ""}, "contains is empty"),
        ({"contains": " "}, "contains is empty"),
        ({"regex": ""}, "regex is empty"),
        ({"regex": ".*"}, "matches every answer"),
        ({"regex": "UP|"}, "matches every answer"),
        ({"regex": "("}, "no regular expression"),
        ({"method": "HEAD", "contains": "UP"}, "method is HEAD"),
    ],
)
def test_i12_what_cannot_work_is_refused_without_secrets(given: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words) as refused:
        KIND.check(options_of(KIND, **{"url": URL, **given}))
    assert "secret" not in str(refused.value)
