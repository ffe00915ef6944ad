# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Creates signed-in clients of the OCI SDK from the options of a task.

The options and their environment variables are the same as in the oracle.oci collection.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.profile import read_profile
from ansible_collections.tidegate.failover.plugins.module_utils._oci.sdk import oci

#: Option of a task -> key in the SDK's configuration.
_OVERRIDES = {
    "api_user": "user",
    "api_user_fingerprint": "fingerprint",
    "api_user_key_file": "key_file",
    "api_user_key_pass_phrase": "pass_phrase",
    "tenancy": "tenancy",
    "region": "region",
}

#: Seconds to wait for a connection, and for an answer once connected: the SDK's own defaults.
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0

Options = Mapping[str, t.Any]


class SignIn(t.NamedTuple):
    """Credentials that are ready to sign requests. Many clients may share them, in many threads."""

    config: dict[str, t.Any]
    signer: t.Any


def load_balancer_client(options: Options, *, wait_timeout: float, sign_in: SignIn | None = None) -> t.Any:
    """An ``oci.load_balancer.LoadBalancerClient`` for the credentials, region and endpoint that the options name.

    :param wait_timeout: seconds that the task may take; no single call waits longer.
    :param sign_in: the result of :func:`sign_in_with` for these options, if there is one already.
    :raises RefusedError: the given credentials, region or endpoint cannot be used.
    """
    return _client(oci.load_balancer.LoadBalancerClient, options, wait_timeout, sign_in)


def notification_client(options: Options, *, wait_timeout: float) -> t.Any:
    """An ``oci.ons.NotificationDataPlaneClient``, with the same options and errors as :func:`load_balancer_client`."""
    return _client(oci.ons.NotificationDataPlaneClient, options, wait_timeout, None)


def monitoring_client(options: Options, *, wait_timeout: float, sign_in: SignIn) -> t.Any:
    """An ``oci.monitoring.MonitoringClient``, with the same options and errors as :func:`load_balancer_client`."""
    return _client(oci.monitoring.MonitoringClient, options, wait_timeout, sign_in)


def topic_client(options: Options, *, wait_timeout: float, sign_in: SignIn) -> t.Any:
    """An ``oci.ons.NotificationControlPlaneClient``. Its endpoint also serves subscriptions."""
    return _client(oci.ons.NotificationControlPlaneClient, options, wait_timeout, sign_in)


def gateway_client(options: Options, *, wait_timeout: float, sign_in: SignIn | None = None) -> t.Any:
    """An ``oci.apigateway.DeploymentClient``. Its endpoint also serves gateways and work requests."""
    return _client(oci.apigateway.DeploymentClient, options, wait_timeout, sign_in)


def network_client(options: Options, *, wait_timeout: float) -> t.Any:
    """An ``oci.core.VirtualNetworkClient``. Its endpoint also serves load balancers."""
    return _client(oci.core.VirtualNetworkClient, options, wait_timeout, None)


def _client(kind: t.Any, options: Options, wait_timeout: float, sign_in: SignIn | None) -> t.Any:
    """The SDK's circuit breaker and retries are off: our own loop decides what to send again, and when."""
    config, signer = sign_in or sign_in_with(options)
    extra: dict[str, t.Any] = {}
    if options.get("service_endpoint"):
        extra["service_endpoint"] = _origin(options["service_endpoint"])
    elif options.get("realm_specific_endpoint_template_enabled") is not None:
        # Not together with service_endpoint, because the SDK would compute the endpoint again and drop the given one.
        extra["client_level_realm_specific_endpoint_template_enabled"] = options[
            "realm_specific_endpoint_template_enabled"
        ]
    try:
        client = kind(
            config,
            signer=signer,
            retry_strategy=oci.retry.NoneRetryStrategy(),
            circuit_breaker_strategy=oci.circuit_breaker.NoCircuitBreakerStrategy(),
            timeout=(min(CONNECT_TIMEOUT, wait_timeout), min(READ_TIMEOUT, wait_timeout)),
            **extra,
        )
        if options.get("cert_bundle"):
            client.base_client.session.verify = str(_existing_file("cert_bundle", options["cert_bundle"]))
    except (oci.exceptions.ClientError, ValueError, OSError) as problem:
        raise RefusedError(_about_credentials(problem), code="TG-SIGN-IN") from problem
    return client


def _origin(service_endpoint: str) -> str:
    """The endpoint in the form that the SDK expects. The SDK appends the path of the API."""
    address = urlsplit(service_endpoint)
    if address.path.strip("/") or address.query or address.fragment:
        raise RefusedError(
            f"service_endpoint is {service_endpoint}. Give scheme, host and port only, such as "
            "'https://iaas.private.example.com'; the path of the API is added to it."
        )
    return service_endpoint.rstrip("/")


def sign_in_with(options: Options) -> SignIn:
    """Sign in with the credentials and the region that the options name.

    This takes longer than most calls, because a private key is read and checked, and principals fetch a token.

    :raises RefusedError: the given credentials or region cannot be used.
    """
    sign_in = _SIGN_INS[options.get("auth_type") or "api_key"]
    try:
        config, signer = sign_in(options)
    except (oci.exceptions.ClientError, ValueError, OSError) as problem:
        raise RefusedError(_about_credentials(problem), code="TG-SIGN-IN") from problem
    region = config.get("region") or getattr(signer, "region", None)
    if not region:
        raise RefusedError(
            "No OCI region is known. Set region on the task, OCI_REGION in the environment, or region in the "
            "profile of the configuration file."
        )
    if not re.fullmatch(r"[A-Za-z0-9-]+", region):
        raise RefusedError(
            f"The OCI region is {region!r}. Give its identifier without quotes and spaces, such as 'eu-frankfurt-1'."
        )
    return SignIn({**config, "region": region}, signer)


def _with_api_key(options: Options) -> tuple[dict[str, t.Any], t.Any]:
    config = _merged_config(options, required=not all(options.get(name) for name in _API_KEY_OPTIONS))
    # A profile may have authentication_type=... but the task's auth_type decides, as in oracle.oci.
    config.pop("authentication_type", None)
    if config.get("security_token_file") and not config.get("user"):
        profile = options.get("config_profile_name") or oci.config.DEFAULT_PROFILE
        raise RefusedError(
            f"Cannot sign in to OCI: profile {profile} has a security_token_file and no user, as 'oci session "
            "authenticate' writes it. Set auth_type: security_token, or OCI_ANSIBLE_AUTH_TYPE=security_token in the "
            "environment."
        )
    oci.config.validate_config(config)
    with _naming_key(config):
        signer = oci.signer.Signer.from_config(config)
        _check_key(signer.private_key)
    return config, signer


@contextmanager
def _naming_key(config: Mapping[str, t.Any]) -> Iterator[None]:
    """Add the file of the private key to errors about the key."""
    try:
        yield
    except (oci.exceptions.ClientError, ValueError, OSError) as problem:
        if not config.get("key_file"):
            raise
        raise RefusedError(
            f"Cannot sign in to OCI: the private key in key_file {config['key_file']} cannot be used: "
            f"{str(problem).rstrip('. ')}. Give an RSA key in PEM format, and its pass phrase, if it has one, in "
            "api_user_key_pass_phrase or in pass_phrase of the profile."
        ) from problem


def _check_key(key: t.Any) -> None:
    """Refuse keys of other kinds. The SDK loads them, but fails when it signs with them."""
    # In the library of the SDK, only RSA keys can decrypt.
    if not hasattr(key, "decrypt"):
        raise ValueError("it is not an RSA key")


def _with_security_token(options: Options) -> tuple[dict[str, t.Any], t.Any]:
    config = _merged_config(options, required=True)
    for key in ("security_token_file", "key_file"):
        if not config.get(key):
            raise ValueError(
                f"auth_type security_token needs {key} in the profile. 'oci session authenticate' writes it"
            )
    token = _text_of("security_token_file", config["security_token_file"])
    path = str(_existing_file("key_file", config["key_file"]))
    with _naming_key(config):
        key = oci.signer.load_private_key_from_file(path, config.get("pass_phrase"))
        _check_key(key)
    return config, oci.auth.signers.SecurityTokenSigner(token=token, private_key=key)


def _with_instance_principal(options: Options) -> tuple[dict[str, t.Any], t.Any]:
    extra = _federation_options(options)
    if options.get("auth_purpose"):
        extra["purpose"] = options["auth_purpose"]
    signer = _from_instance(lambda: oci.auth.signers.InstancePrincipalsSecurityTokenSigner(**extra))
    return _region_only(options), signer


def _with_delegation_token(options: Options) -> tuple[dict[str, t.Any], t.Any]:
    config = _merged_config(options, required=True)
    path = config.get("delegation_token_file")
    if not path:
        raise ValueError("auth_type instance_obo_user needs delegation_token_file in the profile")
    token = _text_of("delegation_token_file", path)
    extra = _federation_options(options)
    signer = _from_instance(
        lambda: oci.auth.signers.InstancePrincipalsDelegationTokenSigner(delegation_token=token, **extra)
    )
    return _region_only(options), signer


def _with_resource_principal(options: Options) -> tuple[dict[str, t.Any], t.Any]:
    try:
        signer = oci.auth.signers.get_resource_principals_signer()
    except (OSError, TypeError) as problem:
        raise ValueError(f"no resource principal is offered to this process: {problem}") from problem
    return _region_only(options), signer


_SIGN_INS: dict[str, Callable[[Options], tuple[dict[str, t.Any], t.Any]]] = {
    "api_key": _with_api_key,
    "security_token": _with_security_token,
    "instance_principal": _with_instance_principal,
    "instance_obo_user": _with_delegation_token,
    "resource_principal": _with_resource_principal,
}

_API_KEY_OPTIONS = ("api_user", "api_user_fingerprint", "api_user_key_file", "tenancy", "region")


def _merged_config(options: Options, *, required: bool) -> dict[str, t.Any]:
    """The profile of the configuration file, overridden by the options of the task."""
    config = read_profile(options.get("config_file_location"), options.get("config_profile_name"), required=required)
    for option, key in _OVERRIDES.items():
        if options.get(option):
            config[key] = options[option]
    return config


def _region_only(options: Options) -> dict[str, t.Any]:
    """The configuration for a principal: only the region, if the task names one. The signer has everything else."""
    return {"region": options["region"]} if options.get("region") else {}


def _federation_options(options: Options) -> dict[str, t.Any]:
    bundle = options.get("cert_bundle")
    return {"federation_client_cert_bundle_verify": str(_existing_file("cert_bundle", bundle))} if bundle else {}


def _from_instance(make_signer: Callable[[], t.Any]) -> t.Any:
    try:
        return make_signer()
    except (oci.exceptions.ServiceError, OSError, RuntimeError) as problem:
        raise ValueError(
            "the instance metadata service gave no certificate; instance principals exist only on OCI compute "
            f"instances ({type(problem).__name__})"
        ) from problem


def _existing_file(option: str, path: str) -> Path:
    expanded = Path(path).expanduser()
    if not expanded.is_file():
        raise ValueError(f"{option} is {path}, but there is no such file")
    return expanded


def _text_of(option: str, path: str) -> str:
    try:
        return _existing_file(option, path).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as problem:
        raise ValueError(f"{option} is {path}, which is not text in UTF-8") from problem


def _about_credentials(problem: Exception) -> str:
    if isinstance(problem, oci.exceptions.InvalidConfig):
        return (
            f"The OCI configuration is not complete: {problem}. Check the profile in the configuration file "
            "(config_file_location, config_profile_name) and the options and OCI_* variables that override it."
        )
    return f"Cannot sign in to OCI: {str(problem).rstrip('. ')}. Check auth_type and what it needs."
