# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One write of a set-up module, as plain data."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Json = dict[str, t.Any]


@dataclass(frozen=True)
class Step:
    """One write.

    :ivar verb: create, update or delete.
    :ivar kind: the kind of object: topic, subscription, alarm, deployment, listener, and so on.
    :ivar name: the name of the object, for people.
    :ivar body: the body of the request, if any.
    :ivar identifier: the OCID of an existing object.
    """

    verb: t.Literal["create", "update", "delete"]
    kind: str
    name: str
    body: Json = field(default_factory=dict)
    identifier: str = ""

    def reported(self) -> str:
        """The step as a phrase for people."""
        done = {"create": "created", "update": "updated", "delete": "deleted"}[self.verb]
        return f"{self.kind} {self.name!r} {done}"
