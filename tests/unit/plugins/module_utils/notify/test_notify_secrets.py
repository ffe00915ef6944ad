# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""No message of a server or a module shows the secrets of notifications."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._notify.secrets import (
    masked,
    sign_in_secrets,
    webhook_secrets,
)

WEBHOOK = {
    "url": "https://us%20er:pass1@hooks.example.com/services/T0123/s%2Fcret?key=abcd&sig=efgh",
    "headers": {"Authorization": "Bearer canary-header", "X-Key": "canary-key"},
}


@pytest.mark.parametrize(
    "said",
    [
        WEBHOOK["url"],
        "no route to /services/T0123/s%2Fcret?key=abcd&sig=efgh",
        "no route to /services/T0123/s/cret",
        "unknown team T0123",
        "wrong key=abcd",
        "user us%20er",
        "user 'us er'",
        "password pass1",
        "Authorization: Bearer canary-header",
        "token canary-header",
        "canary-key is not allowed",
    ],
)
def test_i12_nothing_of_a_webhook_but_its_host_is_shown(said: object) -> None:
    shown = masked(str(said), webhook_secrets(WEBHOOK))
    for secret in ("T0123", "cret", "abcd", "efgh", "us er", "us%20er", "pass1", "canary"):
        assert secret not in shown


def test_the_host_of_a_webhook_and_short_words_are_shown() -> None:
    said = "hooks.example.com:443 answered 500"
    assert masked(said, webhook_secrets(WEBHOOK | {"url": "https://hooks.example.com/5"})) == said


@pytest.mark.parametrize(
    "name",
    ["secret_key", "aws_secret_access_key", "session_token", "access_key", "api_user_key_pass_phrase", "passphrase"],
)
def test_i12_what_signs_in_is_not_shown(name: str) -> None:
    assert masked("is canary", sign_in_secrets({name: ["canary"]})) == "is ********"


def test_a_password_in_an_endpoint_is_not_shown() -> None:
    assert "canary" in sign_in_secrets({"endpoint_url": "http://user:canary@127.0.0.1:9", "region": "us-east-1"})


def test_who_and_where_are_shown() -> None:
    said = "profile lab in us-east-1"
    assert masked(said, sign_in_secrets({"profile": "lab", "region": "us-east-1", "secret_key": None})) == said
