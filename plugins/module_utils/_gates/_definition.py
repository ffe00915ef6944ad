# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Gate definitions, and a digest that distinguishes two definitions without revealing their secrets."""

from __future__ import annotations

import hashlib
import json
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import GateKind, Options, Timing, Values
from ansible_collections.tidegate.failover.plugins.module_utils._gates._schema import kind_options

#: Hashing rounds that slow down guessing a secret from a digest: about 50 ms for each guess on one core.
_ROUNDS = 100_000


@dataclass(frozen=True)
class Definition:
    """One gate as the user defined it.

    :ivar timing: how often to probe; None if a second probe makes no sense.
    :ivar digest: covers the name, the kind, and all options that are part of the gate's meaning.
    """

    name: str
    kind: GateKind
    options: Values
    timing: Timing | None
    digest: str

    @property
    def expected(self) -> str:
        """What the gate expects to observe, for people."""
        return self.kind.expected(self.options)


def definitions_from(gates: Sequence[Mapping[str, t.Any]], kinds: Mapping[str, GateKind]) -> list[Definition]:
    """The gates of a task, in the order given.

    :raises RefusedError: no gates are given, two have the same name, or the options of one are invalid.
    """
    _check_names(gates)
    return [_definition(gate, kinds) for gate in gates]


def _check_names(gates: Sequence[Mapping[str, t.Any]]) -> None:
    if not gates:
        raise RefusedError(
            "No gates are defined, so nothing can prove that the site is ready for traffic. Define at least one.",
            code="TG-GATE-DEFINITION",
        )
    names = [gate["name"] for gate in gates]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        listed = ", ".join(repr(name) for name in twice)
        raise RefusedError(
            f"More than one gate is called {listed}. Give each gate a unique name.", code="TG-GATE-DEFINITION"
        )


def check_definitions(gates: Sequence[Mapping[str, t.Any]], kinds: Mapping[str, GateKind]) -> None:
    """Check that gates can be evaluated, without computing digests: digests of secrets are slow on purpose.

    :raises RefusedError: as for :func:`definitions_from`.
    """
    _check_names(gates)
    for gate in gates:
        _kind_and_timing(gate, kinds)


def _definition(gate: Mapping[str, t.Any], kinds: Mapping[str, GateKind]) -> Definition:
    kind, timing = _kind_and_timing(gate, kinds)
    name, options = gate["name"], gate[kind.name]
    return Definition(name, kind, options, timing, _digest(name, kind, options))


def _kind_and_timing(gate: Mapping[str, t.Any], kinds: Mapping[str, GateKind]) -> tuple[GateKind, Timing | None]:
    name = gate["name"]
    if not name.strip() or len(name.splitlines()) > 1:
        raise RefusedError(f"A gate is called {name!r}. Give it a name that people can read, in one line.")
    kind = next((kind for kind in kinds.values() if gate.get(kind.name) is not None), None)
    if kind is None:
        raise RefusedError(
            f"Gate {name!r} does not say what to check. Give it one of: {', '.join(kinds)}.", code="TG-GATE-DEFINITION"
        )
    options = gate[kind.name]
    try:
        timing = _timing(options) if kind.timing else None
        kind.check(options)
    except RefusedError as problem:
        raise RefusedError(f"Gate {name!r}: {problem}", code="TG-GATE-DEFINITION") from problem
    return kind, timing


def _timing(options: Values) -> Timing:
    timing = Timing(options["consecutive"], options["interval"], options["timeout"])
    if timing.consecutive < 1:
        raise RefusedError(f"consecutive is {timing.consecutive}. At least one probe has to pass.")
    if timing.interval <= 0:
        raise RefusedError(f"interval is {timing.interval:g}. Give the seconds between two probes.")
    if options.get("attempt_timeout", 1) < 1:
        raise RefusedError(f"attempt_timeout is {options['attempt_timeout']}. Give at least one second.")
    if timing.timeout < 1:
        raise RefusedError(f"timeout is {timing.timeout}. Give at least one second.")
    needed = (timing.consecutive - 1) * timing.interval
    if needed >= timing.timeout:
        raise RefusedError(
            f"{timing.consecutive} probes, one every {timing.interval:g} s, take {needed:g} s at least, and timeout is "
            f"{timing.timeout} s. Increase timeout, or reduce consecutive or interval."
        )
    return timing


def _digest(name: str, kind: GateKind, options: Values) -> str:
    secrets: dict[str, t.Any] = {}
    meaning = _meaning(kind_options(kind), options, kind.name, secrets)
    if secrets:
        # Digests are printed and kept, so guessing a secret from one must be slow.
        salt = f"tidegate.failover gate {name} {kind.name}".encode()
        meaning["secrets"] = hashlib.pbkdf2_hmac("sha256", _canonical(secrets), salt, _ROUNDS).hex()
    whole = {"name": name, "kind": kind.name, "options": meaning}
    return f"sha256:{hashlib.sha256(_canonical(whole)).hexdigest()}"


def _meaning(spec: Options, values: Values, path: str, secrets: dict[str, t.Any]) -> dict[str, t.Any]:
    """The values that are part of a gate's meaning. Secrets are collected separately, by their path."""
    meaning: dict[str, t.Any] = {}
    for name, option in spec.items():
        value = values.get(name)
        if option.get("rotates") or value is None:
            continue
        here = f"{path}.{name}"
        if option.get("no_log"):
            secrets[here] = value
        elif option.get("options") and option["type"] == "dict":
            meaning[name] = _meaning(option["options"], value, here, secrets)
        elif option.get("options"):
            parts = enumerate(value)
            meaning[name] = [_meaning(option["options"], part, f"{here}[{index}]", secrets) for index, part in parts]
        else:
            meaning[name] = value
    return meaning


def _canonical(value: t.Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
