# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Modules and clients of amazon.aws, with retries left to this collection's own loop and pacing."""

from __future__ import annotations

import os
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import without_credentials
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import HealthCheckApi
from ansible_collections.tidegate.failover.plugins.module_utils._aws.pacing import Pacer
from ansible_collections.tidegate.failover.plugins.module_utils._aws.profiles import unreadable_file
from ansible_collections.tidegate.failover.plugins.module_utils._aws.sdk import botocore
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock
from ansible_collections.tidegate.failover.plugins.module_utils._errors import CODE_KEY
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule

_AMAZON_AWS_ERROR: str | None = None
try:
    # Ansible treats an import in a `try` as optional. Otherwise it would fail while it packs the module.
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
except ImportError:
    _AMAZON_AWS_ERROR = traceback.format_exc()

#: The sign-in options of amazon.aws. They are accepted, so that the error names what is missing, not "unsupported".
_SIGN_IN_OPTIONS = (
    *("access_key", "aws_access_key", "aws_access_key_id", "secret_key", "aws_secret_key", "aws_secret_access_key"),
    *("session_token", "aws_session_token", "profile", "aws_profile", "region", "aws_region"),
    *("endpoint_url", "aws_endpoint_url", "validate_certs", "aws_ca_bundle", "aws_config"),
    "debug_botocore_endpoint_logs",
)

#: Seconds, at most. A task with a shorter wait_timeout waits less for each call.
_CONNECT_TIMEOUT = 10
_READ_TIMEOUT = 30


def create_aws_module(argument_spec: dict[str, t.Any], **more: t.Any) -> AnsibleAWSModule:
    """A module of amazon.aws, which brings its options, checks boto3 and makes clients.

    Where amazon.aws is not installed the task fails with that explanation.
    """
    if _AMAZON_AWS_ERROR is not None:
        sign_in = {name: {"type": "raw", "no_log": True} for name in _SIGN_IN_OPTIONS}
        AnsibleModule(argument_spec={**argument_spec, **sign_in}).fail_json(
            msg="The collection amazon.aws is needed and is not installed where Ansible looks for collections. Install "
            "it with 'ansible-galaxy collection install amazon.aws'.",
            exception=_AMAZON_AWS_ERROR,
        )
    settings = AnsibleAWSModule.default_settings
    usual = settings["module_class"]
    # AnsibleAWSModule takes the class only from its default settings, not from an argument.
    settings["module_class"] = DiscreetModule
    try:
        return AnsibleAWSModule(argument_spec=argument_spec, supports_check_mode=True, **more)
    finally:
        settings["module_class"] = usual


def health_check_api(module: AnsibleAWSModule, clock: Clock) -> HealthCheckApi:
    """Route 53 with the credentials of the task."""
    return HealthCheckApi(aws_client(module, "route53"), Pacer(clock))


def aws_client(
    module: AnsibleAWSModule,
    service: str,
    *,
    timeouts: tuple[int, int] = (_CONNECT_TIMEOUT, _READ_TIMEOUT),
    **more: t.Any,
) -> t.Any:
    """A boto3 client with the credentials of the task. A user's ``aws_config`` overrides what is set here.

    :param timeouts: seconds for a connection and for an answer, at most.
    :param more: further arguments, such as ``region``.
    """
    unreadable = unreadable_file(os.environ)
    if unreadable:
        module.fail_json(msg=unreadable, **{CODE_KEY: "TG-SIGN-IN"})
    patience = module.params["wait_timeout"]
    config = botocore.config.Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=min(timeouts[0], patience),
        read_timeout=min(timeouts[1], patience),
    )
    try:
        return module.client(service, config=config, **more)
    except (EOFError, OSError, RuntimeError) as problem:
        # amazon.aws translates the other errors. A program that provides credentials already runs at this point.
        module.fail_json(msg=f"Cannot sign in to AWS: {without_credentials(problem)}", **{CODE_KEY: "TG-SIGN-IN"})
