# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a kind of gate consists of: its options, their documentation, and how it observes.

Each file of this folder whose name has no leading underscore defines one kind, as ``KIND``. ``make gates`` generates
the registry and the documentation from these files.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

#: The values of a gate's options, validated by the argument spec: with defaults, and None for what was not given.
Values = Mapping[str, t.Any]
#: Options by name. Each is a part of an argument spec, with a ``description`` in the markup of Ansible's documentation,
#: in which empty lines separate paragraphs. ``rotates: True`` marks an option whose value changes while the gate keeps
#: its meaning, such as a session token: it is not part of the gate's digest.
Options = Mapping[str, Mapping[str, t.Any]]

#: The figures that gates measure, with their descriptions. The unit is part of the name.
MEASURES: Mapping[str, str] = {
    "lag_bytes": "Bytes that were written at the source and not yet replayed by the replica.",
    "lag_seconds": "Seconds that the replica was behind its source.",
}


@dataclass(frozen=True)
class Observation:
    """What one probe observed.

    :ivar observed: for people, in one line and without secrets.
    :ivar remedy: what to do about it, if it has not passed. A sentence.
    :ivar final: whether another probe could not observe anything else.
    :ivar measured: figures, by the names that the kind declares in ``measures``. Unknown figures are left out.
    """

    passed: bool
    observed: str
    remedy: str = ""
    final: bool = False
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Probe:
    """The circumstances of one probe.

    :ivar now: the time, in UTC.
    :ivar limit: seconds that the probe may take. A later result does not count.
    :ivar lock_ids: the locks that are to be released.
    :ivar requester: who requests their release, if that is known.
    :ivar memory: what earlier probes of this gate in this task left for later probes. A probe that changed something
        sets ``changed``, which the task reports.
    """

    now: datetime
    limit: float
    lock_ids: tuple[str, ...] = ()
    requester: str | None = None
    memory: dict[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Timing:
    """How often a gate probes: the defaults of a kind, or the settings of one gate.

    :ivar consecutive: probes that have to pass in a row.
    :ivar interval: seconds from the beginning of one probe to the beginning of the next.
    :ivar timeout: seconds in all. A gate that has not passed by then has failed.
    """

    consecutive: int = 1
    interval: float = 5.0
    timeout: int = 30


def _anything(_options: Values) -> None:
    """Accept all options: most kinds need no checks beyond the argument spec."""


def _always(_options: Values) -> bool:
    return True


@dataclass(frozen=True)
class GateKind:
    """A kind of gate.

    :ivar name: its name in the options, and the name of its file.
    :ivar description: for the documentation, in the same form as descriptions of options.
    :ivar options: its options. The options of :class:`Timing` are added to these.
    :ivar expected: what the gate expects to observe, for people, without secrets; takes the options.
    :ivar observe: makes one probe. A failure that can be foreseen is an :class:`Observation` too, with a remedy; a
        ``TidegateError`` counts as one. It must not exceed ``Probe.limit``, and runs in a thread beside others.
    :ivar check: raises ``RefusedError`` for invalid options, before any gate is evaluated.
    :ivar timing: its defaults; None if a second probe makes no sense.
    :ivar read_only: whether a probe changes nothing, so that check mode may make one; takes the options.
    :ivar constraints: ``mutually_exclusive``, ``required_one_of`` and the like, as in an argument spec.
    :ivar requirements: libraries that it needs, for the documentation.
    :ivar measures: the names in :data:`MEASURES` of the figures that a probe can have.
    """

    name: str
    description: str
    options: Options
    expected: Callable[[Values], str]
    observe: Callable[[Values, Probe], Observation]
    check: Callable[[Values], None] = _anything
    timing: Timing | None = field(default_factory=Timing)
    read_only: Callable[[Values], bool] = _always
    constraints: Mapping[str, t.Any] = field(default_factory=dict)
    requirements: Sequence[str] = ()
    measures: Sequence[str] = ()


def missing_library(library: str, what_for: str) -> Observation:
    """The observation of a gate whose library is not installed.

    :param library: its name in the package index.
    """
    return Observation(
        passed=False,
        observed=f"the Python library {library} is not installed where the gate runs, and {what_for} needs it",
        remedy=f"Install it there, as with 'pip install {library}', or add it to the execution environment.",
        final=True,
    )
