# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Backends with TLS: where a load balancer verifies their certificate, it has to be issued by that authority."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import LoadBalancerApi, PutRaw, Visit

from lab.oci.traffic.tls import create_bundle
from lab.process import RunningLab


@pytest.mark.parametrize(("authority", "status"), [("own", 404), ("other", 502)])
def test_a_backend_is_verified_by_the_authority_of_the_backend_set(
    lab: RunningLab,
    api: LoadBalancerApi,
    put_raw: PutRaw,
    visit: Visit,
    urls: dict[str, str],
    authority: str,
    status: int,
) -> None:
    host, _unused, port = lab.info["oci"]["gateway"]["address"].rpartition(":")
    document = api.get()
    ca = (
        document["certificates"]["checkout"]["caCertificate"]
        if authority == "own"
        else create_bundle("x").ca_certificate
    )
    document["certificates"]["page"] = {"certificateName": "page", "caCertificate": ca, "publicCertificate": None}
    document["backendSets"]["maintenance-page"] |= {
        "backends": [{"ipAddress": host, "port": int(port)}],
        "sslConfiguration": {"certificateName": "page", "verifyPeerCertificate": True},
    }
    # The gateway has no deployment, so it answers 404.
    document["backendSets"]["maintenance-page"]["healthChecker"]["returnCode"] = 404
    put_raw(certificates=document["certificates"], backendSets=document["backendSets"])
    assert visit(f"{urls['maintenance']}/").status_code == status
