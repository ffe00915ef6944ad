# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Entering and exiting maintenance on listeners: which steps are missing, and what each step changes.

Pure functions on the JSON of the API. Rules have no versions, so three things replace compare-and-set: each rule of
ours is created with a priority that only one rule can have; rules of others are compared with their record before they
get their priorities back; and after each write the listener is read again.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener import tag_texts
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.conditions import conditions_of
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import (
    MARK,
    Page,
    Wanted,
    copied_actions,
    is_as,
    own_rules,
    shows_page,
    wanted_rules,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.priorities import (
    Priorities,
    going_back,
    making_room,
    with_moves,
    with_priorities,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.recorded import (
    Hold,
    Move,
    Recorded,
    recorded_in,
    tags_of_hold,
    tags_of_moves,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import is_alarm

Json = Mapping[str, t.Any]
#: A listener as the API shows it, with ``Tags``, and ``Rules``, each with ``Tags``.
Listener = Mapping[str, t.Any]


@dataclass(frozen=True)
class TakeHold:
    """Record the hold of an owner."""

    listener: str
    hold: Hold


@dataclass(frozen=True)
class RecordMoves:
    """Record the rules of others that are to be moved."""

    listener: str
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class MoveRules:
    """Change the priorities of rules of others, all at once.

    :ivar is_back: whether they get the priorities that they had before the page.
    """

    listener: str
    priorities: Priorities
    is_back: bool = False


@dataclass(frozen=True)
class ShowPage:
    """Put these rules of ours before all other rules."""

    listener: str
    rules: tuple[Wanted, ...]


@dataclass(frozen=True)
class RemovePage:
    """Remove all rules of ours.

    :ivar rules: these rules, to restore them if somebody enters at this moment.
    """

    listener: str
    rules: tuple[Wanted, ...]


@dataclass(frozen=True)
class Forget:
    """Remove records: the holds of these owners, and the moves after the rules are back.

    :ivar damaged: tags that cannot be read and are removed too.
    """

    listener: str
    owners: tuple[str, ...] = ()
    moves: bool = False
    damaged: tuple[str, ...] = ()


Step: t.TypeAlias = "TakeHold | RecordMoves | MoveRules | ShowPage | RemovePage | Forget"


def recorded(listener: Listener) -> Recorded:
    """The records of a listener."""
    return recorded_in(listener["Tags"])


def missing_steps(listener: Listener, request: Request, written: Sequence[Step]) -> list[Step]:
    """The missing steps on a listener, in order.

    The hold comes first, for people too, because it is in tags of the listener, which outlive the rules of the page.

    :param written: the steps that this run has taken already.
    :raises RefusedError: the request cannot or must not be carried out.
    """
    if request.enabled:
        return _steps_to_enter(listener, request)
    return _steps_to_exit(listener, request, [step for step in written if step.listener == listener["ListenerArn"]])


def is_left_alone(listener: Listener, request: Request) -> bool:
    """Whether the request is of an alarm, which does not change a page that nobody holds."""
    return is_alarm(request.owner) and shows_page(listener["Rules"]) and not recorded(listener).holds


def going(request: Request, found: Recorded) -> tuple[Hold, ...]:
    """The holds that a request to exit releases."""
    return tuple(hold for hold in found.holds if request.force or hold.owner == request.owner)


def staying_beside(request: Request, found: Recorded) -> list[Hold]:
    """The holds that keep the page up independent of this request."""
    leaving = () if request.enabled else going(request, found)
    return [hold for hold in found.holds if hold not in leaving and not hold.is_leaving and hold.owner != request.owner]


def wanted_on(listener: Listener, page: Page) -> tuple[Wanted, ...]:
    """The rules of ours that a listener should have."""
    return tuple(wanted_rules(page, listener["Rules"]))


def is_shown_as(listener: Listener, wanted: Sequence[Wanted]) -> bool:
    """Whether a listener has exactly these rules of ours, before all others."""
    ours = own_rules(listener["Rules"])
    in_place = [int(rule["Priority"]) for rule in ours] == list(range(1, len(wanted) + 1))
    return in_place and all(is_as(rule, one) for rule, one in zip(ours, wanted, strict=True))


def after_step(listener: Listener, step: Step) -> dict[str, t.Any]:
    """The listener after a step."""
    rules: Sequence[Json] = listener["Rules"]
    if isinstance(step, ShowPage | RemovePage):
        kept = [rule for rule in rules if rule not in own_rules(rules)]
        wanted = step.rules if isinstance(step, ShowPage) else ()
        return {**listener, "Rules": [*_made(listener, wanted), *kept]}
    if isinstance(step, MoveRules):
        return {**listener, "Rules": with_priorities(rules, step.priorities)}
    new, gone = tag_changes(listener, step)
    kept_tags = {key: value for key, value in listener["Tags"].items() if key not in gone}
    return {**listener, "Tags": kept_tags | new}


def _made(listener: Listener, wanted: Sequence[Wanted]) -> list[dict[str, t.Any]]:
    arn = listener["ListenerArn"].replace(":listener/", ":listener-rule/")
    return [
        {"RuleArn": f"{arn}/new-{priority}", "Priority": str(priority), "Tags": {MARK: one.mark}, **one.body()}
        for priority, one in enumerate(wanted, start=1)
    ]


def took_effect(listener: Listener, step: Step) -> bool:
    """Whether a listener that was read after a step shows its effect."""
    if isinstance(step, ShowPage):
        return is_shown_as(listener, step.rules)
    if isinstance(step, RemovePage):
        return not own_rules(listener["Rules"])
    if isinstance(step, MoveRules):
        now = {rule["RuleArn"]: rule["Priority"] for rule in listener["Rules"]}
        return all(now.get(arn, str(priority)) == str(priority) for arn, priority in step.priorities)
    new, gone = tag_changes(listener, step)
    tags = listener["Tags"]
    return all(tags.get(key) == value for key, value in new.items()) and not gone & tags.keys()


def tag_changes(listener: Listener, step: TakeHold | RecordMoves | Forget) -> tuple[dict[str, str], set[str]]:
    """The tags that a step sets, and the keys that it removes afterwards.

    :raises RefusedError: there is no room for the tags.
    """
    found, tags = recorded(listener), listener["Tags"]
    if isinstance(step, Forget):
        owners = {key for owner in step.owners for key in found.keys.get(owner, ())}
        return {}, (owners | set(step.damaged) | set(found.move_keys if step.moves else ())) & tags.keys()
    if isinstance(step, TakeHold):
        new, old = tags_of_hold(step.hold), found.keys.get(step.hold.owner, ())
    else:
        new, old = tags_of_moves(step.moves), found.move_keys
    tag_texts.check_room(tags, new)
    return new, set(old) - new.keys()


def _steps_to_enter(listener: Listener, request: Request) -> list[Step]:
    if request.page is None:
        raise AssertionError("a request to enter maintenance has a page")
    found, arn = recorded(listener), str(listener["ListenerArn"])
    _check_readable(found)
    if is_left_alone(listener, request):
        return []
    mine = found.of(request.owner)
    steps: list[Step] = []
    if mine is None or mine.is_leaving:
        kept = mine or Hold(request.owner, request.since, request.reason)
        steps.append(TakeHold(arn, replace(kept, is_leaving=False)))
    if shows_page(listener["Rules"]) and staying_beside(request, found):
        # Other owners hold the page, and it stays as it is.
        return steps
    return [*steps, *_steps_to_show(listener, request, found, wanted_on(listener, request.page))]


def _steps_to_show(listener: Listener, request: Request, found: Recorded, wanted: tuple[Wanted, ...]) -> list[Step]:
    arn = str(listener["ListenerArn"])
    room = making_room(listener["Rules"], len(wanted))
    if room and not request.move_rules:
        raise RefusedError(
            f"The page needs {len(wanted)} rules before all others, and {len(room)} rules of others have to move for "
            f"that. move_rules is false. Keep the priorities 1 to {len(wanted)} free, or allow it: they get back "
            "exactly what they had. Nothing was changed.",
            code="TG-NO-RULES-LEFT",
        )
    steps: list[Step] = []
    if room:
        moves = with_moves(found.moves, listener["Rules"], room)
        steps = [RecordMoves(arn, moves)] if moves != found.moves else []
        steps.append(MoveRules(arn, room))
    return steps if is_shown_as(listener, wanted) else [*steps, ShowPage(arn, wanted)]


def _steps_to_exit(listener: Listener, request: Request, written: Sequence[Step]) -> list[Step]:
    found, arn = recorded(listener), str(listener["ListenerArn"])
    if not request.force:
        _check_readable(found)
    leaving, staying = going(request, found), staying_beside(request, found)
    damaged = found.damaged if request.force else ()
    if staying:
        return [*_page_for_who_came(listener, written), *_leave_others(arn, leaving, damaged)]
    ending = [hold for hold in found.holds if hold in leaving or hold.is_leaving]
    if is_left_alone(listener, request) and not damaged:
        return []
    steps: list[Step] = []
    ours = own_rules(listener["Rules"])
    if ours:
        steps.append(RemovePage(arn, tuple(_as_wanted(rule) for rule in ours)))
    back = going_back(listener["Rules"], found.moves)
    if back:
        steps.append(MoveRules(arn, back, is_back=True))
    if ending or damaged or found.moves:
        owners = tuple(hold.owner for hold in ending)
        steps.append(Forget(arn, owners, moves=bool(found.moves), damaged=tuple(damaged)))
    return steps


def _leave_others(arn: str, leaving: Sequence[Hold], damaged: Sequence[str]) -> list[Step]:
    """Mark the holds of this owner as leaving, and release them if another owner still stays.

    Otherwise two owners who leave at the same moment would each count the other as staying, and the page would stay up
    without a hold. So each marks its hold as leaving first and reads again. The one that marks last reads that no owner
    stays.
    """
    marks: list[Step] = [TakeHold(arn, replace(hold, is_leaving=True)) for hold in leaving if not hold.is_leaving]
    owners = tuple(hold.owner for hold in leaving)
    return [*marks, Forget(arn, owners, damaged=tuple(damaged))] if owners or damaged else []


def _page_for_who_came(listener: Listener, written: Sequence[Step]) -> list[Step]:
    """If somebody entered while this run removed the page, it is put up again first."""
    removed = [step for step in written if isinstance(step, RemovePage)]
    if not removed or shows_page(listener["Rules"]):
        return []
    wanted, arn = removed[-1].rules, str(listener["ListenerArn"])
    found = recorded(listener)
    room = making_room(listener["Rules"], len(wanted))
    steps: list[Step] = []
    if room:
        steps = [RecordMoves(arn, with_moves(found.moves, listener["Rules"], room)), MoveRules(arn, room)]
    return [*steps, ShowPage(arn, wanted)]


def _as_wanted(rule: Json) -> Wanted:
    return Wanted(rule["Tags"][MARK], conditions_of(rule), copied_actions(rule), tuple(rule.get("Transforms") or ()))


def _check_readable(found: Recorded) -> None:
    if found.damaged:
        raise RefusedError(
            f"The tags {', '.join(found.damaged)} of the listener should record who holds its maintenance page, and "
            "which rules were moved for it. They cannot be read; somebody has edited them. Restore them, or run with "
            "state: disabled and force: true, which removes them and the page. Nothing was changed.",
            code="TG-HOLDS-UNREADABLE",
        )
