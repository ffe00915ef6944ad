# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Completes the sign-in options of gates from the environment.

Values of the environment are not part of a gate's meaning. So they are not filled in by the argument spec, because its
values determine the gate's digest.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.common.parameters import set_fallbacks
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Options, Values


def completed(spec: Options, given: Values | None, variables: Mapping[str, Sequence[str]]) -> dict[str, t.Any]:
    """All options of a spec: the given value, else the value of the environment, else None.

    :param variables: for each option, the environment variables that are used where it is not given.
    """
    options = {name: value for name, value in (given or {}).items() if value is not None}
    set_fallbacks({name: {"fallback": (env_fallback, list(names))} for name, names in variables.items()}, options)
    return dict.fromkeys(spec) | options
