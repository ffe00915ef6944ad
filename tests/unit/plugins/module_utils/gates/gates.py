# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Gates for tests: in the user's form, and a gate with scripted observations."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import Definition, definitions_from
from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import GateClock, Occasion
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Timing,
    Values,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._schema import argument_spec

from .. import clocks

LOCK_ID = "20261121T030405Z-3f9a1c2e"
NOW = datetime(2026, 11, 21, 4, 4, 5, tzinfo=UTC)


class FakeClock(clocks.FakeClock, GateClock):
    """A clock on which sleeping is free, and a probe takes as long as a test sets."""

    def utc(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)


@dataclass
class Script:
    """The observations of a scripted gate, probe after probe; the last entry repeats. An exception is raised."""

    sights: list[Observation | Exception]
    seconds: float = 0.0
    clock: FakeClock = field(default_factory=FakeClock)
    looks: list[Probe] = field(default_factory=list)

    def observe(self, _options: Values, look: Probe) -> Observation:
        self.looks.append(look)
        self.clock.seconds += self.seconds
        sight = self.sights[min(len(self.looks), len(self.sights)) - 1]
        if isinstance(sight, Exception):
            raise sight
        return sight


def passing(observed: str = "all is healthy", **more: t.Any) -> Observation:
    return Observation(True, observed, **more)


def failing(observed: str = "all is lost", remedy: str = "Mend it.", **more: t.Any) -> Observation:
    return Observation(False, observed, remedy, **more)


def scripted(script: Script, *, name: str = "scripted", timing: Timing | None = None) -> Definition:
    """A gate with the observations of the script."""
    kind = GateKind("scripted", "", {}, lambda _options: "all healthy", script.observe)
    return Definition(name, kind, {}, timing or Timing(), f"sha256:{name}")


def occasion(clock: FakeClock, tell: Callable[[str], None] = lambda _text: None) -> Occasion:
    return Occasion((LOCK_ID,), None, clock, tell)


def options_of(kind: GateKind, /, **given: t.Any) -> dict[str, t.Any]:
    """A gate's options as Ansible hands them on: checked, with defaults filled in."""
    gate = validated({"name": "a gate", kind.name: given}, {kind.name: kind})
    return t.cast(dict[str, t.Any], gate[kind.name])


def defined(gate: Mapping[str, t.Any], kinds: Mapping[str, GateKind]) -> Definition:
    """A gate as the user wrote it."""
    (definition,) = definitions_from([validated(gate, kinds)], kinds)
    return definition


def validated(gate: Mapping[str, t.Any], kinds: Mapping[str, GateKind]) -> dict[str, t.Any]:
    """What Ansible makes of a gate; an error as a task would show it."""
    outcome = ArgumentSpecValidator({"gates": argument_spec(kinds)}).validate({"gates": [gate]})
    assert not outcome.error_messages, outcome.error_messages
    return t.cast(dict[str, t.Any], outcome.validated_parameters["gates"][0])


def seen_by(kind: GateKind, look: Probe | None = None, /, **given: t.Any) -> Observation:
    """One probe of a gate with these options."""
    return kind.observe(options_of(kind, **given), look or Probe(NOW, 5.0, (LOCK_ID,)))
