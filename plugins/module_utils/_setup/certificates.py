# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether the certificate of a page's listener covers the host names of users, as far as certificates are readable.

Only certificate bundles of the load balancer can be read; certificates of the certificates service cannot.
"""

from __future__ import annotations

import typing as t

try:
    from cryptography import x509
except ImportError:
    # The OCI SDK needs cryptography, so it is missing only where the SDK is missing too.
    x509 = None  # type: ignore[assignment]

Json = dict[str, t.Any]
Params = t.Mapping[str, t.Any]


def warnings(load_balancer: Json, params: Params) -> list[str]:
    """Warnings about certificates that users' browsers would refuse."""
    certificates = load_balancer.get("certificates") or {}
    page = _names_of(certificates.get(params["certificate_name"]))
    if page is None:
        return []
    about = f"The certificate {params['certificate_name']!r} of the page's listener covers {', '.join(sorted(page))}"
    if "{" not in params["redirect_host"]:
        host = params["redirect_host"].lower()
        if _covers(page, host):
            return []
        return [f"{about}, and redirect_host is {host}. Browsers will not show the page there. Use one that covers it."]
    uncovered = _uncovered(load_balancer, certificates, params["listener"], page)
    if params["redirect_host"] != "{host}" or not uncovered:
        return []
    users = "; ".join(f"{name}: {', '.join(hosts)}" for name, hosts in uncovered.items())
    return [
        (
            f"{about}, and not all names of any other HTTPS listener. Browsers will not show the page to users who "
            f"come by these names ({users}). Use a certificate that covers them."
        )
    ]


def _uncovered(
    load_balancer: Json, certificates: t.Mapping[str, Json], own: str, page: frozenset[str]
) -> dict[str, list[str]]:
    """The names that the page's certificate does not cover, by listener; empty if it covers all names of one listener.

    It is unknown here which listeners will show the page. If the certificate of one listener cannot be read, there is
    no warning.
    """
    found: dict[str, list[str]] = {}
    for name, listener in load_balancer["listeners"].items():
        tls = listener.get("sslConfiguration")
        if not tls or name == own:
            continue
        names = _names_of(certificates.get(tls.get("certificateName")))
        missing = sorted(host for host in names or () if not _covers(page, host))
        if not missing:
            return {}
        found[name] = missing
    return found


def _covers(names: frozenset[str], host: str) -> bool:
    """Whether a certificate with these names is valid for a host, or for a name with a wildcard."""
    _first, _dot, domain = host.partition(".")
    return host in names or (not host.startswith("*.") and bool(domain) and f"*.{domain}" in names)


def _names_of(certificate: Json | None) -> frozenset[str] | None:
    """DNS names and addresses; None if they cannot be read. Browsers ignore other names, such as the common name."""
    pem = (certificate or {}).get("publicCertificate")
    if not pem or x509 is None:
        return None
    try:
        parsed = x509.load_pem_x509_certificate(pem.encode("utf-8"))
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return None
    return frozenset(
        [name.lower() for name in names.get_values_for_type(x509.DNSName)]
        + [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    )
