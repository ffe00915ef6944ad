# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""TLS of listeners: the lab's own certificate authority, and contexts for a listener's settings."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab.oci.load_balancer.fields import Json

_VALID = timedelta(days=30)
_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


@dataclass(frozen=True)
class Bundle:
    """A certificate with its key and its authority's certificate, all in PEM form."""

    certificate: str
    private_key: str
    ca_certificate: str


def create_bundle(common_name: str) -> Bundle:
    """A server certificate for loopback addresses, issued by a new certificate authority."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{common_name} CA")])
    ca_usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    ca = (
        _builder(ca_name, ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(ca_usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    certificate = (
        _builder(name, ca_name, key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Bundle(_pem(certificate), pem.decode("ascii"), _pem(ca))


def _builder(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _VALID)
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def backend_authority(backend_set: Json, certificates: Json) -> str | None:
    """The authority that verifies a backend's certificate; None if the certificate is not verified.

    The lab has no authorities of OCI's certificates service, so a verification with them fails.
    """
    settings = backend_set.get("sslConfiguration") or {}
    if not settings.get("verifyPeerCertificate"):
        return None
    return str(certificates.get(settings.get("certificateName") or "", {}).get("caCertificate") or "")


@lru_cache(maxsize=64)
def client_context(authority: str | None) -> ssl.SSLContext | bool:
    """The load balancer's TLS context for backends. It verifies the chain, and not the name, as backends have none."""
    if authority is None:
        return False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if authority:
        context.load_verify_locations(cadata=authority)
    return context


def server_context(ssl_configuration: Json, certificates: Json) -> ssl.SSLContext:
    """A listener's TLS settings as an SSL context.

    :param certificates: the load balancer's certificate bundles.
    :raises ValueError: the certificate is not in the lab: it is in OCI's certificates service, or has no key.
    """
    name = ssl_configuration.get("certificateName")
    certificate = certificates.get(name or "", {})
    if not certificate.get("privateKey"):
        raise ValueError(f"the lab has no private key for the certificate {name!r}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    versions = [_VERSIONS[protocol] for protocol in ssl_configuration.get("protocols") or ["TLSv1.2"]]
    context.minimum_version, context.maximum_version = min(versions), max(versions)
    chain = "\n".join(filter(None, (certificate["publicCertificate"], certificate.get("caCertificate"))))
    # The standard library loads certificates from files only.
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(f"{certificate['privateKey']}\n{chain}")
        file.flush()
        context.load_cert_chain(file.name, password=certificate.get("passphrase"))
    return context
