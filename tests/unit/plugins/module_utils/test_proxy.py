# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The proxy that the environment names for an endpoint, without who signs in to it."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._proxy import fault_of_proxy, proxy_for

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("variable", "value", "endpoint", "proxy"),
    [
        ("HTTPS_PROXY", "http://proxy.example.com:3128", "https://api.example.com", "proxy.example.com:3128"),
        ("HTTPS_PROXY", "http://user:canary@192.0.2.1:3128/", "https://api.example.com", "192.0.2.1:3128"),
        ("HTTPS_PROXY", "user:canary@192.0.2.1:3128", "https://api.example.com", "192.0.2.1:3128"),
        ("https_proxy", "proxy.example.com", "https://api.example.com", "proxy.example.com"),
        ("HTTPS_PROXY", "http://proxy.example.com:3128", "http://api.example.com", None),
        ("ALL_PROXY", "http://proxy.example.com:3128", "http://api.example.com", "proxy.example.com:3128"),
        ("HTTPS_PROXY", "http://user:can#ary@192.0.2.1:3128/", "https://api.example.com", "192.0.2.1:3128"),
        ("HTTPS_PROXY", "http://user:can/a?r@y@192.0.2.1:3128", "https://api.example.com", "192.0.2.1:3128"),
        ("HTTPS_PROXY", "user:can//ary@192.0.2.1:3128", "https://api.example.com", "192.0.2.1:3128"),
        ("HTTPS_PROXY", "http://user:[can@192.0.2.1:3128", "https://api.example.com", "192.0.2.1:3128"),
        ("HTTPS_PROXY", "http://[2001:db8::1:3128", "https://api.example.com", "[2001:db8::1:3128"),
        ("HTTPS_PROXY", "", "https://api.example.com", None),
        ("HTTPS_PROXY", "http://proxy.example.com:3128", "https://[bad", None),
    ],
)
def test_host_and_port_of_the_proxy_are_known(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, endpoint: str, proxy: str | None
) -> None:
    monkeypatch.setenv(variable, value)
    assert proxy_for(endpoint) == proxy


def test_an_endpoint_of_no_proxy_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", "api.example.com")
    assert proxy_for("https://api.example.com:8443/20170115") is None


BROKEN = [
    "http://user:can#ary@192.0.2.1:3128",
    "http://user:can/ary@192.0.2.1:3128",
    "http://user:can?ary@192.0.2.1:3128",
    "http://user:canary@192.0.2.1:99999",
    "http://user:canary@192.0.2.1:port",
    "http://user:canary@192.0.2.1: 3128",
    "http://user:canary@[2001:db8::1:3128",
    "http:/user:canary@192.0.2.1:3128",
]


@pytest.mark.parametrize("proxy", BROKEN)
def test_an_address_of_a_proxy_that_is_no_url_is_reported_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    fault = fault_of_proxy("https://api.example.com")
    assert "is no URL" in fault
    assert not any(part in fault for part in ("can", "ary", "user:"))


@pytest.mark.parametrize(
    "proxy",
    ["http://user:p@ssword@192.0.2.1:3128/", "http://[2001:db8::1]:3128", "proxy.example.com", "http://a%23b:c@p:1"],
)
def test_a_proper_address_of_a_proxy_has_no_fault(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert fault_of_proxy("https://api.example.com") == fault_of_proxy("http://no.proxy.example.com") == ""
