# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Signatures of SNS messages.

Source: the SNS Developer Guide, "Verifying the signatures of Amazon SNS messages". It lists the signed fields of
notifications. The signed fields of confirmations are from AWS' own verifiers.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from lab.aws.certificates import CertificateAuthority

#: The signed fields in this order; fields that a message does not have are left out.
_SIGNED_FIELDS = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_NAME = "sns.amazonaws.com"
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}


def string_to_sign(message: Mapping[str, object]) -> bytes:
    """The canonical form of a message: each signed field's name and value on a line of its own."""
    lines = [f"{name}\n{message[name]}\n" for name in _SIGNED_FIELDS if message.get(name) is not None]
    return "".join(lines).encode()


class Signer:
    """Signs messages with one key. Its certificate is served at one address.

    :ivar certificate_path: the path of the certificate at the lab's HTTPS address.
    """

    def __init__(self, authority: CertificateAuthority) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pair = authority.issue("sns", _NAME, [_NAME], self._key)
        self.certificate = pair.certificate.read_bytes()
        fingerprint = hashlib.sha256(self.certificate).hexdigest()[:32]
        self.certificate_path = f"/SimpleNotificationService-{fingerprint}.pem"

    def sign(self, message: Mapping[str, object], version: str) -> str:
        """The signature, in base 64. Version 1 is SHA-1, version 2 is SHA-256."""
        signature = self._key.sign(string_to_sign(message), padding.PKCS1v15(), _HASHES[version]())
        return base64.b64encode(signature).decode()
