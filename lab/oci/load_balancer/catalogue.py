# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The values that the service offers: protocols, policies, shapes, cipher suites.

Source: the API's enums; for cipher suites its page "Predefined Load Balancer Cipher Suites".
"""

from __future__ import annotations

PROTOCOLS = ("HTTP", "HTTP2", "TCP", "GRPC")
POLICIES = ("ROUND_ROBIN", "LEAST_CONNECTIONS", "IP_HASH")
SHAPES = ("flexible", "10Mbps-Micro", "10Mbps", "100Mbps", "400Mbps", "8000Mbps")
TLS_PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")

CUSTOMIZED_CIPHER_SUITE = "oci-customized-ssl-cipher-suite"
PREDEFINED_CIPHER_SUITES = (
    "oci-tls-12-ssl-cipher-suite-v3",
    "oci-fips-tls-12-ssl-cipher-suite-v3",
    "oci-tls-13-ssl-cipher-suite-v3",
    "oci-fips-tls-13-ssl-cipher-suite-v3",
    "oci-tls-12-13-ssl-cipher-suite-v3",
    "oci-default-ssl-cipher-suite-v1",
    "oci-modern-ssl-cipher-suite-v1",
    "oci-compatible-ssl-cipher-suite-v1",
    "oci-wider-compatible-ssl-cipher-suite-v1",
    "oci-default-http2-ssl-cipher-suite-v1",
    "oci-default-http2-tls-13-ssl-cipher-suite-v1",
    "oci-default-http2-tls-12-13-ssl-cipher-suite-v1",
    "oci-tls-13-recommended-ssl-cipher-suite-v1",
    "oci-tls-12-13-wider-ssl-cipher-suite-v1",
    "oci-tls-11-12-13-wider-ssl-cipher-suite-v1",
)
