# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A policy as data: its statements, the purpose of each, and the modules that make the calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One statement of an IAM policy, for one purpose.

    :ivar why: the purpose; a clause that follows "to".
    :ivar resources: example ARNs that a user replaces, or ``*`` where the service does not support resources.
    :ivar modules: the modules of this collection that make these calls.
    :ivar optional: what happens without the statement; empty if a call fails without it.
    """

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    why: str
    modules: Sequence[str] = ()
    condition: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    optional: str = ""

    def document(self) -> dict[str, Any]:
        """The JSON document for IAM."""
        found = {"Sid": self.sid, "Effect": "Allow", "Action": sorted(self.actions), "Resource": list(self.resources)}
        conditions = {name: dict(keys) for name, keys in self.condition.items()}
        return found | ({"Condition": conditions} if conditions else {})


@dataclass(frozen=True)
class Policy:
    """One policy file.

    :ivar name: the name of the file, without its ending.
    :ivar title: what needs the policy, for the page.
    :ivar adds: the further files of the second table that are needed if a service has such resources.
    """

    name: str
    title: str
    statements: Sequence[Statement]
    adds: str = ""

    @property
    def actions(self) -> set[str]:
        """All actions that the policy allows."""
        return {action for statement in self.statements for action in statement.actions}

    def document(self) -> dict[str, Any]:
        """The JSON document for IAM."""
        return {"Version": "2012-10-17", "Statement": [statement.document() for statement in self.statements]}


@dataclass(frozen=True)
class OciStatement:
    """One statement of an OCI policy.

    :ivar allows: the verb and the resource type, such as ``use load-balancers``.
    :ivar compartment: the example name of the compartment that the resources are in.
    :ivar operations: the operations of the API that need it.
    :ivar optional: what happens without the statement; empty if a call fails without it.
    """

    allows: str
    compartment: str
    why: str
    operations: Sequence[str]
    condition: str = ""
    optional: str = ""

    def text(self, who: str = "group sre") -> str:
        """The statement for OCI."""
        where = f" where {self.condition}" if self.condition else ""
        return f"allow {who} to {self.allows} in compartment {self.compartment}{where}"


@dataclass(frozen=True)
class OciPolicy:
    """One file of statements.

    :ivar who: the subject of the statements, in OCI's form.
    """

    name: str
    title: str
    statements: Sequence[OciStatement]
    who: str = "group sre"

    def text(self) -> str:
        """The text of the file."""
        return "".join(f"{statement.text(self.who)}\n" for statement in self.statements)
