# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The options with which a task signs in to OCI: the options of oracle.oci, and ``service_endpoint``."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible_collections.tidegate.failover.plugins.module_utils._oci.sdk import OCI_IMPORT_ERROR

AUTH_TYPES = ("api_key", "instance_principal", "instance_obo_user", "resource_principal", "security_token")


def oci_argument_spec() -> dict[str, t.Any]:
    """The argument spec that the ``tidegate.failover.oci`` documentation fragment describes."""
    return {
        "config_file_location": _option("OCI_CONFIG_FILE", type="path"),
        "config_profile_name": _option("OCI_CONFIG_PROFILE"),
        "api_user": _option("OCI_USER_ID"),
        "api_user_fingerprint": _option("OCI_USER_FINGERPRINT", no_log=True),
        "api_user_key_file": _option("OCI_USER_KEY_FILE", type="path"),
        "api_user_key_pass_phrase": _option("OCI_USER_KEY_PASS_PHRASE", no_log=True),
        "auth_type": _option("OCI_ANSIBLE_AUTH_TYPE", choices=list(AUTH_TYPES), default="api_key"),
        "auth_purpose": {"type": "str", "choices": ["service_principal"]},
        "tenancy": _option("OCI_TENANCY"),
        "region": _option("OCI_REGION"),
        "cert_bundle": _option("OCI_ANSIBLE_CERT_BUNDLE", type="path"),
        "realm_specific_endpoint_template_enabled": _option(
            "OCI_REALM_SPECIFIC_SERVICE_ENDPOINT_TEMPLATE_ENABLED", type="bool"
        ),
        "service_endpoint": {"type": "str"},
    }


def require_oci(module: AnsibleModule) -> None:
    """Fail the task with an explanation where the OCI SDK is not installed."""
    if OCI_IMPORT_ERROR is not None:
        module.fail_json(msg=missing_required_lib("oci"), exception=OCI_IMPORT_ERROR)


def _option(variable: str, *, type: str = "str", **more: t.Any) -> dict[str, t.Any]:
    return {"type": type, "fallback": (env_fallback, [variable]), **more}
