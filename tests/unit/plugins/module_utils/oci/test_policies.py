# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Errors of services besides load balancing name the policy that is missing."""

from __future__ import annotations

import oci
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import AccessError, NotFoundError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.errors import translated


@pytest.mark.parametrize(("status", "kind"), [(403, AccessError), (404, NotFoundError)])
def test_a_refusal_names_the_policy(status: int, kind: type[TidegateError]) -> None:
    refusal = oci.exceptions.ServiceError(status=status, code="NotAuthorized", headers={}, message="no")
    with pytest.raises(kind, match="manage alarms"), translated("list alarms", "https://example.com", "manage alarms"):
        raise refusal
