# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which objects a set-up module may touch: those that it made itself, and those that it was asked to adopt."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

#: The freeform tag of every object that was made here. Its value is the module that made it.
TAG = "tidegate-setup"


def is_ours(found: Json, module: str) -> bool:
    """Whether an object was made, or adopted, by a module."""
    return (found.get("freeformTags") or {}).get(TAG) == module


def tagged(tags: Json | None, module: str) -> Json:
    """Freeform tags with ours among them."""
    return {**(tags or {}), TAG: module}


def check_ours(found: Json, what: str, module: str, *, adopt: bool) -> None:
    """:raises RefusedError: an object is somebody else's, and is not to be adopted."""
    if not adopt and not is_ours(found, module):
        raise RefusedError(
            f"{what} exists, and {module} did not create it: its freeform tag {TAG} is not {module!r}. Nothing was "
            "changed. Choose another name, or set adopt: true to let this module manage it. state: absent deletes what "
            "was adopted."
        )
