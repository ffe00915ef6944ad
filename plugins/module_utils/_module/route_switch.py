# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One target of ``cf_maintenance_mode``: the loop that switches one route, and its result."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.routes import Found, RouteApi
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route import fitness, report
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.audit import learned_from
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.decision import (
    Learned,
    ReplaceDestinations,
    Step,
    after_step,
    annotations_of,
    body_of,
    holds_of,
    missing_steps,
    responder_shown,
    took_effect,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import (
    destinations_of,
    guids_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.holding_back import (
    application,
    held_back,
    left_alone,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.request import Request, Selection
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.route_holds import is_hold_key
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Convergence, Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    ConflictError,
    NotFoundError,
    ServiceRejectedError,
    TidegateError,
    code_of,
    defect,
)

Result = dict[str, t.Any]
Route = dict[str, t.Any]


class RouteSwitch:
    """Switches the maintenance mode of one route.

    :param connect: creates the client; may raise RefusedError.
    :param request: its responder is still the name or guid that the user gave.
    """

    def __init__(
        self, connect: Callable[[], RouteApi], selection: Selection, request: Request, deadline: Deadline
    ) -> None:
        self._connect = connect
        self._selection = selection
        self._request = request
        self._deadline = deadline
        self._api: RouteApi
        self._found: Found | None = None
        self._around: fitness.Surroundings | None = None
        self._rights = fitness.Rights()
        self._learned = Learned()
        self._verified: Route | None = None
        self._held_back = ""
        self._accepted = False
        self._notes: list[str] = []
        self._loop: Convergence[Route, Step] | None = None

    def run(self, *, check_mode: bool) -> Result:
        """Switch, or predict it in check mode. Failures are part of the result, so that other targets go on."""
        try:
            return self._run(check_mode=check_mode)
        # An unexpected error fails this target, and must not hide the others.
        except Exception as broken:  # noqa: BLE001
            return self._outline(defect(broken))

    def _run(self, *, check_mode: bool) -> Result:
        try:
            self._api = self._connect()
            self._loop = Convergence(
                read=self._read,
                decide=self._decide,
                write=self._write,
                # A change is complete when Cloud Foundry responds, so there is nothing to wait for.
                settle=lambda: False,
                deadline=self._deadline,
            )
            if check_mode:
                self._loop.predict(after_step)
            else:
                self._converge(self._loop)
            return self._result(None, check_mode=check_mode)
        except TidegateError as problem:
            return self._result(problem, check_mode=check_mode)

    def _converge(self, loop: Convergence[Route, Step]) -> None:
        """Repeat until no step is missing, also in what was read after the last write, because others write too."""
        while True:
            loop.run()
            seen = loop.last
            if seen is None or self._held_back or not self._missing(seen, loop.written):
                return

    def _read(self) -> Route:
        """The route. After a write of this run, it was read already to verify it."""
        if self._found is None:
            self._found = self._api.find(self._selection)
            self._prepare(self._found)
            return self._found.route
        if self._verified is not None:
            seen, self._verified = self._verified, None
            return seen
        return self._api.read(self._found.route["guid"])

    def _prepare(self, found: Found) -> None:
        """Read what the decisions need. This happens once, with the first read of the route."""
        responder = self._responder(found)
        self._around = self._api.surroundings(found, responder)
        self._request = replace(self._request, responder=responder["guid"] if responder else None)
        if responder:
            port = fitness.default_port(responder, self._around.responder_stats)
            self._request = replace(self._request, responder_port=port)
        self._rights = self._api.rights
        if self._rights.user is not None and not self._rights.is_admin:
            self._rights = replace(self._rights, roles=self._api.roles(found.space["guid"], self._rights.user))
        fitness.check_place(self._around, self._selection.organization, self._selection.space)

    def _responder(self, found: Found) -> Route | None:
        named = self._request.responder
        if named is None:
            return None
        try:
            return self._api.responder(named, found)
        except NotFoundError as problem:
            if self._request.enabled:
                raise
            self._notes.append(f"{problem} Leaving does not need it.")
            return None

    def _missing(self, route: Route, written: Sequence[Step]) -> list[Step]:
        return missing_steps(route, self._request, written, self._learned)

    def _decide(self, route: Route, written: Sequence[Step]) -> list[Step]:
        steps = self._missing(route, written)
        if not written:
            self._held_back = left_alone(route, self._request) or (self._reason_to_wait(route) if steps else "")
        if self._held_back:
            return []
        self._check(route, steps)
        return steps

    def _reason_to_wait(self, route: Route) -> str:
        healths = {}
        if self._request.only_if_backends is not None:
            for one in application(route, self._request):
                key = (one.app, one.process)
                healths[key] = any(map(fitness.is_serving, self._api.instances(*key)))
        return held_back(route, self._request, healths)

    def _check(self, route: Route, steps: Sequence[Step]) -> None:
        """Refuse steps that could not be taken or not be undone, before the first write."""
        around = self._around
        if around is None or not steps:
            return
        fitness.check_rights(self._rights, around)
        if any(isinstance(step, ReplaceDestinations) and step.to_page for step in steps):
            fitness.check_can_show_page(route, around)
            fitness.check_responder(around)
            fitness.check_way_back(route, self._with_apps_of(route))

    def _with_apps_of(self, route: Route) -> fitness.Surroundings:
        """The surroundings with the apps that the route leads to now, which somebody may have changed since."""
        around = self._around
        if around is None:
            raise AssertionError("the route is read before it is decided about")
        unknown = {one.app for one in destinations_of(route)} - around.apps.keys()
        if unknown:
            self._around = around = replace(around, apps={**around.apps, **self._api.apps(unknown)})
        return around

    def _write(self, route: Route, step: Step) -> Route:
        """Take one step, and return the route after it.

        :raises ConflictError: somebody else changed the route meanwhile.
        """
        guid = route["guid"]
        body = body_of(route, step)
        if isinstance(step, ReplaceDestinations):
            self._replace(route, step, body)
        else:
            self._api.update_metadata(guid, body)
        self._accepted = True
        after = call_patiently(lambda: self._api.read(guid), self._deadline)
        if not took_effect(after, step):
            raise ConflictError(
                "What had been written was not there when it was read again: somebody else changes the route at the "
                "same time."
            )
        self._verified = after
        return after

    def _replace(self, route: Route, step: ReplaceDestinations, body: Route) -> None:
        """Replace all destinations if the route has not changed since the decision.

        Cloud Foundry has no conditional requests. So the route is read once more right before. Afterwards the audit
        events show which destinations the replace removed that were not there in that read.
        """
        guid, spaces = route["guid"], self._spaces(route, step)
        before = self._events(spaces)
        now = self._api.read(guid)
        if _version(now) != _version(route):
            raise ConflictError("Somebody else changed the route since it was read.")
        try:
            self._api.replace_destinations(guid, body)
        except ServiceRejectedError as problem:
            raise self._refused(problem, step) from problem
        if before is None:
            self._notes += report.warnings_of_ports(now, self._around.apps if self._around else {})
            return
        events = self._events(spaces)
        if events is not None:
            seen = {event["guid"] for event in before}
            learned = learned_from(events, seen, now, self._rights.user, self._request.responder)
            self._learned = Learned(
                (*self._learned.default_ports, *learned.default_ports),
                (*self._learned.overlooked, *learned.overlooked),
            )

    def _spaces(self, route: Route, step: ReplaceDestinations) -> set[str]:
        """The spaces of the apps that the route may lead to."""
        around = self._around
        if around is None:
            raise AssertionError("the route is read before it is written")
        return {around.space["guid"], *(around.shared_spaces or ())}

    def _events(self, spaces: set[str]) -> list[Route] | None:
        """The newest events; None where these credentials may not read them."""
        try:
            return call_patiently(lambda: self._api.newest_events(spaces), self._deadline)
        except (AccessError, NotFoundError, ServiceRejectedError) as problem:
            reported = f"{problem} So what somebody else did at the moment of the change could not be seen."
            if reported not in self._notes:
                self._notes.append(reported)
            return None

    def _refused(self, problem: ServiceRejectedError, step: ReplaceDestinations) -> TidegateError:
        if step.to_page:
            return problem
        return ServiceRejectedError(
            f"{problem} So what the route led to before cannot come back as it was; an app of it may be gone. The page "
            "stays up and the hold stays recorded. Map the apps that should serve (cf map-route), unmap the responder, "
            "then run this again to release the hold."
        )

    def _names(self, *routes: Route) -> dict[str, str]:
        """Names of apps by guid, as far as they were read."""
        around = self._around
        if around is None:
            return {}
        names = {guid: str(app["name"]) for guid, app in around.apps.items()}
        if around.responder is not None:
            names[around.responder["guid"]] = around.responder["name"]
        held = [one.app for route in routes for hold in holds_of(route).holds for one in hold.before or ()]
        held += [hold.responder for route in routes for hold in holds_of(route).holds]
        held += [one.app for one in self._learned.overlooked]
        unknown = set(held) - names.keys()
        if unknown:
            try:
                names |= {guid: str(app["name"]) for guid, app in self._api.apps(unknown).items()}
            except TidegateError as problem:
                self._notes.append(f"The names of some apps are not known. {problem}")
        return names

    def _outline(self, problem: TidegateError | None) -> Result:
        """The result as far as it is known without reading the route."""
        selection = self._selection
        found = self._found
        return {
            "route_guid": found.route["guid"] if found else selection.guid,
            "url": found.route["url"] if found else selection.reported,
            "organization": found.organization["name"] if found else selection.organization,
            "space": found.space["name"] if found else selection.space,
            "responder": self._responder_reported(),
            "changed": self._changed(),
            "failed": problem is not None,
            "msg": self._failure(problem) if problem else "",
            **code_of(problem),
            "before": None,
            "after": None,
            "in_maintenance": None,
            "held_by": [],
            "unexplained": False,
            "released": [],
            "held_back": self._held_back,
            "warnings": self._notes,
        }

    def _responder_reported(self) -> Result | None:
        responder = self._around.responder if self._around else None
        return {"guid": responder["guid"], "name": responder["name"]} if responder else None

    def _changed(self) -> bool:
        return self._accepted or bool(self._loop and (self._loop.written or self._loop.doubtful))

    def _failure(self, problem: TidegateError) -> str:
        loop = self._loop
        names: dict[str, str] = {}
        done = report.taken(loop.written, names) if loop else []
        until_then = f" Done: {'; '.join(done)}." if done else ""
        doubtful = report.taken([loop.doubtful], names) if loop and loop.doubtful else []
        in_doubt = (
            f" The response was lost, so the outcome is unknown: {doubtful[0]}. Run this again to see."
            if doubtful
            else ""
        )
        return f"{problem}{until_then}{in_doubt}"

    def _result(self, problem: TidegateError | None, *, check_mode: bool) -> Result:
        loop, request = self._loop, self._request
        if loop is None or loop.first is None or loop.last is None or self._around is None:
            return self._outline(problem)
        before, after = loop.first, loop.last
        names = self._names(before, after)
        if problem is None and not self._held_back:
            self._warn(before, after, loop.written, names, check_mode=check_mode)
        result = self._outline(problem)
        result.update(
            before=report.picture(before, names, request.responder),
            after=report.picture(after, names, request.responder),
            in_maintenance=responder_shown(after, holds_of(after), request.responder) is not None,
            held_by=report.held_by(after),
            unexplained=report.is_unexplained(after, request.responder),
            released=report.released(before, loop.written, names),
        )
        if problem is None:
            done = report.message(before, after, request, loop.written, names)
            result["msg"] = f"Nothing was changed: {self._held_back}" if self._held_back else done
        return result

    def _warn(
        self, before: Route, after: Route, written: Sequence[Step], names: dict[str, str], *, check_mode: bool
    ) -> None:
        around = self._around
        if around is None:
            return
        self._notes += report.warnings_of_learned(self._learned, names)
        swaps = [step for step in written if isinstance(step, ReplaceDestinations)]
        if self._request.enabled:
            self._notes += report.warnings_of_enter(
                before, self._request, around.apps, route_services=around.route_services, swapped=bool(swaps)
            )
            return
        self._notes += report.warnings_of_exit(before, after, written, names)
        if swaps and not check_mode:
            back = destinations_of(after)
            keys = {(one.app, one.process) for one in back}
            instances = {key: call_patiently(partial(self._api.instances, *key), self._deadline) for key in keys}
            self._notes += report.warnings_of_instances(back, instances, names)


def _version(route: Route) -> tuple[object, ...]:
    """What must not change between a decision and its write: destinations by their guids, and all holds."""
    holds = {key: value for key, value in annotations_of(route).items() if is_hold_key(key)}
    return guids_of(route), destinations_of(route), tuple(sorted(holds.items()))
