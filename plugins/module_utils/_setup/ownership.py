# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which objects a set-up module may change: objects that it created, and objects that it adopts by an option."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

#: The freeform tag of every object that a set-up module created. Its value is the name of the module.
TAG = "tidegate-setup"


def is_ours(found: Json, module: str) -> bool:
    """Whether a module created or adopted an object."""
    return (found.get("freeformTags") or {}).get(TAG) == module


def tagged(tags: Json | None, module: str) -> Json:
    """The freeform tags with our tag added."""
    return {**(tags or {}), TAG: module}


def check_ours(found: Json, what: str, module: str, *, adopt: bool) -> None:
    """:raises RefusedError: the object belongs to somebody else, and is not to be adopted."""
    if not adopt and not is_ours(found, module):
        raise RefusedError(
            f"{what} exists, and {module} did not create it: its freeform tag {TAG} is not {module!r}. Nothing was "
            "changed. Choose another name, or set adopt: true to let this module manage it. state: absent deletes what "
            "was adopted.",
            code="TG-NOT-OURS",
        )
