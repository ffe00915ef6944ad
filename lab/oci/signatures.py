# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Verification of OCI's request signatures, version 1.

The rules are those of the OCI documentation's "Request Signatures": RSA-SHA256 over date, request target and host, and
for PUT, POST and PATCH also over length, type and SHA-256 of the body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from jwt.algorithms import RSAAlgorithm

from lab.oci.credentials import Tenancy
from lab.oci.errors import ApiError

_MAXIMUM_SKEW = timedelta(minutes=5)
_ALWAYS_SIGNED = ("date", "(request-target)", "host")
_SIGNED_WITH_BODY = ("content-length", "content-type", "x-content-sha256")
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class SignedRequest:
    """The parts of a request that a signature covers.

    :ivar target: path and query exactly as sent.
    :ivar headers: a mapping that ignores the case of names.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def verify(request: SignedRequest, tenancy: Tenancy, now: datetime) -> None:
    """Verify that a known user signed the request.

    :raises ApiError: 401 NotAuthenticated: no signature, an unknown key, a wrong signature, or a date too far away.
    """
    scheme, _unused, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "signature":
        raise _refused("The Authorization header holds no signature.")
    parameters = dict(_PARAMETER.findall(rest))
    if parameters.get("version") != "1" or parameters.get("algorithm") != "rsa-sha256":
        raise _refused("Only version 1 of the signatures and the algorithm rsa-sha256 are accepted.")
    names = parameters.get("headers", "").split()
    _check_covered(request, names)
    _check_date(request, names, now)
    if "x-content-sha256" in names:
        _check_body(request)
    _check_signature(request, names, parameters, tenancy)


def _refused(message: str) -> ApiError:
    return ApiError(401, "NotAuthenticated", message)


def _check_covered(request: SignedRequest, names: list[str]) -> None:
    required = list(_ALWAYS_SIGNED)
    if "x-date" in names:
        required.remove("date")
    if request.method in ("PUT", "POST", "PATCH"):
        required.extend(_SIGNED_WITH_BODY)
    uncovered = [name for name in required if name not in names]
    if uncovered:
        raise _refused(f"The signature does not cover {', '.join(uncovered)}.")


def _check_date(request: SignedRequest, names: list[str], now: datetime) -> None:
    text = request.headers.get("x-date" if "x-date" in names else "date", "")
    try:
        date = parsedate_to_datetime(text)
    except ValueError as error:
        raise _refused(f"The date {text!r} cannot be read.") from error
    if date.tzinfo is None or abs(date - now) > _MAXIMUM_SKEW:
        raise _refused(
            f"The date {text!r} is more than 5 minutes away from the service's {now:%a, %d %b %Y %H:%M:%S} GMT."
        )


def _check_body(request: SignedRequest) -> None:
    digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode("ascii")
    if request.headers.get("x-content-sha256") != digest:
        raise _refused("x-content-sha256 is not the digest of the body.")


def _check_signature(request: SignedRequest, names: list[str], parameters: dict[str, str], tenancy: Tenancy) -> None:
    key = _public_key(parameters.get("keyId", ""), tenancy)
    try:
        signature = base64.b64decode(parameters.get("signature", ""), validate=True)
        key.verify(signature, _signed_text(request, names).encode("utf-8"), padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, InvalidSignature) as error:
        raise _refused("The signature does not fit the request.") from error


def _signed_text(request: SignedRequest, names: list[str]) -> str:
    lines = []
    for name in names:
        if name == "(request-target)":
            lines.append(f"{name}: {request.method.lower()} {request.target}")
        elif name in request.headers:
            lines.append(f"{name}: {request.headers[name]}")
        else:
            raise _refused(f"The signature covers {name}, which the request does not have.")
    return "\n".join(lines)


def _public_key(key_id: str, tenancy: Tenancy) -> rsa.RSAPublicKey:
    if key_id.startswith("ST$"):
        return _session_key(key_id.removeprefix("ST$"), tenancy)
    if key_id not in tenancy.api_keys:
        raise _refused(f"The key {key_id!r} is not known.")
    return tenancy.api_keys[key_id]


def _session_key(token: str, tenancy: Tenancy) -> rsa.RSAPublicKey:
    try:
        claims = jwt.decode(token, tenancy.token_issuer, algorithms=["RS256"], options={"require": ["exp", "jwk"]})
        key = RSAAlgorithm.from_jwk(json.dumps(json.loads(claims["jwk"])))
    except (jwt.InvalidTokenError, jwt.InvalidKeyError, json.JSONDecodeError) as error:
        raise _refused(f"The session token is not valid: {error}.") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise _refused("The session token holds no public key.")
    return key
