# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""All procedures and steps. It is used on the controller only, because it finds steps by the files in ``steps``."""

from __future__ import annotations

import importlib
import pkgutil

from ansible_collections.tidegate.failover.plugins.module_utils._procedure import acknowledge, failback, failover, steps
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.procedure import Procedure
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Step
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps.users import STEPS as USERS_STEPS

PROCEDURES: dict[str, Procedure] = {
    module.PROCEDURE.operation: module.PROCEDURE for module in (failover, failback, acknowledge)
}


def _found() -> list[BuiltIn]:
    modules = (
        importlib.import_module(f"{steps.__name__}.{found.name}") for found in pkgutil.iter_modules(steps.__path__)
    )
    return [module.STEP for module in modules if hasattr(module, "STEP")]


BUILT_IN: dict[str, BuiltIn] = {step.name: step for step in _found()}
#: The steps that move resources.
RESOURCES: tuple[BuiltIn, ...] = tuple(step for step in BUILT_IN.values() if step.module)


def known_steps(operation: str, options: Options, page: Options) -> dict[str, Step]:
    """The steps of a procedure that come with the collection, by name."""
    built_in = {step.name: step.planned(options, page) for step in BUILT_IN.values() if operation in step.procedures}
    users = {step.name: step.planned(options, f"{operation}_") for step in USERS_STEPS if operation in step.procedures}
    return users | built_in
