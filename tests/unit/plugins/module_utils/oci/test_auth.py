# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Options, profiles and environments become clients of the SDK, or a message that names what is missing."""

from __future__ import annotations

import base64
import json
import time
import typing as t
from collections.abc import Callable
from pathlib import Path

import oci
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import load_balancer_client
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancerApi
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PASS_PHRASE = "canary-pass-phrase"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
USER = "ocid1.user.oc1..aaaaexample"
TENANCY = "ocid1.tenancy.oc1..aaaaexample"
FINGERPRINT = ":".join(["ab"] * 16)


def pem(pass_phrase: str | None = None) -> bytes:
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if pass_phrase:
        lock = serialization.BestAvailableEncryption(pass_phrase.encode())
    return KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a key, a token and a configuration file with profiles."""
    (tmp_path / "key.pem").write_bytes(pem())
    (tmp_path / "locked.pem").write_bytes(pem(PASS_PHRASE))
    (tmp_path / "token").write_text("a.session.token\n")
    common = f"user={USER}\ntenancy={TENANCY}\nfingerprint={FINGERPRINT}\nregion=us-ashburn-1\n"
    (tmp_path / "config").write_text(
        f"[DEFAULT]\n{common}key_file={tmp_path}/key.pem\n"
        f"[LOCKED]\n{common}key_file={tmp_path}/locked.pem\n"
        f"[TOKEN]\n{common}key_file={tmp_path}/key.pem\nsecurity_token_file={tmp_path}/token\n"
    )
    return tmp_path


def client(home: Path, **options: t.Any) -> t.Any:
    given = {"config_file_location": str(home / "config"), **options}
    return load_balancer_client(given, wait_timeout=60)


def test_a_profile_is_enough_for_an_api_key(home: Path) -> None:
    signer = client(home).base_client.signer
    assert signer.api_key == f"{TENANCY}/{USER}/{FINGERPRINT}"


def test_options_are_enough_without_a_configuration_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home / "nobody"))
    options = {
        "api_user": USER,
        "api_user_fingerprint": FINGERPRINT,
        "api_user_key_file": str(home / "key.pem"),
        "tenancy": TENANCY,
        "region": "us-phoenix-1",
    }
    assert load_balancer_client(options, wait_timeout=60).base_client.endpoint.startswith("https://iaas.us-phoenix-1.")


def test_an_option_overrides_the_profile(home: Path) -> None:
    assert "us-phoenix-1" in client(home, region="us-phoenix-1").base_client.endpoint


def test_a_locked_key_opens_with_its_pass_phrase(home: Path) -> None:
    options = {"config_profile_name": "LOCKED", "api_user_key_pass_phrase": PASS_PHRASE}
    assert client(home, **options).base_client.signer.private_key is not None


def test_a_security_token_signs_with_the_session(home: Path) -> None:
    signer = client(home, auth_type="security_token", config_profile_name="TOKEN").base_client.signer
    assert signer.api_key == "ST$a.session.token"


def test_a_resource_principal_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = {"exp": int(time.time()) + 600, "res_tenant": TENANCY, "res_compartment": TENANCY, "jwk": "{}"}
    token = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims, {})
    )
    for name, value in {
        "VERSION": "2.2",
        "RPST": token,
        "PRIVATE_PEM": pem().decode(),
        "REGION": "us-ashburn-1",
    }.items():
        monkeypatch.setenv(f"OCI_RESOURCE_PRINCIPAL_{name}", value)
    built = load_balancer_client({"auth_type": "resource_principal"}, wait_timeout=60)
    assert "us-ashburn-1" in built.base_client.endpoint
    assert isinstance(built.base_client.signer, oci.auth.signers.SecurityTokenSigner)


def test_a_private_endpoint_is_used_as_given_even_with_a_realm_template(home: Path) -> None:
    options = {"service_endpoint": "https://iaas.example.com", "realm_specific_endpoint_template_enabled": True}
    assert client(home, **options).base_client.endpoint == "https://iaas.example.com/20170115"


def test_a_certificate_bundle_is_trusted(home: Path) -> None:
    assert client(home, cert_bundle=str(home / "token")).base_client.session.verify == str(home / "token")


def test_the_retries_and_the_circuit_breaker_of_the_sdk_are_off(home: Path) -> None:
    built = client(home)
    assert isinstance(built.retry_strategy, oci.retry.NoneRetryStrategy)
    assert built.base_client.circuit_breaker_name is None


def test_no_call_waits_longer_than_the_task_may_take(home: Path) -> None:
    built = load_balancer_client({"config_file_location": str(home / "config")}, wait_timeout=3)
    assert built.base_client.timeout == (3, 3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"config_file_location": "/nonexistent/config"}, "Could not find config file"),
        ({"config_profile_name": "NOBODY"}, "Profile 'NOBODY' not found"),
        ({"api_user_fingerprint": "not a fingerprint"}, "not complete.*fingerprint.*malformed"),
        ({"api_user_key_file": "/nonexistent/key.pem"}, "key"),
        ({"config_profile_name": "LOCKED", "api_user_key_pass_phrase": "wrong"}, "Cannot sign in"),
        ({"auth_type": "security_token"}, "needs security_token_file"),
        ({"auth_type": "instance_obo_user"}, "needs delegation_token_file"),
        ({"auth_type": "resource_principal"}, "no resource principal is offered"),
        ({"cert_bundle": "/nonexistent/ca.pem"}, "cert_bundle is /nonexistent/ca.pem"),
    ],
)
def test_credentials_that_cannot_be_used_are_a_clear_refusal(home: Path, options: dict[str, str], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        client(home, **options)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "\ufeff" + text, "line 1 begins with a byte order mark"),
        (lambda text: text + text, r"section \[DEFAULT\] begins a second time"),
        (lambda text: text.replace("[DEFAULT]\n", ""), "line 1 stands before any section"),
        (lambda text: text.replace("[LOCKED]", "region=eu-frankfurt-1\n[LOCKED]"), "sets region .* a second time"),
    ],
)
def test_a_configuration_file_that_cannot_be_read_is_refused_by_file_and_line(
    home: Path, change: Callable[[str], str], words: str
) -> None:
    file = home / "config"
    file.write_text(change(file.read_text()), encoding="utf-8")
    with pytest.raises(RefusedError, match=rf"configuration file {file}: .*{words}") as caught:
        client(home)
    assert USER not in str(caught.value)


def test_a_configuration_file_that_cannot_be_opened_is_not_called_missing(home: Path) -> None:
    with pytest.raises(RefusedError, match=f"{home}: it cannot be read"):
        load_balancer_client({"config_file_location": str(home)}, wait_timeout=60)


@pytest.fixture
def session_profile(home: Path) -> None:
    """The configuration file holds what ``oci session authenticate`` writes, and nothing else."""
    (home / "config").write_text(
        f"[DEFAULT]\nfingerprint={FINGERPRINT}\nkey_file={home}/key.pem\ntenancy={TENANCY}\nregion=us-ashburn-1\n"
        f"security_token_file={home}/token\n"
    )


@pytest.mark.usefixtures("session_profile")
def test_a_session_profile_without_auth_type_is_refused_with_the_option_to_set(home: Path) -> None:
    with pytest.raises(RefusedError, match="profile DEFAULT has a security_token_file.*auth_type: security_token"):
        client(home)


@pytest.mark.usefixtures("session_profile")
def test_a_session_profile_signs_in_with_its_token(home: Path) -> None:
    assert client(home, auth_type="security_token").base_client.signer.api_key == "ST$a.session.token"


def elliptic() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public() -> bytes:
    return KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("auth_type", ["api_key", "security_token"])
@pytest.mark.parametrize("key", [lambda: b"", lambda: b"no key", public, elliptic, lambda: pem(PASS_PHRASE)])
def test_a_key_that_cannot_sign_is_refused_with_its_file(home: Path, key: Callable[[], bytes], auth_type: str) -> None:
    (home / "key.pem").write_bytes(key())
    with pytest.raises(RefusedError, match=f"key_file {home}/key.pem cannot be used.*RSA key in PEM"):
        client(home, config_profile_name="TOKEN", auth_type=auth_type)


@pytest.mark.parametrize("change", [lambda key: key.replace(b"\n", b"\r\n"), lambda key: b"\xef\xbb\xbf" + key])
def test_a_key_that_a_windows_editor_saved_signs(home: Path, change: Callable[[bytes], bytes]) -> None:
    (home / "key.pem").write_bytes(change(pem()))
    assert client(home).base_client.signer.private_key is not None


def test_a_token_that_is_no_text_is_refused_with_its_file(home: Path) -> None:
    (home / "token").write_bytes(b"\xff\xfe")
    with pytest.raises(RefusedError, match=f"security_token_file is {home}/token, which is not text"):
        client(home, config_profile_name="TOKEN", auth_type="security_token")


@pytest.mark.parametrize("region", ['"us-ashburn-1"', "US East", "us-ashburn-1."])
def test_a_region_that_cannot_be_one_is_refused(home: Path, region: str) -> None:
    with pytest.raises(RefusedError, match="The OCI region is .*eu-frankfurt-1"):
        client(home, region=region)


def test_a_slash_behind_an_endpoint_does_no_harm(home: Path) -> None:
    endpoint = client(home, service_endpoint="https://iaas.private.example.com/").base_client.endpoint
    assert endpoint == "https://iaas.private.example.com/20170115"


def test_an_endpoint_with_a_path_is_refused(home: Path) -> None:
    with pytest.raises(RefusedError, match="scheme, host and port only"):
        client(home, service_endpoint="https://iaas.private.example.com/20170115")


def test_an_endpoint_that_the_sdk_does_not_take_is_a_clear_refusal(home: Path) -> None:
    api = LoadBalancerApi(client(home, service_endpoint="http://[::1]:8080"), "ocid1.loadbalancer.oc1.iad.aaaaexample")
    with pytest.raises(RefusedError, match=r"at http://\[::1\]:8080.*Check service_endpoint"):
        api.read()


@pytest.mark.parametrize(
    "options",
    [
        {"config_profile_name": "LOCKED"},
        {"config_profile_name": "NOBODY"},
        {"cert_bundle": "/nonexistent/ca.pem"},
        {"auth_type": "security_token"},
        {"region": "US East"},
    ],
)
def test_i12_no_message_about_credentials_repeats_the_pass_phrase(home: Path, options: dict[str, str]) -> None:
    with pytest.raises(RefusedError) as caught:
        client(home, api_user_key_pass_phrase="canary-wrong", **options)
    assert "canary" not in str(caught.value)
