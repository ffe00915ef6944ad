# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Signing in: what is sent, what is refused, and what is never shown."""

from __future__ import annotations

import json

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.client import Connection, check_connection
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.errors import error_of
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.sign_in import (
    Credentials,
    bearer,
    check_credentials,
    grant,
    rights_in,
    token_in,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    RefusedError,
    ServiceRejectedError,
    TidegateError,
    TransientError,
    UnexpectedAnswerError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import Answer


@pytest.mark.parametrize("token", ["abc", "bearer abc", "Bearer  abc\n"])
def test_a_token_may_come_as_the_command_line_prints_it(token: str) -> None:
    assert bearer(token) == "abc"


@pytest.mark.parametrize("token", ["", "bearer ", "a\nb", "a b c"])
def test_a_token_that_cannot_be_sent_is_refused(token: str) -> None:
    with pytest.raises(RefusedError):
        bearer(token)


@pytest.mark.parametrize(
    "credentials", [Credentials(), Credentials(client_id="cf"), Credentials(username="u"), Credentials(client_id="c")]
)
def test_half_of_a_sign_in_is_refused(credentials: Credentials) -> None:
    with pytest.raises(RefusedError):
        check_credentials(credentials)


def test_a_given_token_alone_cannot_be_renewed() -> None:
    assert grant(Credentials(token="abc", client_id="cf", client_secret=""), None) is None


def test_a_password_goes_to_the_identity_provider_that_is_named() -> None:
    form = grant(Credentials(username="u", password="p", origin="ldap"), None)
    assert form is not None
    assert json.loads(form["login_hint"]) == {"origin": "ldap"}


@pytest.mark.parametrize(
    ("option", "connection"),
    [
        ("api_url", Connection("http://api.example.com")),
        ("uaa_url", Connection("https://api.example.com", "http://uaa.example.com")),
    ],
)
def test_i12_no_token_is_sent_over_what_is_not_encrypted(option: str, connection: Connection) -> None:
    with pytest.raises(RefusedError, match=f"{option} .* not encrypted"):
        check_connection(connection)


def test_a_refused_sign_in_says_what_the_uaa_says() -> None:
    body = json.dumps({"error": "unauthorized", "error_description": "Bad credentials"})
    with pytest.raises(AccessError, match="unauthorized: Bad credentials"):
        token_in(Answer(401, body), "https://uaa.example.com")


def test_an_answer_without_a_token_is_none_of_the_uaa() -> None:
    with pytest.raises(UnexpectedAnswerError):
        token_in(Answer(200, "<html>"), "https://uaa.example.com")


@pytest.mark.parametrize("token", ["abc", "a.b.c", "a.e30.c", "a.bnVsbA.c"])
def test_a_token_that_holds_nothing_gives_no_rights_and_no_error(token: str) -> None:
    assert rights_in(token).scopes is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, TransientError), (503, TransientError), (401, AccessError), (403, AccessError), (422, ServiceRejectedError)],
)
def test_errors_are_reported_by_what_to_do_about_them(status: int, kind: type[TidegateError]) -> None:
    body = json.dumps({"errors": [{"code": 1, "title": "CF-Something", "detail": "Something."}]})
    problem = error_of(Answer(status, body, retry_after="7"), "try", is_write=True)
    assert isinstance(problem, kind)
    assert "CF-Something: Something" in str(problem)


def test_only_a_lost_write_may_have_taken_effect() -> None:
    problems = [error_of(Answer(502, ""), "try", is_write=is_write) for is_write in (True, False)]
    assert [isinstance(one, TransientError) and one.effect_unknown for one in problems] == [True, False]
