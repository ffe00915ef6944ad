# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The load balancers of one task, and how often it signs in for them."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Selection
from ansible_collections.tidegate.failover.plugins.module_utils._module.load_balancer_targets import (
    LoadBalancerApis,
    Target,
)
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CHECKOUT = Selection("ocid1.loadbalancer.oc1.iad.aaaaexample", listeners=("https",))
SEARCH = Selection("ocid1.loadbalancer.oc1.iad.bbbbexample", listeners=("https",))


@pytest.fixture(scope="module")
def pem() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture
def key(tmp_path: Path, pem: bytes) -> Path:
    path = tmp_path / "key.pem"
    path.write_bytes(pem)
    return path


def apis(key: Path) -> LoadBalancerApis:
    params: dict[str, t.Any] = {
        "api_user": "ocid1.user.oc1..aaaaexample",
        "api_user_fingerprint": ":".join(["ab"] * 16),
        "api_user_key_file": str(key),
        "tenancy": "ocid1.tenancy.oc1..aaaaexample",
        "region": "us-ashburn-1",
        "wait_timeout": 60,
    }
    return LoadBalancerApis(params)


def test_the_key_is_read_once_for_all_load_balancers_of_a_region(key: Path) -> None:
    reached = apis(key)
    reached.of(Target(CHECKOUT, None))
    key.unlink()
    assert "us-ashburn-1" in reached.of(Target(SEARCH, None)).endpoint


def test_a_target_is_reached_in_its_own_region(key: Path) -> None:
    reached = apis(key)
    reached.of(Target(CHECKOUT, None))
    assert "us-phoenix-1" in reached.of(Target(SEARCH, "us-phoenix-1")).endpoint


def test_signing_in_that_was_refused_is_not_tried_for_every_load_balancer(key: Path, pem: bytes) -> None:
    reached = apis(key)
    key.unlink()
    with pytest.raises(RefusedError, match="sign in"):
        reached.of(Target(CHECKOUT, None))
    key.write_bytes(pem)
    with pytest.raises(RefusedError, match="sign in"):
        reached.of(Target(SEARCH, None))
