# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One content for every host: rendered by the role, answered by the responder over HTTP, seen in a browser."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from ansible_collections.tidegate.failover.tests.scenarios import page_pictures
from ansible_collections.tidegate.failover.tests.scenarios.browser import Browser, chromium, running_browser
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.running_responder import RunningResponder, responder

from lab.process import CLONE

ALL_HOSTS = ["alb", "api_gateway", "cloud_foundry", "container", "systemd"]
CONTENT: Json = {
    **page_pictures.CONTENT,
    "translations": [
        {
            "language": "de",
            "title": "Der Laden ist wegen Wartung geschlossen",
            "text": "Wir ziehen auf eine neue Datenbank um.\n\nIhre Bestellungen sind sicher.",
        }
    ],
    "exempt": [{"path": "/health", "body": "ok"}, {"path": "/webhooks/*", "status": 202}],
}
#: What a person's browser sends.
BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept_Language": "de-AT,en;q=0.5",
}


def render(playbooks: Playbooks, folder: Path, *arguments: str, **given: object) -> Outcome:
    options = {"directory": str(folder), "hosts": ALL_HOSTS, **CONTENT, **given}
    role = {"role": "tidegate.failover.maintenance_page"} | {f"maintenance_page_{k}": v for k, v in options.items()}
    play = {"hosts": "localhost", "gather_facts": False, "roles": [role]}
    return playbooks.run_file(playbooks.file([play]), *arguments)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


@pytest.fixture(scope="module")
def page(playbooks: Playbooks) -> Path:
    """The page for all hosts, rendered."""
    folder = playbooks.home / "page"
    outcome = render(playbooks, folder)
    assert outcome.returncode == 0, outcome.output
    return folder


@pytest.fixture(scope="module")
def shop(page: Path) -> Iterator[RunningResponder]:
    """The responder, answering with that page."""
    with responder(page) as running:
        yield running


# The role


def test_a_second_run_changes_nothing(playbooks: Playbooks, page: Path) -> None:
    before = files(page)
    assert "changed=0" in render(playbooks, page).output
    assert files(page) == before


def test_check_mode_predicts_and_writes_nothing(playbooks: Playbooks, tmp_path: Path) -> None:
    predicted = render(playbooks, tmp_path / "page", "--check", "--diff")
    assert "changed=1" in predicted.output
    assert "+# Made by tidegate.failover.maintenance_page." in predicted.output
    assert files(tmp_path / "page") == {}


def test_a_host_that_is_no_longer_named_loses_its_files(playbooks: Playbooks, tmp_path: Path) -> None:
    render(playbooks, tmp_path / "page", hosts=["alb", "api_gateway"])
    assert "changed=1" in render(playbooks, tmp_path / "page", hosts=["alb"]).output
    assert set(files(tmp_path / "page")) == {"alb.json", ".maintenance_page.json"}


def test_absent_leaves_nothing_of_ours_and_then_changes_nothing(playbooks: Playbooks, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    render(playbooks, folder)
    assert "changed=1" in render(playbooks, folder, "--check", state="absent").output
    assert files(folder)
    assert "changed=1" in render(playbooks, folder, state="absent").output
    assert not folder.exists()
    assert "changed=0" in render(playbooks, folder, state="absent").output


def test_a_file_of_somebody_else_stops_the_run_before_anything_is_written(playbooks: Playbooks, tmp_path: Path) -> None:
    (tmp_path / "manifest.yml").write_text("mine")
    outcome = render(playbooks, tmp_path)
    assert "files that this module did not make: manifest.yml. Nothing was written." in outcome.failures()["localhost"]
    assert files(tmp_path) == {"manifest.yml": b"mine"}


def test_a_content_that_is_too_large_is_refused_by_how_many_bytes(playbooks: Playbooks, tmp_path: Path) -> None:
    outcome = render(playbooks, tmp_path / "page", text="x" * 1024)
    assert "exceeds the limit of an ALB fixed response (1,024 bytes) by" in outcome.failures()["localhost"]
    assert files(tmp_path / "page") == {}


def test_the_example_of_the_readme_runs(playbooks: Playbooks, tmp_path: Path) -> None:
    readme = (CLONE / "roles" / "maintenance_page" / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    play = yaml.safe_load(example.replace("/var/lib/tidegate", str(tmp_path)))
    assert "changed=1" in playbooks.run_file(playbooks.file(play)).output
    assert {"api_gateway.json", "manifest.yml", "responder.py"} <= set(files(tmp_path / "checkout-page"))


# The three answers, and every path


def test_clients_get_the_message_with_503_that_is_not_stored(shop: RunningResponder) -> None:
    got = shop.visit("/", "GET", None, **BROWSER)
    assert (got.status, got.headers["Retry-After"], got.headers["Cache-Control"]) == (503, "300", "no-store")
    assert "Ihre Bestellungen sind sicher." in got.body.decode()


def test_clients_get_the_message_with_200_where_that_is_asked_for(page: Path) -> None:
    with responder(page, MAINTENANCE_ANSWER="message") as running:
        got = running.visit("/a/deep/link")
    assert (got.status, got.headers["Cache-Control"], got.headers["Retry-After"]) == (200, "no-store", None)
    assert "Orders that you have placed are safe." in got.body.decode()


def test_clients_get_json_with_200_an_error_code_and_the_status_header_where_that_is_asked_for(page: Path) -> None:
    with responder(page, MAINTENANCE_ANSWER="json") as running:
        got = running.visit("/a/deep/link", "GET", None, **BROWSER)
    assert (got.status, got.headers["StatusHeader"], got.headers["Content-Type"]) == (200, "503", "application/json")
    assert (got.json()["error"]["code"], got.json()["error"]["status"]) == ("MAINTENANCE", 503)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X"])
@pytest.mark.parametrize("path", ["/", "/a/deep/link?with=query", "//", "/../etc/passwd", "/%ff%00", "/health/", "*"])
def test_every_path_and_method_gets_the_page(path: str, method: str, shop: RunningResponder) -> None:
    got = shop.visit(path, method, None, **BROWSER)
    assert (got.status, got.headers["Content-Type"]) == (503, "text/html; charset=utf-8")


def test_head_gets_what_get_gets_without_the_body(shop: RunningResponder) -> None:
    head, get = shop.visit(method="HEAD"), shop.visit()
    assert head.body == b""
    assert (head.status, head.headers["Content-Length"]) == (503, str(len(get.body)))


def test_nothing_follows_the_headers_of_an_answer_to_head(shop: RunningResponder) -> None:
    request = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert exchange(shop, request).count(b"HTTP/1.1 503 Service Unavailable\r\n") == 2
    assert b"<html" not in exchange(shop, request)


# What a client asks for


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "text/html; charset=utf-8"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/problem+json", "application/problem+json"),
        ("text/plain, text/html;q=0.5", "text/plain; charset=utf-8"),
        ("text/html;q=0, text/plain;q=banana, application/json;q=0.1", "application/json"),
    ],
)
def test_a_client_gets_the_form_that_it_accepts(accept: str, content_type: str, shop: RunningResponder) -> None:
    got = shop.visit(Accept=accept)
    assert (got.status, got.headers["Content-Type"]) == (503, content_type)
    assert got.headers["Vary"] == "Accept, Accept-Language, Accept-Encoding"


def test_a_program_gets_a_problem_document(shop: RunningResponder) -> None:
    problem = shop.visit(Accept="application/problem+json", Accept_Language="de").json()
    assert (problem["status"], problem["heading"]) == (503, "Der Laden ist wegen Wartung geschlossen")
    assert (problem["retry_after"], problem["expected_end"]) == (300, "2026-11-29T10:00:00Z")


@pytest.mark.parametrize(
    ("accept", "language"), [("de-CH", "de"), ("fr, de;q=0.1", "de"), ("fr", "en"), ("q=;;,", "en")]
)
def test_a_client_gets_the_language_that_it_accepts(accept: str, language: str, shop: RunningResponder) -> None:
    assert shop.visit(Accept_Language=accept).headers["Content-Language"] == language


def test_the_page_has_at_most_5_kb_as_it_is_served(shop: RunningResponder) -> None:
    plain, compressed = shop.visit(), shop.visit(Accept_Encoding="gzip")
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.body) == plain.body
    assert len(compressed.body) < len(plain.body) <= 5000


# Exempt paths


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_an_exempt_path_gets_its_own_answer(method: str, shop: RunningResponder) -> None:
    got = shop.visit("/health?from=probe", method)
    assert (got.status, got.body) == (200, b"" if method == "HEAD" else b"ok")
    assert got.headers["Cache-Control"] == "no-store"


def test_paths_below_an_exempt_one_get_its_answer(shop: RunningResponder) -> None:
    assert shop.visit("/webhooks/payments/1", "POST", b"{}").status == 202
    assert shop.visit("/webhooks").status == 503


# Hostile input


def exchange(shop: RunningResponder, request: bytes) -> bytes:
    """Send bytes, and receive until the responder ends the connection."""
    with socket.create_connection(("127.0.0.1", shop.port), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_a_large_body_is_accepted_and_ignored(shop: RunningResponder) -> None:
    assert shop.visit("/upload", "POST", b"x" * 2_000_000).status == 503


def test_a_body_beyond_any_measure_is_refused_before_it_is_sent(shop: RunningResponder) -> None:
    request = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\n"
    assert exchange(shop, request).startswith(b"HTTP/1.1 413 ")


def test_headers_beyond_any_measure_are_refused_and_the_next_client_is_answered(shop: RunningResponder) -> None:
    # The answer may be lost where the connection ends before all of them were read.
    with suppress(ConnectionError):
        answer = exchange(shop, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000 + b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 431 ")
    assert shop.visit().status == 503


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x00\xff\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 30_000 + b" HTTP/1.0\r\n\r\n", b"503"),
        (b"GET / HTTP/1.0\r\nAccept: " + b"a/b;q=0.1," * 3000 + b"\r\n\r\n", b"503"),
        (b"GET http://elsewhere.example.com/x HTTP/1.0\r\n\r\n", b"503"),
    ],
)
def test_an_odd_request_is_answered_and_the_next_one_too(
    request_: bytes, status: bytes, shop: RunningResponder
) -> None:
    assert exchange(shop, request_).split(maxsplit=2)[1] == status
    assert shop.visit().status == 503


# A new message


def test_a_new_message_under_load_gives_nobody_a_bad_answer(playbooks: Playbooks, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    render(playbooks, folder, hosts=["cloud_foundry"], text="message 0", translations=[])
    answers: list[tuple[int, bytes]] = []
    over = threading.Event()

    def load(running: RunningResponder) -> None:
        while not over.is_set():
            got = running.visit(Accept="text/plain")
            answers.append((got.status, got.body.split(b"\n\n")[1]))

    texts = [(folder / "content.json").read_text().replace("message 0", f"message {number}") for number in range(50)]
    with responder(folder) as running:
        clients = [threading.Thread(target=load, args=(running,)) for _client in range(4)]
        for client in clients:
            client.start()
        for text in texts:
            (folder / "next").write_text(text)
            (folder / "next").replace(folder / "content.json")
            seen = len(answers)
            while len(answers) < seen + 5:
                over.wait(0.001)
        over.set()
        for client in clients:
            client.join()
        assert running.visit(Accept="text/plain").body.split(b"\n\n")[1] == b"message 49"
    assert {status for status, _message in answers} == {503}
    assert {message for _status, message in answers} <= {f"message {number}".encode() for number in range(50)}
    assert len({message for _status, message in answers}) > 10


def test_the_roles_next_run_is_seen_without_a_restart(playbooks: Playbooks, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    render(playbooks, folder, hosts=["cloud_foundry"])
    with responder(folder) as running:
        assert "changed=1" in render(playbooks, folder, hosts=["cloud_foundry"], contact="the service desk").output
        assert b"the service desk" in running.visit().body


# What people see


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("needs Chromium (apt-get install chromium)")
    with running_browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(375, 667), (1280, 800)])
def test_people_see_the_page(width: int, height: int, scheme: str, shop: RunningResponder, browser: Browser) -> None:
    seen = browser.see(shop.url, width, height, scheme)
    assert seen.text.startswith("The shop is closed for maintenance\n")
    assert "support@example.com" in seen.text
    assert seen.scroll_width <= width
    assert seen.background == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}[scheme]
    assert seen.pictures == [True]
    assert seen.problems == []


def test_the_pictures_in_the_documentation_are_of_the_page_as_it_is_now() -> None:
    assert page_pictures.PAGE.read_text(encoding="utf-8") == page_pictures.page(), "make pictures takes them again"


def test_the_page_of_an_alb_can_be_read_in_the_dark(page: Path, browser: Browser, tmp_path: Path) -> None:
    (action,) = json.loads((page / "alb.json").read_text())["DefaultActions"]
    (tmp_path / "alb.html").write_text(action["FixedResponseConfig"]["MessageBody"])
    seen = browser.see(f"file://{tmp_path}/alb.html", 375, 667, "dark")
    assert "Orders that you have placed are safe." in seen.text
    assert (seen.color, seen.scroll_width <= 375) == ("rgb(255, 255, 255)", True)
