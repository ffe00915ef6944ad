# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The rehearsal at the end of a set-up: its spare listener, what counts as proven, and its report. Pure functions.

The spare listener's only backend is the page's, with a health check that expects a status that no page returns. So the
backend fails without a dead address, and recovers by one change of that status.

The values are the variables of the role ``maintenance_setup`` without their prefix, and the contents of its variable
``__maintenance_setup_of_others``.
"""

from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import is_alarm

Json = dict[str, t.Any]
Values = Mapping[str, t.Any]

#: The owner of the spare listener's page while no alarm holds it.
OWNER = "setup:rehearsal"
_LONGEST_BACKEND_SET = 32
_NEVER_ANSWERED = 299
_REDIRECTS = range(300, 400)
_PART_OF_ALL = {
    "alarm": "the page, the alarm and the way back",
    "page": "the page and the way back",
}


@dataclass(frozen=True)
class Seen:
    """The result of a request to the spare listener.

    :ivar status: the status of the response; 0 without a response.
    :ivar location: the target of a redirect, if it is one; ``page_status`` is the status there.
    :ivar problem: why there was no response, from the listener or from the target.
    """

    status: int = 0
    location: str = ""
    page_status: int = 0
    problem: str = ""


def level_of(values: Values) -> str:
    """What is rehearsed: ``alarm``, ``page`` or ``none``."""
    return str(values["rehearsal"]) if values["state"] == "present" else "none"


def problems(values: Values) -> list[str]:
    """Errors in the values that the modules do not check, one sentence each."""
    level = level_of(values)
    if level == "none":
        return []
    instead = "or set maintenance_setup_rehearsal to none to set up without a rehearsal"
    wrong = []
    if level == "alarm" and not values["alarm_name"]:
        wrong.append(
            "maintenance_setup_rehearsal is alarm, and there is no alarm: maintenance_setup_alarm_name is not given. "
            "Give it, or set maintenance_setup_rehearsal to page."
        )
    if not values["rehearsal_port"]:
        wrong.append(
            "maintenance_setup_rehearsal_port is not given. The rehearsal needs a free port of the load balancer that "
            f"this machine can reach. Give one, {instead}."
        )
    elif values["rehearsal_port"] == values["port"]:
        wrong.append(
            f"maintenance_setup_rehearsal_port is {values['port']}, which is the port of the page's own listener. Give "
            f"another one, {instead}."
        )
    if not _host(values):
        wrong.append(
            "It is not known where this machine reaches the load balancer. Give maintenance_setup_rehearsal_host, a "
            f"name or an address, or maintenance_verify_url, whose host is used, {instead}."
        )
    return wrong


def name_of(values: Values) -> str:
    """The name of the spare listener and its parts; always the same for a service.

    Each service has its own spare listener, also on the same load balancer or backend set.
    """
    of = [str(values[name] or "") for name in ("backend_set", "page_listener", "rule_set")]
    digest = hashlib.sha256("\0".join(of).encode()).hexdigest()[:8]
    return f"rehearsal-{digest}-{of[0] or of[1]}"[:_LONGEST_BACKEND_SET]


def alarm_name(values: Values) -> str:
    """The name of the rehearsal's alarm."""
    return f"{values['alarm_name']}-rehearsal"


def url(values: Values) -> str:
    """The address of the requests: the spare listener, at a path that the page covers."""
    scheme = "https" if values["certificate_name"] or values["certificate_ids"] else "http"
    host = _host(values)
    host = f"[{host}]" if ":" in host else host
    path = [*values["redirect_paths"], *values["redirect_exact_paths"], "/"][0]
    return f"{scheme}://{host}:{values['rehearsal_port']}{path}"


def _host(values: Values) -> str:
    return str(values["rehearsal_host"] or urlsplit(values["verify_url"] or "").hostname or "")


# Options for the modules of this collection.


def spare(values: Values, *, healthy: bool) -> Json:
    """The spare listener with its backend set, for ``oci_maintenance_page``. Its own rule set is never attached."""
    kept = (
        "load_balancer_id",
        "certificate_name",
        "certificate_ids",
        "backend_tls",
        "backend_ca_certificate_name",
        "backend_ca_ids",
        "health_check_path",
        "wait_timeout",
    )
    return _given(
        {
            "state": "present",
            **_names(values),
            "port": values["rehearsal_port"],
            # One backend is enough, and the alarm fires as soon as it fails.
            "backends": list(values["backends"])[:1],
            "health_check_status": values["status"] if healthy else _NEVER_ANSWERED,
            **{name: values[name] for name in kept},
        }
    )


def no_spare(values: Values) -> Json:
    """The removal of the spare listener."""
    kept = ("load_balancer_id", "wait_timeout")
    return {"state": "absent", **_names(values), **{name: values[name] for name in kept}}


def _names(values: Values) -> Json:
    return dict.fromkeys(("listener", "backend_set", "rule_set"), name_of(values))


def switch(values: Values, *, enabled: bool) -> Json:
    """The page on the spare listener, with the service's strategy, for ``lb_maintenance_mode``."""
    page: Json = {"rule_set": values["rule_set"]}
    if values["strategy"] == "backend_set":
        page = {
            "strategy": "backend_set",
            "maintenance_backend_set": values["strategy_backend_set"] or values["page_backend_set"],
            "tester_routing_policy": values["tester_routing_policy"],
        }
    return _given({**_on_spare(values), **page, "state": "enabled" if enabled else "disabled"})


def releases(values: Values) -> list[Json]:
    """The release of all holds on the spare listener, of a redirect and of a page in place.

    Use this only after the spare listener was removed, because only then it belonged to this rehearsal.
    """
    redirect = {**_on_spare(values), "rule_set": values["rule_set"], "state": "disabled", "force": True}
    if values["strategy"] != "backend_set":
        return [redirect]
    return [redirect, {**switch(values, enabled=False), "force": True}]


def _on_spare(values: Values) -> Json:
    return {
        "load_balancer_id": values["load_balancer_id"],
        "listeners": [name_of(values)],
        "owner": OWNER,
        "reason": "Rehearsal of the set-up",
        "wait_timeout": values["wait_timeout"],
    }


def spare_alarm(values: Values, topic_id: str) -> Json:
    """An alarm on the spare backend set like the service's own, for ``oci_maintenance_alarm``."""
    kept = (
        "metric_compartment_id",
        "load_balancer_id",
        "rule_set",
        "pending_minutes",
        "repeat_minutes",
        "slack_minutes",
    )
    alarm = {"state": "present", "topic_id": topic_id, "backend_set": name_of(values)}
    return _given({**_of_alarm(values), **alarm, **{name: values[name] for name in kept}})


def no_spare_alarm(values: Values) -> Json:
    """The removal of this alarm. It has no topic of its own, and the service's topic stays."""
    return {**_of_alarm(values), "state": "absent"}


def _of_alarm(values: Values) -> Json:
    return {
        "name": alarm_name(values),
        "compartment_id": values["compartment_id"],
        "wait_timeout": values["wait_timeout"],
    }


def _given(options: Json) -> Json:
    return {name: value for name, value in options.items() if value not in (None, "", [])}


# The meaning of results.


def is_redirected(seen: Seen, values: Values) -> bool:
    """Whether the request was redirected to the page, and the page answers."""
    return _leads_to_page(seen, values) and seen.page_status == values["status"]


def is_held_by_alarm(listener: Json) -> bool:
    """Whether an alarm holds the page on a listener, as ``lb_maintenance_mode_info`` shows it."""
    return any(is_alarm(str(hold["owner"])) for hold in listener.get("holds") or [])


def is_page(seen: Seen, values: Values) -> bool:
    """Whether the page is up, by the service's strategy."""
    if values["strategy"] == "backend_set":
        return bool(seen.status == values["status"])
    return is_redirected(seen, values)


def is_gone(seen: Seen, values: Values) -> bool:
    """Whether there is a response that is not the page. A missing response proves nothing."""
    return seen.status > 0 and not _leads_to_page(seen, values) and not is_page(seen, values)


def is_not_redirected(seen: Seen, values: Values) -> bool:
    """The same if only a redirect counts as the page, because a healthy spare listener answers like the page."""
    return seen.status > 0 and not _leads_to_page(seen, values)


def _leads_to_page(seen: Seen, values: Values) -> bool:
    if seen.status not in _REDIRECTS or not seen.location:
        return False
    target = urlsplit(seen.location)
    return bool((target.port or {"https": 443, "http": 80}.get(target.scheme)) == values["port"])


def described(seen: Seen) -> str:
    """What was observed, as a phrase."""
    if not seen.status:
        return f"there is no answer ({seen.problem})"
    if not seen.location:
        return f"it answers {seen.status}"
    there = f"answers {seen.page_status}" if seen.page_status else f"does not answer ({seen.problem})"
    return f"it redirects with {seen.status} to {seen.location}, which {there}"


def expected(values: Values, *, redirect: bool) -> str:
    """What a request from outside should get, as a phrase."""
    if redirect:
        return f"a redirect to port {values['port']}, where the page answers {values['status']}"
    return f"the page's status {values['status']}"


def not_seen(values: Values, seen: Seen) -> str:
    """The message if the page was put up directly and is not seen."""
    advice = (
        f"Check that security lists and firewalls let this machine through to port {values['rehearsal_port']}, and "
        "that maintenance_setup_rehearsal_host leads to the load balancer."
        if not seen.status
        else "Check the page's backends (maintenance_setup_backends), their health on the load balancer, and "
        "maintenance_setup_status."
    )
    redirect = values["strategy"] != "backend_set"
    return (
        f"The page was put up on the spare listener, and is not seen at {url(values)}: {described(seen)}. Expected was "
        f"{expected(values, redirect=redirect)}. {advice}"
    )


def not_by_alarm(listener: Json) -> str:
    """The message if the page is up, but the alarm did not put it up."""
    owners = ", ".join(str(hold["owner"]) for hold in listener.get("holds") or []) or "nobody"
    return (
        f"The page is up on the spare listener, held by {owners} and not by an alarm. So the alarm is not proven. "
        "Another run of the set-up may rehearse this service too. Wait for its end, then run this again."
    )


def other_alarm(values: Values) -> str:
    """The message if the alarm of this rehearsal does not exist any more."""
    return (
        f"The alarm {alarm_name(values)!r} of this rehearsal was removed or created again meanwhile, so nothing is "
        "proven by it. Another run of the set-up may rehearse this service too. Wait for its end, then run this again."
    )


def not_gone(values: Values, seen: Seen) -> str:
    """The message if the page was removed directly and is still seen."""
    return (
        "The page was taken away from the spare listener, and its end is not seen at "
        f"{url(values)}: {described(seen)}. Check whether something between this machine and the load balancer keeps "
        "answers, or no longer connects."
    )


def no_alarm(values: Values, seen: Seen, topic_id: str) -> str:
    """The message if the alarm did not put the page up."""
    follower = (
        "whether the rulebook is running, and its log names that alarm; whether it has the topic in "
        "oci_notifications_topics; whether oci_maintenance_listeners sends alarms to other listeners; whether it "
        "signs in, which it does by oci_auth of the inventory's group all or by the environment, and not by variables "
        "of a service; whether its "
        if values["endpoint"]
        else "whether the function was called, and its log names that alarm; whether its "
    )
    return (
        f"The alarm did not put the page up within {values['rehearsal_timeout']} s. At {url(values)} "
        f"{described(seen)}. Expected was {expected(values, redirect=True)}. The spare listener's only backend counts "
        f"as failed, and the alarm {alarm_name(values)!r} sends to the topic {topic_id}. Check in this order: "
        f"{follower}credentials may use the load balancer; whether maintenance_setup_metric_compartment_id is the load "
        f"balancer's compartment. OCI evaluates alarms {values['slack_minutes']} minutes behind, and this one fires "
        f"after {values['pending_minutes']} more. If it only needs longer, raise maintenance_setup_rehearsal_timeout."
    )


def no_recovery(values: Values, seen: Seen, topic_id: str) -> str:
    """The message if the alarm's recovery did not remove the page."""
    return (
        f"The alarm put the page up, and did not take it away within {values['rehearsal_timeout']} s after the backend "
        f"was made healthy. At {url(values)} {described(seen)}. Check whether the log of the {_follower(values)} names "
        f"the recovery of {alarm_name(values)!r} (topic {topic_id}), and what it reports of it; and whether the page's "
        f"backend passes its health check at {values['health_check_path']}. OCI evaluates alarms "
        f"{values['slack_minutes']} minutes behind. If it only needs longer, raise maintenance_setup_rehearsal_timeout."
    )


def _follower(values: Values) -> str:
    return "rulebook" if values["endpoint"] else "function"


def not_as_before(before: Json, after: Json) -> str:
    """The message if a listener is not as before."""
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    found = "; ".join(f"{name} was {before.get(name)!r} and is {after.get(name)!r}" for name in names)
    return f"The page is gone, and the spare listener is not as it was: {found}."


def summary(
    values: Values, steps: Sequence[str], proven: Sequence[Json], topic_id: str, problem: str = ""
) -> list[str]:
    """The existing resources, what was proven, and what to do next; one line each.

    :param problem: why the rehearsal failed, if it did.
    """
    if values["state"] == "absent":
        return [f"Removed: {'; '.join(steps)}." if steps else "There was nothing to remove."]
    lines = [f"Changed: {'; '.join(steps)}." if steps else "Nothing had to be changed.", _exists(values, topic_id)]
    lines += [f"Proven: {one['what']} ({one['seconds']:.1f} s)." for one in proven]
    if problem:
        return [*lines, f"Not proven: {problem}"]
    if not proven:
        lines.append("Not rehearsed: nothing proves yet that page and alarm work.")
    return [*lines, _next(values, topic_id)]


def _exists(values: Values, topic_id: str) -> str:
    page = f"Page: listener {values['page_listener']!r} at port {values['port']}, rule set {values['rule_set']!r}."
    if not values["alarm_name"]:
        return f"{page} No alarm."
    receiver = values["endpoint"] or values["function_id"]
    return f"{page} Alarm: {values['alarm_name']!r}, topic {topic_id or 'to come'}, sends to {receiver}."


def _next(values: Values, topic_id: str) -> str:
    if not values["alarm_name"]:
        return "Next: give maintenance_setup_alarm_name to let an alarm switch the page."
    kept = f"keep {topic_id} in the rulebook's oci_notifications_topics, and " if values["endpoint"] else ""
    return f"Next: {kept}run setup again after adding or removing backends."


def rehearses(values: Values) -> str:
    """What a run would do, for check mode."""
    level = level_of(values)
    return f"Would rehearse {_PART_OF_ALL[level]} at {url(values)}." if level != "none" else "Would not rehearse."
