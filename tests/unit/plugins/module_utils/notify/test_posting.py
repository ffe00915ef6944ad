# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A webhook is tried again as often as requested, and problems are reported without its address."""

from __future__ import annotations

import io
import ssl
from collections.abc import Callable
from email.message import Message
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.response import addinfourl

import pytest
from ansible.module_utils.urls import SSLValidationError
from ansible_collections.tidegate.failover.plugins.module_utils._notify import posting
from ansible_collections.tidegate.failover.plugins.module_utils._notify.options import Options

URL = "https://hooks.example.com/canary"
WEBHOOK = {"url": URL, "form": "json", "headers": {}, "validate_certs": True, "ca_path": None}


def refused(code: int) -> HTTPError:
    """What urllib raises where a server does not take it."""
    return HTTPError(URL, code, f"not at {URL}", Message(), io.BytesIO())


class Server:
    """Gives one answer after the other, and keeps what it was asked."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers, self.asked, self.waited = list(answers), list[dict[str, Any]](), list[float]()

    def __call__(self, url: str, **request: Any) -> addinfourl:
        self.asked.append({"url": url, **request})
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return addinfourl(io.BytesIO(), Message(), url, answer)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Server]:
    """Put a server where requests go."""

    def serve(*answers: int | Exception) -> Server:
        server = Server(*answers)
        monkeypatch.setattr(posting, "open_url", server)
        return server

    return serve


def posted(server: Server, **webhook: Any) -> str:
    """Post to it, with one retry."""
    return posting.post(WEBHOOK | webhook, {"a": 1}, Options(timeout=7, retries=1, delay=3), server.waited.append)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_is_taken_is_posted_once(serve: Callable[..., Server], status: int) -> None:
    server = serve(status)
    assert posted(server) == ""
    assert (len(server.asked), server.waited) == (1, [])


def test_what_is_not_taken_is_posted_again_after_a_while(serve: Callable[..., Server]) -> None:
    server = serve(refused(503), 200)
    assert posted(server) == ""
    assert server.waited == [3]


def test_the_last_answer_is_reported(serve: Callable[..., Server]) -> None:
    reported = posted(serve(URLError("no route"), refused(500)))
    assert reported == "The webhook answered 500, expected one of 200, 201, 202, 204."


@pytest.mark.parametrize("status", [203, 302])
def test_any_other_answer_is_a_refusal(serve: Callable[..., Server], status: int) -> None:
    assert f"answered {status}" in posted(serve(status, status))


@pytest.mark.parametrize(
    "problem",
    [
        URLError(f"no route to {URL}"),
        SSLValidationError(f"not valid: {URL}"),
        ssl.SSLError(f"not valid: {URL}"),
        ValueError(f"Invalid header value {URL}"),
        TimeoutError(),
    ],
)
def test_i12_what_goes_wrong_is_reported_without_the_address(serve: Callable[..., Server], problem: Exception) -> None:
    reported = posted(serve(problem, problem))
    assert reported.startswith("The webhook could not be reached: ")
    assert "canary" not in reported


def test_what_is_posted_is_json(serve: Callable[..., Server]) -> None:
    server = serve(200)
    posted(server, headers={"X-Key": "a"})
    assert server.asked[0]["headers"] == {"Content-Type": "application/json", "X-Key": "a"}
    assert (server.asked[0]["data"], server.asked[0]["method"]) == (b'{"a": 1}', "POST")


def test_a_type_of_the_users_own_wins(serve: Callable[..., Server]) -> None:
    server = serve(200)
    posted(server, headers={"content-type": "application/example"})
    assert server.asked[0]["headers"] == {"content-type": "application/example"}


def test_the_options_of_a_webhook_reach_the_request(serve: Callable[..., Server]) -> None:
    server = serve(200)
    posted(server, validate_certs=False, ca_path="/ca.pem")
    asked = server.asked[0]
    assert (asked["timeout"], asked["validate_certs"], asked["ca_path"]) == (7, False, "/ca.pem")
