# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Text that looks like a secret is hidden, and other text stays readable."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._record.redaction import (
    address_secrets,
    redacted,
    redacted_text,
)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://app:hunter2@db.example.com/orders",
        "https://app:a/hunter2@host.example.com/",
        "https://app:p@hunter2@host.example.com/",
        "https://hunter2@host.example.com/",
        "host=db.example.com password=hunter2 dbname=orders",
        "https://example.com/hook?token=hunter2",
        '{"client_secret": "hunter2"}',
        "api-key: hunter2",
        "Authorization: Bearer hunter2hunter2",
        "https://hooks.example.com/services/T0/B0/hunter2",
        '{"password": "correct horse, hunter2; battery"}',
        "{'password': 'correct hunter2'}",
        "host=db.example.com password='it''s hunter2' dbname=orders",
        r'password="a \" hunter2"',
        "password='never closed hunter2",
        '{"secret_key": "hunter2"}',
        "secret-key=hunter2",
        "api_user_key_pass_phrase: hunter2",
        "passphrase=hunter2",
    ],
)
def test_a_secret_is_hidden(text: str) -> None:
    assert "hunter2" not in redacted_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://checkout.example.com/lb-check answers 200",
        "https://checkout.example.com:8443/lb-check?by=a@example.com answers 200",
        "https://checkout.example.com:8443, says a@example.com",
        "The password policy was not touched.",
        "lock 20261121T030405Z-3f9a1c2e on 233e180f-f023-45a3-954e-415303f21eab",
        "arn:aws:sns:us-east-1:123456789012:on-call",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted_text(text) == text


def test_all_of_the_data_is_searched() -> None:
    data = {"steps": [{"msg": "password=hunter2"}], "pair": ("token=hunter2", 7), "none": None}
    assert redacted(data) == {"steps": [{"msg": "password=********"}], "pair": ["token=********", 7], "none": None}


@pytest.mark.parametrize("value", ["plain words", 1234, ["a", "b"], {"a": "b"}])
def test_whatever_its_type_a_value_is_hidden_by_its_name(value: object) -> None:
    assert redacted({"passphrase": value, "secret_key": value}) == dict.fromkeys(
        ("passphrase", "secret_key"), "********"
    )


@pytest.mark.parametrize("value", [None, "", [], True, False])
def test_what_can_be_no_secret_stays_whatever_its_name(value: object) -> None:
    assert redacted({"token": value}) == {"token": value}


def test_what_follows_a_quoted_secret_stays() -> None:
    assert redacted_text("password='a b' dbname='x y'") == "password='********' dbname='x y'"
    assert redacted_text("password='' dbname='x y'") == "password='' dbname='x y'"


def test_a_value_is_hidden_by_its_name() -> None:
    assert redacted({"db_password": "plain words", "lock_ids": ["x"]}) == {"db_password": "********", "lock_ids": ["x"]}


@pytest.mark.parametrize(
    ("data", "secrets"),
    [
        ({"gates": [{"url": "https://app:hunter2@host.example.com/"}]}, {"hunter2"}),
        ("https://app:hunter%202@host.example.com/", {"hunter%202", "hunter 2"}),
        ("https://hunter2@host.example.com/", {"hunter2"}),
        ([None, 7, "https://host.example.com:8443/?by=a@example.com"], set()),
    ],
)
def test_passwords_in_addresses_are_found_in_any_data(data: object, secrets: set[str]) -> None:
    assert address_secrets(data) == secrets


@pytest.mark.parametrize("text", ["a." * 30_000, "http://" * 10_000, "http://host.example.com," * 3_000])
def test_a_long_text_without_secrets_is_returned_unchanged(text: str) -> None:
    """A search that takes time with the square of the length takes minutes here."""
    assert redacted_text(text) == text
