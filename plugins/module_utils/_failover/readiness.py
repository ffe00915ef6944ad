# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether a service is ready for failover and failback, by its variables and by what was read. Pure functions."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import has_front

Json = dict[str, t.Any]
Options = Mapping[str, t.Any]

_BOTH = ("failover", "failback")
_LEVELS = ("error", "warning", "info")
_UNKNOWN_SITE: Mapping[str, t.Any] = {"health": "unknown", "how": "failover_records names no zone", "answers": {}}


@dataclass(frozen=True)
class Service:
    """What is known of a service.

    :ivar failover: its variables for a failover, without their prefix.
    :ivar failback: its variables for a failback, without their prefix.
    :ivar page: the variables of its page.
    :ivar would_fail_over: ``findings``, ``would``, ``promotes`` and ``shares`` for a failover.
    :ivar would_fail_back: the same for a failback.
    """

    failover: Options
    failback: Options
    page: Options
    would_fail_over: Mapping[str, t.Any]
    would_fail_back: Mapping[str, t.Any]

    @property
    def has_page(self) -> bool:
        """Whether users can be shown a page."""
        return has_front(self.page)

    @property
    def has_page_only(self) -> bool:
        """Whether the service has a page and nothing that a failover or failback needs."""
        used = [self.failover[name] for name in ("health_check_ids", "records", "secondary_url", "promote_tasks")]
        return self.has_page and not any([*used, self.failback["gates"]])


@dataclass(frozen=True)
class Seen:
    """What was read of a service.

    :ivar in_aws: the result of ``failover_preflight``; None if it was not run, or nothing could be read.
    :ivar account_problem: why nothing could be read.
    :ivar silence: why the answer of the other site is not good; None if it is good, or the site was not probed.
    :ivar pages: the prediction of the module of each of its fronts.
    :ivar page_problem: why a module predicts nothing.
    :ivar resources: the predictions for its resources in a failover, each with its ``kind``.
    :ivar problem_of_file: why a file of the user's tasks cannot be run; empty if it can.
    :ivar is_file: whether a file exists.
    """

    in_aws: Mapping[str, t.Any] | None = None
    account_problem: str = ""
    silence: str | None = None
    pages: Sequence[Mapping[str, t.Any]] = ()
    page_problem: str = ""
    resources: Sequence[Mapping[str, t.Any]] = ()
    problem_of_file: Callable[[str], str] = lambda _path: ""
    is_file: Callable[[str], bool] = lambda _path: True


def findings(service: Service, seen: Seen) -> list[Json]:
    """Everything that stops a failover or failback of it, and other facts that a person should know."""
    if service.has_page_only:
        return list(_about_page(service, seen))
    return [
        *_about_account(service, seen),
        *service.would_fail_over["findings"],
        *service.would_fail_back["findings"],
        *_about_files(service, seen),
        *_about_writer(service),
        *_about_programs(service, seen),
        *_about_other_site(service, seen),
        *_about_resources(seen),
        *_about_page(service, seen),
    ]


def stopped(found: Sequence[Mapping[str, t.Any]]) -> list[str]:
    """What the findings stop: ``failover``, ``failback``, ``maintenance``."""
    return sorted({stop for finding in found for stop in finding["stops"]}, reverse=True)


def reported(service: Service | None, found: Sequence[Mapping[str, t.Any]]) -> str:
    """The verdict and its reasons for a person, one line each, errors first, without duplicates.

    :param service: None if its variables cannot be used.
    """
    stops = stopped(found)
    only_page = service is not None and service.has_page_only
    ready = "READY for maintenance. It has no health check, so it is not failed over." if only_page else "READY."
    verdict = f"NOT READY for {' and '.join(stops)}." if stops else ready
    lines = (f"{finding['level']}: {finding['check']}: {finding['msg']}" for finding in _errors_first(found))
    # The same problem may stop a failover and a failback. Messages of services may have several lines.
    reasons = dict.fromkeys(" ".join(line.split()) for line in lines)
    would = service.would_fail_over["would"] if service is not None and not only_page else ""
    return "\n".join(filter(None, [verdict, *reasons, would]))


def finding(check: str, level: str, stops: Sequence[str], msg: str) -> Json:
    """One finding."""
    return {"check": check, "level": level, "stops": list(stops), "msg": msg}


def of_variables(problems: Sequence[str], *stops: str) -> list[Json]:
    """Findings about problems of variables."""
    return [finding("variables", "error", stops or _BOTH, problem) for problem in problems]


def _errors_first(found: Sequence[Mapping[str, t.Any]]) -> list[Mapping[str, t.Any]]:
    return sorted(found, key=lambda one: _LEVELS.index(one["level"]))


def _about_account(service: Service, seen: Seen) -> Iterator[Json]:
    if seen.account_problem:
        yield finding("account", "error", _BOTH, seen.account_problem)
    for one in seen.in_aws["findings"] if seen.in_aws else ():
        # A health check that several services use is reported once, for the whole inventory.
        if one["check"] != "shared health check" or not service.would_fail_over["shares"]:
            yield dict(one)


def _about_other_site(service: Service, seen: Seen) -> Iterator[Json]:
    known = bool(service.failover["secondary_url"])
    site = seen.in_aws["other_site"] if seen.in_aws else _UNKNOWN_SITE
    if known and seen.silence is None:
        return
    stops = known or site["health"] != "healthy"
    msg = (
        f"The other site does not answer. {seen.silence}"
        if known
        else "failover_secondary_url is not given, so only Route 53 can tell whether the other site serves: "
        f"{site['how']}."
    )
    yield finding("last serving site", "error" if stops else "warning", ["failover"] if stops else [], msg)


def _about_page(service: Service, seen: Seen) -> Iterator[Json]:
    if not service.has_page:
        return
    failed = [str(page["msg"]) for page in seen.pages if page["failed"]]
    problem = seen.page_problem or " ".join(failed)
    if problem:
        stops = ["maintenance"] if service.has_page_only else ["failover"] if _is_planned(service) else []
        yield finding("maintenance", "error" if stops else "warning", stops, f"Showing the page would fail. {problem}")
        return
    no_room = dict.fromkeys(page["no_room_for_alarms"] for page in seen.pages if page.get("no_room_for_alarms"))
    if no_room:
        because = " ".join(no_room)
        msg = f"An alarm would not show the page, because its hold could not be recorded. {because}"
        yield finding("maintenance", "warning", [], msg)
    for warning in (warning for page in seen.pages for warning in page["warnings"]):
        yield finding("maintenance", "warning", [], warning)


def _about_resources(seen: Seen) -> Iterator[Json]:
    for one in seen.resources:
        failed = bool(one.get("failed"))
        name = f"{one['kind']} {one['name']}" if one.get("name") else str(one["kind"])
        yield finding(
            "resources", "error" if failed else "info", ["failover"] if failed else [], f"{name}: {one.get('msg')}"
        )
        for warning in one.get("warnings") or ():
            yield finding("resources", "warning", [], f"{name}: {warning}")


def _is_planned(service: Service) -> bool:
    return bool(service.failover["type"] == "planned")


def _about_files(service: Service, seen: Seen) -> Iterator[Json]:
    """Problems of the files of gates. Problems of the files of steps are reported with the steps."""
    for gate in _gates(service.failback, "gates"):
        path = (gate.get("tasks") or {}).get("file")
        problem = seen.problem_of_file(str(path)) if path else ""
        if problem:
            yield finding("files", "error", ["failback"], f"The gate {gate.get('name')!r} runs {path}, and {problem}")


def _about_writer(service: Service) -> Iterator[Json]:
    """A warning if no task of the user's moves a promoted writer back to the primary site."""
    own = [step for step in service.failback["steps"] or [] if isinstance(step, Mapping)]
    moves = service.failback["move_writer_tasks"] or any(step.get("point_of_no_return") for step in own)
    if service.would_fail_over["promotes"] and not moves:
        yield finding(
            "writer",
            "warning",
            [],
            "Something is promoted, and failback_move_writer_tasks is not given: a failback would move users to the "
            "primary site while the writer stays at the other one. Give tasks that make the database of the primary "
            "site the writer.",
        )


def _about_programs(service: Service, seen: Seen) -> Iterator[Json]:
    """Programs of gates that do not exist. A name without a folder is skipped: PATH is searched when it is run."""
    asked = [(gate, "failover") for name in ("fences", "gates") for gate in _gates(service.failover, name)]
    asked += [(gate, "failback") for gate in _gates(service.failback, "gates")]
    for gate, stops in asked:
        path = _program(gate)
        if not PurePosixPath(path).is_absolute() or seen.is_file(path):
            continue
        who = "a fence or gate of a failover" if stops == "failover" else "a gate of a failback"
        yield finding(
            "programs",
            "error",
            [stops],
            f"There is no program {path}, which {who} runs here, so it can never pass. Give the path of a program "
            "that exists.",
        )


def _program(gate: Mapping[str, t.Any]) -> str:
    command = gate.get("command")
    argv = command.get("argv") if isinstance(command, Mapping) else None
    words = argv.split(",") if isinstance(argv, str) else argv
    return str(words[0]) if words else ""


def _gates(options: Options, name: str) -> list[Mapping[str, t.Any]]:
    return [gate for gate in options[name] or [] if isinstance(gate, Mapping)]
