# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a run on listeners reports: pictures, messages and warnings. They never contain values of headers."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.conditions import conditions_of
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.decision import (
    Forget,
    Listener,
    MoveRules,
    RecordMoves,
    RemovePage,
    ShowPage,
    Step,
    TakeHold,
    is_shown_as,
    recorded,
    staying_beside,
    wanted_on,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.holding_back import reported_name
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import (
    MARK,
    PAGE,
    in_order,
    is_ours,
    others_rules,
    own_rules,
    shows_page,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.priorities import not_back, rule_id
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.recorded import Hold
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = Mapping[str, t.Any]

#: The tag by which the AWS Load Balancer Controller of Kubernetes marks its resources; its value is the cluster.
_CONTROLLER = "elbv2.k8s.aws/cluster"


def picture(listener: Listener) -> dict[str, t.Any]:
    """What a user sees of a listener in ``before``, ``after`` and the diff: all that a run may change."""
    return {
        "name": reported_name(listener),
        "listener_arn": listener["ListenerArn"],
        "in_maintenance": shows_page(listener["Rules"]),
        "redirects": redirects(listener),
        "holds": [hold_described(hold) for hold in recorded(listener).holds],
        "rules": [_rule(rule) for rule in in_order(listener["Rules"])],
    }


def redirects(listener: Listener) -> bool:
    """Whether users are redirected to the page."""
    pages = [rule for rule in own_rules(listener["Rules"]) if rule["Tags"][MARK] == PAGE]
    return any(action["Type"] == "redirect" for rule in pages for action in rule["Actions"])


def _rule(rule: Json) -> dict[str, t.Any]:
    try:
        conditions = [one.reported() for one in conditions_of(rule)]
    except RefusedError:
        conditions = [{"field": one.get("Field"), "values": ["(not known)"]} for one in rule.get("Conditions") or ()]
    return {
        "id": rule_id(rule["RuleArn"]),
        "priority": int(rule["Priority"]),
        "ours": rule["Tags"].get(MARK) if is_ours(rule) else None,
        "conditions": conditions,
        "action": _action(rule),
    }


def _action(rule: Json) -> str:
    actions = rule.get("Actions") or ({"Type": "none"},)
    return " ".join(_reported(action) for action in actions)


def _reported(action: Json) -> str:
    kind = str(action["Type"])
    if kind == "fixed-response":
        config = action.get("FixedResponseConfig") or {}
        return f"{kind} {config.get('StatusCode')} {config.get('ContentType') or ''}".strip()
    if kind == "redirect":
        config = action.get("RedirectConfig") or {}
        return f"{kind} {config.get('Protocol')}://{config.get('Host')}:{config.get('Port')}{config.get('Path')}"
    if kind == "forward":
        groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or [action]
        return f"{kind} {' '.join(_group(group) for group in groups)}"
    return kind


def _group(group: Json) -> str:
    # arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<name>/<id>
    name = str(group.get("TargetGroupArn")).split("/")[1:2]
    weight = group.get("Weight")
    return f"{''.join(name)}" + (f" ({weight})" if weight is not None else "")


def hold_described(hold: Hold) -> dict[str, t.Any]:
    """A hold as results show it."""
    return {"owner": hold.owner, "since": hold.since, "reason": hold.reason, "is_leaving": hold.is_leaving}


def held_by(listeners: Sequence[Listener]) -> list[str]:
    """The owners who keep the page up."""
    return sorted({hold.owner for one in listeners for hold in recorded(one).holds if not hold.is_leaving})


def is_unexplained(listener: Listener) -> bool:
    """Whether the page is up although nobody holds it."""
    return shows_page(listener["Rules"]) and not recorded(listener).holds


def released(before: Sequence[Listener], steps: Sequence[Step]) -> list[dict[str, t.Any]]:
    """The holds that were found and that these steps released."""
    gone = {(step.listener, owner) for step in steps if isinstance(step, Forget) for owner in step.owners}
    return [
        {**hold_described(hold), "listener": reported_name(listener)}
        for listener in before
        for hold in recorded(listener).holds
        if (listener["ListenerArn"], hold.owner) in gone
    ]


def taken(steps: Sequence[Step], names: Mapping[str, str]) -> list[str]:
    """Steps as phrases for people.

    :param names: the names of listeners, by ARN.
    """
    return [f"{names.get(step.listener, step.listener)}: {_step(step)}" for step in steps]


def _step(step: Step) -> str:
    if isinstance(step, TakeHold):
        return f"the hold of {step.hold.owner} recorded"
    if isinstance(step, RecordMoves):
        return "recorded which rules move"
    if isinstance(step, MoveRules):
        return f"rules of others {'back at their priorities' if step.is_back else 'moved'} ({len(step.priorities)})"
    if isinstance(step, ShowPage):
        return f"the page put up ({len(step.rules)} rules)"
    if isinstance(step, RemovePage):
        return f"the page removed ({len(step.rules)} rules)"
    return f"the hold of {', '.join(step.owners) or 'nobody'} released"


def message(name: str, before: Sequence[Listener], after: Sequence[Listener], request: Request, changed: bool) -> str:
    """What happened, or why nothing happened, in a sentence.

    :param name: the name of the load balancer.
    """
    up = [reported_name(one) for one in after if shows_page(one["Rules"])]
    where = f"{name} ({', '.join(up)})"
    owners = ", ".join(held_by(after)) or "nobody"
    if request.enabled:
        return f"{'In maintenance' if changed else 'Already in maintenance'}: {where} shows the page, held by {owners}."
    if not up:
        was_up = any(shows_page(one["Rules"]) for one in before)
        return f"{'Maintenance ended' if was_up else 'Not in maintenance'}: {name} answers by its own rules."
    ours = "The hold was released" if changed else f"{request.owner!r} holds nothing here"
    return f"{ours}, but {where} still shows the page: it is held by {owners}."


def warnings_of_enter(before: Sequence[Listener], request: Request, steps: Sequence[Step], state: str) -> list[str]:
    """Warnings about what did not stop the run.

    :param state: the state of the load balancer.
    """
    found = [warning for listener in before for warning in _of_enter(listener, request, steps)]
    if state not in ("active", "active_impaired"):
        found.append(f"The load balancer is {state}, so it answers nobody yet.")
    return found


def _of_enter(listener: Listener, request: Request, steps: Sequence[Step]) -> list[str]:
    found, name = [], reported_name(listener)
    others = [hold.owner for hold in staying_beside(request, recorded(listener))]
    up = shows_page(listener["Rules"])
    if others and not up:
        found.append(
            f"{', '.join(others)} held the page of {name}, which was not up any more: an exit was interrupted, or "
            "somebody removed its rules. Those holds count again now; release them with that owner, or with force."
        )
    if others and up and request.page is not None and not is_shown_as(listener, wanted_on(listener, request.page)):
        found.append(
            f"The page of {name} is held by {', '.join(others)} as well, and its rules are not those that this task "
            "asks for. They were left as they are."
        )
    cluster = listener["Tags"].get(_CONTROLLER)
    if cluster is not None:
        found.append(
            f"{name} belongs to the AWS Load Balancer Controller of the cluster {cluster}. When it reconciles next, it "
            "removes rules and tags that are not its own, so the page and its holds may go before they are released. "
            "Stop the controller for as long as the page is up, or let an annotation of the ingress answer instead."
        )
    moved = [step for step in steps if isinstance(step, MoveRules) and step.listener == listener["ListenerArn"]]
    if moved:
        count = len({arn for step in moved for arn, _priority in step.priorities})
        found.append(
            f"Rules of others on {name} ({count}) have higher priority numbers while the page is up, and get back what "
            "they had. A tool that manages these rules, such as Terraform or an ingress controller, sees that as drift."
        )
    return found


def warnings_of_exit(before: Sequence[Listener], after: Sequence[Listener], steps: Sequence[Step]) -> list[str]:
    """Warnings about differences from the records."""
    found = []
    ended = {step.listener: step for step in steps if isinstance(step, Forget)}
    for was, now in zip(before, after, strict=True):
        step = ended.get(now["ListenerArn"])
        if step is None or shows_page(now["Rules"]):
            continue
        if step.owners and not own_rules(was["Rules"]):
            found.append(f"The page of {reported_name(now)} was not up any more: somebody had removed its rules.")
        left = not_back(now["Rules"], recorded(was).moves)
        if left:
            found.append(
                f"Some rules of {reported_name(now)} did not get their priorities back, because somebody else has "
                f"changed priorities since: {'; '.join(left)}. Put them in the order that you want."
            )
    return found


def blocked_by_others(listener: Listener) -> bool:
    """Whether a rule of somebody else comes before the page."""
    others, ours = others_rules(listener["Rules"]), own_rules(listener["Rules"])
    return bool(others and ours) and int(others[0]["Priority"]) < int(ours[-1]["Priority"])
