# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Subnets with their VCN and route table, as far as these credentials may read them."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import network_client
from ansible_collections.tidegate.failover.plugins.module_utils._oci.networks import NetworkApi
from ansible_collections.tidegate.failover.plugins.module_utils._setup.routes import Network

#: Seconds that this may take for each subnet. It only helps to find a mistake early.
_PATIENCE = 15


def readable_networks(
    options: t.Mapping[str, t.Any], subnet_ids: Sequence[str], deadline: Deadline
) -> tuple[list[Network], list[str]]:
    """Returns the subnets that could be read, and a warning for each of the others."""
    if not subnet_ids:
        return [], []
    networks: list[Network] = []
    unread: list[str] = []
    api = NetworkApi(network_client(options, wait_timeout=deadline.timeout))
    for subnet_id in subnet_ids:
        patience = Deadline(min(_PATIENCE, deadline.remaining), Clock())
        try:
            networks.append(call_patiently(partial(api.network, subnet_id), patience))
        except TidegateError as problem:
            reason = problem.__cause__ if isinstance(problem.__cause__, TidegateError) else problem
            unread.append(f"Whether subnet {subnet_id} has the routes that the page needs was not checked. {reason}")
    return networks, unread
