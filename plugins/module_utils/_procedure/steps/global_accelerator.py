# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``global_accelerator``: a site is taken out of an accelerator, and put back."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import resource_step

STEP = resource_step(
    "global_accelerator",
    "global_accelerator_site",
    permissions=(
        "globalaccelerator:DescribeEndpointGroup",
        "globalaccelerator:DescribeAccelerator",
        "globalaccelerator:UpdateEndpointGroup",
        "globalaccelerator:AddEndpoints",
        "globalaccelerator:RemoveEndpoints",
    ),
)
