# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether the page's certificate covers the host names that users come by."""

from __future__ import annotations

import ipaddress
import typing as t
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._setup import certificates
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Json = dict[str, t.Any]

SHOP, SORRY = "shop.example.com", "sorry.example.com"


@cache
def bundle(*names: str) -> Json:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example.com")])
    begin = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1, begin, begin + timedelta(days=1))
    if names:
        listed = [
            x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(listed), critical=False)
    made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return {"publicCertificate": made.decode("ascii")}


def warned(page: Json, host: str = "{host}", **listeners: Json | None) -> str:
    """The warnings, where other listeners have these certificates."""
    balancer: Json = {
        "certificates": {"page": page, **{name: one for name, one in listeners.items() if one}},
        "listeners": {name: {"sslConfiguration": {"certificateName": name}} for name in listeners}
        | {"http": {}, "sorry": {"sslConfiguration": {"certificateName": "page"}}},
    }
    params = {"certificate_name": "page", "redirect_host": host, "listener": "sorry"}
    return "\n".join(certificates.warnings(balancer, params))


@pytest.mark.parametrize(
    ("names", "host"),
    [
        ([SORRY], SORRY),
        (["*.example.com"], SORRY),
        ([SORRY], SORRY.upper()),
        (["192.0.2.1"], "192.0.2.1"),
        (["*.example.com"], "{host}"),
        ([SHOP, SORRY], "{host}"),
        ([SORRY], "www.{host}"),
    ],
)
def test_a_certificate_that_covers_the_host_is_no_news(names: list[str], host: str) -> None:
    assert warned(bundle(*names), host, https=bundle(SHOP)) == ""


@pytest.mark.parametrize("names", [["www.example.com"], ["*.com"], ["*.sorry.example.com"]])
def test_a_certificate_that_does_not_cover_redirect_host_is_warned_of(names: list[str]) -> None:
    assert f"redirect_host is {SORRY}" in warned(bundle(*names), SORRY)


def test_names_that_users_come_by_and_the_page_lacks_are_warned_of() -> None:
    text = warned(bundle(SORRY), https=bundle(SHOP, SORRY), other=bundle("*.example.com"))
    assert f"https: {SHOP}; other: *.example.com" in text


def test_a_page_for_one_of_several_services_needs_only_its_names() -> None:
    assert warned(bundle(SHOP), https=bundle(SHOP), other=bundle("other.example.com")) == ""


@pytest.mark.parametrize("other", [None, bundle(), {"publicCertificate": "no PEM"}, {}])
def test_nothing_is_reported_where_the_names_of_a_listener_are_not_known(other: Json | None) -> None:
    assert warned(bundle(SORRY), https=bundle(SHOP), other=other) == ""


def test_nothing_is_reported_of_a_page_whose_names_are_not_known() -> None:
    assert warned({}, SORRY) == ""
