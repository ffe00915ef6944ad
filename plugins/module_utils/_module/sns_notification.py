# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``sns_notification``."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._aws.notifications import publish
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import (
    aws_client,
    create_aws_module,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.notification_sender import send_and_exit

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    return create_aws_module(
        {
            "topic_arn": {"type": "str", "required": True},
            "subject": {"type": "str", "required": True},
            "text": {"type": "str", "required": True},
            "data": {"type": "dict"},
            "wait_timeout": {"type": "int", "default": 30},
        }
    )


def run(module: AnsibleAWSModule) -> None:
    """Publish the message, unless in check mode."""
    params = module.params
    data = None if params["data"] is None else json.dumps(params["data"], ensure_ascii=False)

    def make_sender() -> Callable[[], str]:
        client = aws_client(module, "sns")
        return partial(publish, client, params["topic_arn"], params["subject"], params["text"], data)

    send_and_exit(module, make_sender)
