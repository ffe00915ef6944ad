# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What is to be done to a database, as far as it is known now."""

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

    :ivar operation: as boto3 calls it.
    :ivar region: where it is sent; empty for the region of the task.
    """

    operation: str
    arguments: Json = field(default_factory=dict)
    region: str = ""


@dataclass(frozen=True)
class Verdict:
    """What comes next.

    :ivar writes: the calls that are missing, in their order; empty if the database is where it should be, or is on its
        way there.
    :ivar ready: whether the next call can be made now, or, without calls, whether all is done.
    :ivar msg: what is so, or will be after the calls.
    """

    msg: str
    writes: tuple[Write, ...] = ()
    ready: bool = True

    @property
    def done(self) -> bool:
        """Whether nothing is left, not even to wait for."""
        return self.ready and not self.writes
