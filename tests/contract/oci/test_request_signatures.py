# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Who is let in: request signatures, API keys and session tokens."""

from __future__ import annotations

import os
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import TypeAlias

import oci
import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    MakeClient,
)
from oci.auth.signers import SecurityTokenSigner
from oci.exceptions import ServiceError
from oci.load_balancer import LoadBalancerClient

from lab.process import RunningLab

#: Spoils a signed request before it is sent.
Spoil: TypeAlias = Callable[[requests.PreparedRequest], object]
#: Signs a request, spoils it, sends it: what spoils it, method, body.
Send: TypeAlias = Callable[..., requests.Response]


@pytest.fixture
def signed_request(lab: RunningLab, balancer_id: str) -> Send:
    """Sign a request with the SDK's signer, let a test spoil it, send it."""
    config = oci.config.from_file(lab.info["oci"]["config_file"])
    signer = oci.Signer.from_config(config)

    def send(spoil: Spoil, method: str = "GET", body: str | None = None) -> requests.Response:
        url = f"{lab.info['oci']['endpoint']}/20170115/loadBalancers/{balancer_id}"
        headers = {"content-type": "application/json"}
        request = requests.Request(method, url, data=body, headers=headers, auth=signer).prepare()
        spoil(request)
        with requests.Session() as session:
            return session.send(request, timeout=10)

    return send


def nothing(_unused: requests.PreparedRequest) -> None:
    """Leave the request as it is."""


def test_a_signed_request_is_accepted(signed_request: Send) -> None:
    assert signed_request(nothing).status_code == 200
    assert signed_request(nothing, "PUT", "{}").status_code == 204


@pytest.mark.parametrize(
    "spoil",
    [
        lambda request: request.headers.pop("authorization"),
        lambda request: request.headers.update(authorization="Bearer token"),
        lambda request: request.headers.update(date=formatdate(0, usegmt=True)),
        lambda request: setattr(request, "url", request.url + "?detail=full"),
        lambda request: setattr(request, "method", "DELETE"),
    ],
    ids=["no signature", "another scheme", "another date", "another target", "another method"],
)
def test_a_request_without_a_fitting_signature_is_refused(signed_request: Send, spoil: Spoil) -> None:
    answer = signed_request(spoil)
    assert (answer.status_code, answer.json()["code"]) == (401, "NotAuthenticated")


def test_a_changed_body_is_refused(signed_request: Send) -> None:
    answer = signed_request(lambda request: setattr(request, "body", b"[]"), "PUT", "{}")
    assert (answer.status_code, "x-content-sha256" in answer.json()["message"]) == (401, True)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_that_is_6_minutes_off_is_refused(
    lab: RunningLab, client: LoadBalancerClient, balancer_id: str, minutes: int
) -> None:
    lab.add_fault("clock_skew", seconds=minutes * 60)
    with pytest.raises(ServiceError) as refused:
        client.get_load_balancer(balancer_id)
    assert (refused.value.status, refused.value.code) == (401, "NotAuthenticated")


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_clock_that_is_4_minutes_off_is_accepted(
    lab: RunningLab, client: LoadBalancerClient, balancer_id: str, minutes: int
) -> None:
    lab.add_fault("clock_skew", seconds=minutes * 60)
    assert client.get_load_balancer(balancer_id).status == 200


def test_a_key_that_the_service_does_not_know_is_refused(make_client: MakeClient, balancer_id: str) -> None:
    with pytest.raises(ServiceError) as refused:
        make_client("UNKNOWN_KEY").get_load_balancer(balancer_id)
    assert (refused.value.status, refused.value.code) == (401, "NotAuthenticated")


@pytest.fixture
def token_client(lab: RunningLab) -> tuple[MakeClient, str]:
    """What makes a client that signs with a session token, and such a token."""
    config = oci.config.from_file(lab.info["oci"]["config_file"], "TOKEN")
    key = oci.signer.load_private_key_from_file(config["key_file"])

    def make(token: str) -> LoadBalancerClient:
        signer = SecurityTokenSigner(token, key)
        endpoint = lab.info["oci"]["endpoint"]
        return LoadBalancerClient({"region": config["region"]}, signer=signer, service_endpoint=endpoint)

    return make, Path(config["security_token_file"]).read_text(encoding="ascii")


def test_a_session_token_is_accepted(token_client: tuple[MakeClient, str], balancer_id: str) -> None:
    make, token = token_client
    assert make(token).get_load_balancer(balancer_id).status == 200


def test_a_session_token_that_the_service_did_not_issue_is_refused(
    token_client: tuple[MakeClient, str], balancer_id: str
) -> None:
    make, token = token_client
    head, payload, signature = token.split(".")
    forged = ".".join([head, payload, signature[::-1]])
    with pytest.raises(ServiceError) as refused:
        make(forged).get_load_balancer(balancer_id)
    assert (refused.value.status, refused.value.code) == (401, "NotAuthenticated")


def test_a_resource_principal_is_accepted(lab: RunningLab, balancer_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in lab.info["oci"]["resource_principal"].items():
        monkeypatch.setitem(os.environ, name, value)
    signer = oci.auth.signers.get_resource_principals_signer()
    client = LoadBalancerClient({}, signer=signer, service_endpoint=lab.info["oci"]["endpoint"])
    assert client.get_load_balancer(balancer_id).status == 200
