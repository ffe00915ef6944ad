# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a kind of gate is: its options, what they are documented to mean, and how it observes.

Each file of this folder whose name has no leading underscore holds one kind, as ``KIND``. From these files
``make gates`` generates the registry and the documentation.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

#: The values of a gate's options, as the argument spec made them: defaults filled in, None where nothing was given.
Values = Mapping[str, t.Any]
#: Options by name: each a piece of an argument spec, with its ``description`` beside it: a text in the markup of
#: Ansible's documentation, whose paragraphs are parted by empty lines. ``rotates: True`` marks what changes while the
#: gate still means the same, such as a session token: it has no part in the gate's digest.
Options = Mapping[str, Mapping[str, t.Any]]

#: What gates measure, with what it says. The unit is in the name.
MEASURES: Mapping[str, str] = {
    "lag_bytes": "Bytes that were written at the source and not yet replayed by the replica.",
    "lag_seconds": "Seconds that the replica was behind its source.",
}


@dataclass(frozen=True)
class Observation:
    """What one probe observed.

    :ivar observed: for people, in one line and without secrets.
    :ivar remedy: what to do about it, if it has not passed. A sentence.
    :ivar final: looking again could not show anything else.
    :ivar measured: figures, by the names that the kind declares in ``measures``. What is not known is left out.
    """

    passed: bool
    observed: str
    remedy: str = ""
    final: bool = False
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """The circumstances of one probe.

    :ivar now: the time, in UTC.
    :ivar limit: seconds that the probe may take. What comes later no longer counts.
    :ivar lock_ids: the locks that are to be released.
    :ivar requester: who requests their release, if that is known.
    :ivar memory: what earlier probes of this gate in this task left here for later ones. A probe that changed
        something leaves ``changed``, which the task reports.
    """

    now: datetime
    limit: float
    lock_ids: tuple[str, ...] = ()
    requester: str | None = None
    memory: dict[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Timing:
    """How often a gate probes: here the defaults of a kind, or what one gate asks for.

    :ivar consecutive: probes that have to pass in a row.
    :ivar interval: seconds from the beginning of one probe to that of the next.
    :ivar timeout: seconds in all. A gate that has not passed by then has failed.
    """

    consecutive: int = 1
    interval: float = 5.0
    timeout: int = 30


def _anything(_options: Values) -> None:
    """Most kinds leave it to the argument spec what options may hold."""


def _always(_options: Values) -> bool:
    return True


@dataclass(frozen=True)
class GateKind:
    """A kind of gate.

    :ivar name: what it is called in the options, and its file.
    :ivar description: for the documentation, in the form of the descriptions of options.
    :ivar options: its options. :class:`Timing` has its options added to these.
    :ivar expected: what the gate wants to see, for people, without secrets; by its options.
    :ivar observe: one probe. What can be foreseen to go wrong is an :class:`Observation` too, with a remedy; a
        ``TidegateError`` counts as one. It keeps to ``Look.limit``, and runs in a thread beside others.
    :ivar check: raises ``RefusedError`` for options that could not mean anything, before any gate is evaluated.
    :ivar timing: its defaults; None if a second probe makes no sense.
    :ivar read_only: whether a probe surely changes nothing, so that check mode may make one; by the gate's options.
    :ivar constraints: ``mutually_exclusive``, ``required_one_of`` and the like, as in an argument spec.
    :ivar requirements: libraries that it needs, for the documentation.
    :ivar measures: the figures that a probe can have, of those in :data:`MEASURES`.
    """

    name: str
    description: str
    options: Options
    expected: Callable[[Values], str]
    observe: Callable[[Values, Look], Observation]
    check: Callable[[Values], None] = _anything
    timing: Timing | None = field(default_factory=Timing)
    read_only: Callable[[Values], bool] = _always
    constraints: Mapping[str, t.Any] = field(default_factory=dict)
    requirements: Sequence[str] = ()
    measures: Sequence[str] = ()


def missing_library(library: str, what_for: str) -> Observation:
    """The observation of a gate whose library is not installed.

    :param library: what it is called in the package index.
    """
    return Observation(
        passed=False,
        observed=f"the Python library {library} is not installed where the gate runs, and {what_for} needs it",
        remedy=f"Install it there, as with 'pip install {library}', or add it to the execution environment.",
        final=True,
    )
