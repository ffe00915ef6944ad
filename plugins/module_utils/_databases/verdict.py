# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The next calls for a database, as far as they are known now."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field

Json = dict[str, t.Any]
Target = Mapping[str, t.Any]
Seen = Mapping[str, t.Any]

PROMOTED_TAG = "tidegate:promoted-from"


@dataclass(frozen=True)
class Write:
    """One call that changes something.

    :ivar operation: its name in boto3.
    :ivar region: the region of the call; empty for the region of the task.
    """

    operation: str
    arguments: Json = field(default_factory=dict)
    region: str = ""


@dataclass(frozen=True)
class Verdict:
    """The decision about a database.

    :ivar writes: the missing calls, in order; empty if the writer is in place or on its way.
    :ivar ready: whether the next call can be made now or, without calls, whether the move is complete.
    :ivar msg: the state now, or after the calls.
    """

    msg: str
    writes: tuple[Write, ...] = ()
    ready: bool = True

    @property
    def done(self) -> bool:
        """Whether no call and no wait is left."""
        return self.ready and not self.writes
