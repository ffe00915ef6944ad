# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""How gates sign in to AWS. Each gate has its own options, which are those of amazon.aws, and its own clients."""

from __future__ import annotations

import math
import os
import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    Observation,
    Options,
    Probe,
    Values,
    missing_library,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._sign_in import completed

#: Environment variables that are used where an option is not given, as in amazon.aws.
_VARIABLES = {
    "region": ["AWS_REGION", "AWS_DEFAULT_REGION"],
    "access_key": ["AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"],
    "secret_key": ["AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"],
    "session_token": ["AWS_SESSION_TOKEN"],
    "profile": ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
    "endpoint_url": ["AWS_URL"],
    "aws_ca_bundle": ["AWS_CA_BUNDLE"],
}

_CONNECTION: Options = {
    "region": {
        "description": "The region. If not set, E(AWS_REGION), E(AWS_DEFAULT_REGION), or the profile's region.",
        "type": "str",
    },
    "access_key": {
        "description": "The access key. If not set, E(AWS_ACCESS_KEY_ID).",
        "type": "str",
        "no_log": False,
        "rotates": True,
    },
    "secret_key": {
        "description": "The secret key. If not set, E(AWS_SECRET_ACCESS_KEY).",
        "type": "str",
        "no_log": True,
        "rotates": True,
    },
    "session_token": {
        "description": "The session token of temporary credentials. If not set, E(AWS_SESSION_TOKEN).",
        "type": "str",
        "no_log": True,
        "rotates": True,
    },
    "profile": {
        "description": "A profile of the AWS configuration files, in place of keys. If not set, E(AWS_PROFILE).",
        "type": "str",
    },
    "endpoint_url": {
        "description": "Where to send the calls instead of the region's public endpoint. If not set, E(AWS_URL).",
        "type": "str",
    },
    "validate_certs": {
        "description": "Whether to verify the certificate of the endpoint.",
        "type": "bool",
        "default": True,
    },
    "aws_ca_bundle": {
        "description": "A file with the certificate authorities to trust. If not set, E(AWS_CA_BUNDLE).",
        "type": "path",
    },
}

#: The option of a gate that sets how to sign in.
AWS_OPTION: Options = {
    "aws": {
        "description": """
            How to authenticate to AWS. The options are the same as in amazon.aws. What is not set comes from the
            environment, from the profile, or from the role of the machine.""",
        "type": "dict",
        "options": _CONNECTION,
    }
}

REQUIREMENTS = ("boto3 and the collection amazon.aws, for gates that ask AWS",)


class _Connecting:
    """Takes the place of the module that amazon.aws expects. An error refuses the gate, and does not fail the task."""

    _name = "failback_gate"

    def __init__(self, params: dict[str, t.Any]) -> None:
        self.params = params

    def fail_json(self, msg: str, **_unused: t.Any) -> t.NoReturn:
        raise RefusedError(f"{msg.rstrip('.')}.")


def client(service: str, options: Values, probe: Probe, *, seconds: float = math.inf, **place: str) -> t.Any:
    """A boto3 client, made at a gate's first probe and kept for later ones.

    :param seconds: the time limit of each call. The time limit of the probe applies too.
    :param place: ``endpoint_url`` and ``region`` that replace those of the gate.
    :returns: the client, or an :class:`Observation` if a library is missing.
    :raises RefusedError: the given credentials or region cannot be used.
    """
    key = " ".join([f"client of {service}", *place.values()])
    if key not in probe.memory:
        aws = {"validate_certs": True, **(options["aws"] or {}), **place}
        probe.memory[key] = _connect(service, aws, min(probe.limit, seconds))
    return probe.memory[key]


def _connect(service: str, aws: Values, limit: float) -> t.Any:
    # Imported only here, because the import takes longer than most probes.
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.sdk import botocore

    if botocore is None:
        return missing_library("boto3", "a gate that asks AWS")
    try:
        from ansible_collections.amazon.aws.plugins.module_utils.botocore import boto3_conn, get_aws_connection_info
    except ImportError:
        remedy = "Install it with 'ansible-galaxy collection install amazon.aws'."
        return Observation(False, "the collection amazon.aws is not installed", remedy, final=True)
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.profiles import unreadable_file

    unreadable = unreadable_file(os.environ)
    if unreadable:
        raise RefusedError(unreadable)
    params = completed(_CONNECTION, aws, _VARIABLES)
    module = t.cast(t.Any, _Connecting(params))
    region, endpoint, credentials = get_aws_connection_info(module)
    # The gate's next probes are the retries.
    config = botocore.config.Config(
        retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=limit, read_timeout=limit
    )
    return boto3_conn(
        module, "client", resource=service, region=region, endpoint=endpoint, config=config, **credentials
    )
