# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``dns``: names without health-check failover lead to the site that serves."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import resource_step

STEP = resource_step(
    "dns",
    "r53_record_switch",
    # The step is repeated only if an earlier run did not finish it. That run may have changed the records just now.
    more={"wait_unchanged": True},
    permissions=(
        "route53:ListHostedZonesByName",
        "route53:ListResourceRecordSets",
        "route53:ChangeResourceRecordSets",
        "route53:GetChange",
    ),
)
