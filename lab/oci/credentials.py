# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's tenancy and the credentials of its one user, in the files that OCI's own clients read."""

from __future__ import annotations

import configparser
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from lab.oci.identifiers import REGION, new_ocid

PROFILE = "DEFAULT"
TOKEN_PROFILE = "TOKEN"
UNKNOWN_KEY_PROFILE = "UNKNOWN_KEY"
_TOKEN_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Tenancy:
    """The tenancy whose user may call the lab's APIs.

    :ivar api_keys: key id (``tenancy/user/fingerprint``) to public key.
    :ivar token_issuer: public key that verifies session tokens.
    """

    tenancy_id: str
    user_id: str
    compartment_id: str
    api_keys: dict[str, rsa.RSAPublicKey]
    token_issuer: rsa.RSAPublicKey


@dataclass(frozen=True)
class CredentialFiles:
    """The files with the credentials; see OCI's "SDK and CLI Configuration File"."""

    config: Path
    token: Path
    session_key: Path

    def resource_principal(self) -> dict[str, str]:
        """The environment of a resource principal, version 2.2, for functions."""
        return {
            "OCI_RESOURCE_PRINCIPAL_VERSION": "2.2",
            "OCI_RESOURCE_PRINCIPAL_RPST": str(self.token),
            "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM": str(self.session_key),
            "OCI_RESOURCE_PRINCIPAL_REGION": REGION,
        }


def create_credentials(folder: Path) -> tuple[Tenancy, CredentialFiles]:
    """Create a tenancy and write the files of its user.

    Profile ``DEFAULT`` signs with an API key, ``TOKEN`` with a session token, ``UNKNOWN_KEY`` with an unknown key.
    """
    api_key, unknown_key, session_key, issuer = (_new_key() for _unused in range(4))
    tenancy_id, user_id, compartment_id = (new_ocid(kind) for kind in ("tenancy", "user", "compartment"))
    tenancy = Tenancy(
        tenancy_id=tenancy_id,
        user_id=user_id,
        compartment_id=compartment_id,
        api_keys={f"{tenancy_id}/{user_id}/{fingerprint(api_key)}": api_key.public_key()},
        token_issuer=issuer.public_key(),
    )
    files = CredentialFiles(folder / "config", folder / "token", folder / "session_key.pem")
    _write(files.token, session_token(tenancy, session_key, issuer))
    config = configparser.ConfigParser()
    config[PROFILE] = _profile(tenancy, folder / "api_key.pem", api_key)
    config[TOKEN_PROFILE] = _profile(tenancy, files.session_key, session_key) | {
        "security_token_file": str(files.token)
    }
    config[UNKNOWN_KEY_PROFILE] = _profile(tenancy, folder / "unknown_key.pem", unknown_key)
    with files.config.open("w", encoding="utf-8") as file:
        config.write(file)
    files.config.chmod(0o600)
    return tenancy, files


def session_token(
    tenancy: Tenancy, session_key: rsa.RSAPrivateKey, issuer: rsa.RSAPrivateKey, seconds: int = _TOKEN_SECONDS
) -> str:
    """A session token in the form of OCI's identity service: it holds the public key for the requests' signatures."""
    claims = {
        "sub": tenancy.user_id,
        "tenant": tenancy.tenancy_id,
        "res_tenant": tenancy.tenancy_id,
        "res_compartment": tenancy.compartment_id,
        "exp": int(time.time()) + seconds,
        "jwk": json.dumps(RSAAlgorithm.to_jwk(session_key.public_key(), as_dict=True)),
    }
    return jwt.encode(claims, issuer, algorithm="RS256")


def fingerprint(key: rsa.RSAPrivateKey) -> str:
    """OCI's fingerprint of an API key: the MD5 of its public half in DER form."""
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.md5(der, usedforsecurity=False).digest().hex(":")


def _profile(tenancy: Tenancy, file: Path, key: rsa.RSAPrivateKey) -> dict[str, str]:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(file, pem.decode("ascii"))
    return {
        "tenancy": tenancy.tenancy_id,
        "user": tenancy.user_id,
        "fingerprint": fingerprint(key),
        "key_file": str(file),
        "region": REGION,
    }


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="ascii")
