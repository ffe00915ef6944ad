# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``oci_notification``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._module.notification_sender import send_and_exit
from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_options import (
    oci_argument_spec,
    require_oci,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule
from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import notification_client
from ansible_collections.tidegate.failover.plugins.module_utils._oci.notifications import publish


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return DiscreetModule(
        argument_spec={
            "topic_id": {"type": "str", "required": True},
            "title": {"type": "str", "required": True},
            "body": {"type": "str", "required": True},
            "wait_timeout": {"type": "int", "default": 30},
            **oci_argument_spec(),
        },
        supports_check_mode=True,
    )


def run(module: AnsibleModule) -> None:
    """Publish the message, unless in check mode."""
    require_oci(module)
    params = module.params

    def make_sender() -> Callable[[], str]:
        client = notification_client(params, wait_timeout=params["wait_timeout"])
        return partial(publish, client, params["topic_id"], params["title"], params["body"])

    send_and_exit(module, make_sender)
