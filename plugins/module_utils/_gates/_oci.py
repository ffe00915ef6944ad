# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""How gates sign in to OCI. Each gate has its own options, which are those of the collection's OCI modules."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    Options,
    Probe,
    Values,
    missing_library,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._sign_in import completed

_AUTH_TYPES = ("api_key", "instance_principal", "instance_obo_user", "resource_principal", "security_token")

#: Environment variables that are used where an option is not given, as in oracle.oci.
_VARIABLES = {
    "config_file_location": "OCI_CONFIG_FILE",
    "config_profile_name": "OCI_CONFIG_PROFILE",
    "api_user": "OCI_USER_ID",
    "api_user_fingerprint": "OCI_USER_FINGERPRINT",
    "api_user_key_file": "OCI_USER_KEY_FILE",
    "api_user_key_pass_phrase": "OCI_USER_KEY_PASS_PHRASE",
    "auth_type": "OCI_ANSIBLE_AUTH_TYPE",
    "tenancy": "OCI_TENANCY",
    "region": "OCI_REGION",
    "cert_bundle": "OCI_ANSIBLE_CERT_BUNDLE",
    "realm_specific_endpoint_template_enabled": "OCI_REALM_SPECIFIC_SERVICE_ENDPOINT_TEMPLATE_ENABLED",
}

_CONNECTION: Options = {
    "config_file_location": {
        "description": "The OCI configuration file. If not set, E(OCI_CONFIG_FILE), or C(~/.oci/config).",
        "type": "path",
    },
    "config_profile_name": {
        "description": "The profile of that file. If not set, E(OCI_CONFIG_PROFILE), or C(DEFAULT).",
        "type": "str",
    },
    "api_user": {"description": "OCID of the user. If not set, E(OCI_USER_ID), or the profile's.", "type": "str"},
    "api_user_fingerprint": {
        "description": "Fingerprint of the API key. If not set, E(OCI_USER_FINGERPRINT), or the profile's.",
        "type": "str",
        "no_log": True,
        "rotates": True,
    },
    "api_user_key_file": {
        "description": "File of the private key. If not set, E(OCI_USER_KEY_FILE), or the profile's.",
        "type": "path",
        "rotates": True,
    },
    "api_user_key_pass_phrase": {
        "description": "Pass phrase of the private key. If not set, E(OCI_USER_KEY_PASS_PHRASE), or the profile's.",
        "type": "str",
        "no_log": True,
        "rotates": True,
    },
    "auth_type": {
        "description": "How to authenticate. If not set, E(OCI_ANSIBLE_AUTH_TYPE), or with an API key.",
        "type": "str",
        "choices": list(_AUTH_TYPES),
    },
    "auth_purpose": {
        "description": "With an instance principal, request a certificate of a service principal.",
        "type": "str",
        "choices": ["service_principal"],
    },
    "tenancy": {"description": "OCID of the tenancy. If not set, E(OCI_TENANCY), or the profile's.", "type": "str"},
    "region": {"description": "The region. If not set, E(OCI_REGION), or the profile's.", "type": "str"},
    "cert_bundle": {
        "description": "A file with the certificate authorities to trust. If not set, E(OCI_ANSIBLE_CERT_BUNDLE).",
        "type": "path",
    },
    "realm_specific_endpoint_template_enabled": {
        "description": """
            Whether to use the endpoint names of the realm. If not set,
            E(OCI_REALM_SPECIFIC_SERVICE_ENDPOINT_TEMPLATE_ENABLED).""",
        "type": "bool",
    },
    "service_endpoint": {
        "description": "Where to send the calls instead of the region's public endpoint.",
        "type": "str",
    },
}

#: The option of a gate that sets how to sign in.
OCI_OPTION: Options = {
    "oci": {
        "description": """
            How to authenticate to OCI. The options are the same as in this collection's modules for OCI. What is not
            set comes from the environment, or from the configuration file.""",
        "type": "dict",
        "options": _CONNECTION,
    }
}

REQUIREMENTS = ("oci >= 2.120 (the Oracle Cloud Infrastructure Python SDK), for gates that ask OCI",)

#: Makes a client from the adapter's options and the seconds that a call may take.
MakeClient = Callable[[dict[str, t.Any], float], t.Any]


def client(make: MakeClient, options: Values, probe: Probe) -> t.Any:
    """A client of the OCI SDK, made at a gate's first probe and kept for later ones: signing in takes long.

    :returns: the client, or an :class:`Observation` if the SDK is missing.
    :raises RefusedError: the given credentials or region cannot be used.
    """
    # Imported only here, because importing the SDK takes longer than most probes.
    from ansible_collections.tidegate.failover.plugins.module_utils._oci.sdk import OCI_IMPORT_ERROR

    if OCI_IMPORT_ERROR is not None:
        return missing_library("oci", "a gate that asks OCI")
    if "client of OCI" not in probe.memory:
        probe.memory["client of OCI"] = make(sign_in_options(options["oci"]), probe.limit)
    return probe.memory["client of OCI"]


def sign_in_options(given: Values | None) -> dict[str, t.Any]:
    """The options in the form of the adapter, completed from the environment.

    :raises RefusedError: an environment variable has a value that the option would not accept.
    """
    options = completed(_CONNECTION, given, {name: [variable] for name, variable in _VARIABLES.items()})
    if options["auth_type"] not in (None, *_AUTH_TYPES):
        raise RefusedError(f"OCI_ANSIBLE_AUTH_TYPE is {options['auth_type']!r}. Give one of {', '.join(_AUTH_TYPES)}.")
    by_realm = "realm_specific_endpoint_template_enabled"
    if options[by_realm] is not None:
        options[by_realm] = boolean(options[by_realm], strict=False)
    return options
