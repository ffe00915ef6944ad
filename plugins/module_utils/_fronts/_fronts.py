# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The fronts of a service, of all kinds: the options of each module, and the meaning of the results."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import Entrance, FrontKind, Json, Page
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._registry import KINDS

#: All modules that switch or read fronts, and the sign-in of each.
AUTH: Mapping[str, str] = {module: kind.auth for kind in KINDS.values() for module in (kind.module, kind.info)}
MODULES: tuple[str, ...] = tuple(AUTH)


@dataclass(frozen=True)
class Part:
    """The fronts of one kind, which one task of its module switches.

    :ivar options: the options of the module that name the fronts.
    """

    kind: FrontKind
    options: Json

    @property
    def targets(self) -> list[Json]:
        """The targets, one for each front."""
        return self.options.get("targets") or [self.options]


@dataclass(frozen=True)
class Seen:
    """What a module found of one front.

    :ivar front: its identity, such as an OCID.
    :ivar problem: why the front could not be read; empty if it could.
    """

    front: str
    entrance: str
    problem: str
    entrances: Sequence[Entrance] = ()


def has_front(page: Page) -> bool:
    """Whether a service has a front that can show a page."""
    return bool(page.get("fronts")) or any(kind.short_form(page) for kind in KINDS.values())


def no_front() -> str:
    """A sentence about the missing variables of a service without a front."""
    names = ["maintenance_fronts", *(name for kind in KINDS.values() for name in kind.short_form_names)]
    return f"The service has no front: {', '.join(names[:-1])} and {names[-1]} are not given."


def parts_of(page: Page) -> list[Part]:
    """The fronts of a service, grouped by kind.

    :raises RefusedError: their description is not valid.
    """
    given = page.get("fronts")
    short = [Part(kind, options) for kind in KINDS.values() if (options := kind.short_form(page))]
    if not given:
        return short
    if short:
        names = [name for part in short for name in part.kind.short_form_names]
        raise RefusedError(
            f"maintenance_fronts is given, and so is one of {', '.join(names)}. Those are the short form of a single "
            "front: describe it in maintenance_fronts too, and remove the others.",
            code="TG-FRONT",
        )
    targets: dict[str, list[Json]] = {}
    for number, front in enumerate(given):
        name, values = _kind_of(front, f"maintenance_fronts[{number}]")
        targets.setdefault(name, []).append(KINDS[name].target(values))
    return [Part(KINDS[name], {"targets": found}) for name, found in targets.items()]


def _kind_of(front: t.Any, where: str) -> tuple[str, Mapping[str, t.Any]]:
    """:raises RefusedError: the front has no kind, more than one kind, or an unknown kind."""
    named = [name for name, values in front.items() if values is not None] if isinstance(front, Mapping) else []
    if len(named) != 1 or named[0] not in KINDS:
        found = ", ".join(map(str, named)) or "nothing"
        raise RefusedError(
            f"{where} names {found}. Each front has exactly one kind, which is one of: {', '.join(KINDS)}.",
            code="TG-FRONT",
        )
    if not isinstance(front[named[0]], Mapping):
        raise RefusedError(f"{where}.{named[0]} is no dictionary. Give the options of that front.", code="TG-FRONT")
    return named[0], front[named[0]]


def problems_of_fronts(page: Page) -> list[str]:
    """The errors in the description of the fronts, one sentence each."""
    try:
        parts_of(page)
    except RefusedError as problem:
        return [str(problem)]
    return []


def check_backends_known(parts: Sequence[Part]) -> None:
    """:raises RefusedError: the health behind a front cannot be read, so no decision can depend on it."""
    mute = [part.kind.name for part in parts if not part.kind.knows_backends]
    if mute:
        raise RefusedError(
            f"Nothing was done: whether the backends of {', '.join(mute)} serve cannot be read, and an alarm is "
            "followed only where that confirms it. Remove such fronts from the targets of the alarm, and switch them "
            "with the playbooks enter_maintenance and exit_maintenance.",
            code="TG-ALARM",
        )


def libraries(page: Page) -> list[str]:
    """The libraries that the fronts of a service need."""
    try:
        return list(dict.fromkeys(part.kind.library for part in parts_of(page) if part.kind.library))
    except RefusedError:
        # Reported with the other problems of the variables.
        return []


def with_owner(targets: Sequence[Json], owner: str) -> list[Json]:
    """The targets, each with the owner of its page, for a task with several services."""
    return [{**target, "owner": owner} for target in targets]


def seen_of(kind: FrontKind, answer: Mapping[str, t.Any], targets: Sequence[Json]) -> list[Seen]:
    """What a module found of each target. If the module failed before reading, no target could be read."""
    answered: Iterator[Mapping[str, t.Any]] = iter(answer.get(kind.answer) or ())
    missing = {"failed": True, "msg": answer.get("msg") or "it was not answered"}
    return [_seen(kind, kind.identity(target), next(answered, missing)) for target in targets]


def _seen(kind: FrontKind, front: str, found: Mapping[str, t.Any]) -> Seen:
    if found["failed"]:
        return Seen(front, kind.entrance, str(found["msg"]))
    return Seen(front, kind.entrance, "", kind.seen(found))


def entrances_after(kind: FrontKind, answer: Mapping[str, t.Any]) -> list[Entrance]:
    """The entrances as a module has left them."""
    return [entrance for found in answer[kind.answer] if found.get("after") for entrance in kind.switched(found)]


def met(entrances: Sequence[Entrance]) -> str:
    """What users get: ``service``; ``redirect`` to the page; ``page``, at their own address or by a redirect; or
    ``either``, where the page is up only at some of the entrances.
    """
    up = [entrance for entrance in entrances if entrance.up]
    if not up:
        return "service"
    if len(up) < len(entrances):
        return "either"
    return "redirect" if all(entrance.redirects for entrance in up) else "page"


def outcome(kind: FrontKind, answer: Mapping[str, t.Any]) -> str:
    """What a module reports of each front. Where there are several, the module's own message only counts them."""
    found = answer.get(kind.answer) or []
    if len(found) < 2:
        return str(answer["msg"])
    return " ".join(f"{kind.label(one)}: {one['msg']}" for one in found)


@dataclass(frozen=True)
class Switched:
    """The result of all fronts of a service.

    :ivar fronts: the entries of the modules, each with its ``kind``.
    :ivar problems: why fronts failed, by kind.
    :ivar held_back: why no front was changed although the request asked for it; empty if a front was changed, or had
        been before.
    """

    changed: bool
    msg: str
    outcome: str
    fronts: Sequence[Json]
    meets: str
    released: Sequence[str]
    problems: Sequence[str] = ()
    held_back: str = ""


def switched(answers: Sequence[tuple[FrontKind, Mapping[str, t.Any]]]) -> Switched:
    """The result of all fronts, from the results of the module of each kind, whether it failed or not."""
    entries = [{**found, "kind": kind.name} for kind, answer in answers for found in answer.get(kind.answer) or []]
    owners = {str(hold["owner"]) for found in entries for hold in found.get("released") or []}
    whole = Switched(
        changed=any(answer.get("changed") for _kind, answer in answers),
        msg=" ".join(_reported(answers, lambda _kind, answer: str(answer.get("msg")))),
        outcome="",
        fronts=entries,
        meets="either",
        released=sorted(owners),
        problems=[str(answer.get("msg")) for _kind, answer in answers if answer.get("failed")],
    )
    if whole.problems:
        return whole
    entrances = [entrance for kind, answer in answers for entrance in entrances_after(kind, answer)]
    reasons = [str(found.get("held_back") or "") for found in entries]
    return replace(
        whole,
        outcome=" ".join(_reported(answers, outcome)),
        meets=met(entrances),
        held_back=" ".join(dict.fromkeys(reasons)) if all(reasons) else "",
    )


def _reported(
    answers: Sequence[tuple[FrontKind, Mapping[str, t.Any]]], of: Callable[[FrontKind, Mapping[str, t.Any]], str]
) -> list[str]:
    """A sentence for each kind, with its name where there are several."""
    return [f"{kind.name}: {of(kind, answer)}" if len(answers) > 1 else of(kind, answer) for kind, answer in answers]
