# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``failover_alarms``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._aws.notifiers import NotifiersApi
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    NotFoundError,
    TidegateError,
    defect,
    failure,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_options import aws_client, create_aws_module
from ansible_collections.tidegate.failover.plugins.module_utils._module.many_targets import Ending

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Json = dict[str, t.Any]

_ENDING = Ending(
    key="name",
    listed="alarms",
    noun="alarms",
    unchanged="unchanged",
    rest="the run went on with the others",
)


def create_module() -> AnsibleAWSModule:
    """The Ansible module with its argument spec."""
    alarm = {
        "name": {"type": "str", "required": True},
        "region": {"type": "str"},
        "topic": {"type": "str"},
    }
    return create_aws_module(
        {
            "alarms": {"type": "list", "elements": "dict", "required": True, "options": alarm},
            "actions": {"type": "str", "choices": ["enabled"]},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )


def run(module: AnsibleAWSModule) -> None:
    """Read all alarms, Region by Region, and enable their actions if requested."""
    params = module.params
    if params["wait_timeout"] < 1:
        module.fail_json(msg=f"wait_timeout is {params['wait_timeout']}. Give at least one second.", alarms=[])
    if not params["alarms"]:
        module.fail_json(msg="alarms is empty, so nothing would be read. Name at least one.", alarms=[])
    end = Deadline(params["wait_timeout"], Clock())
    results: list[Json] = [{} for _alarm in params["alarms"]]
    for region, positions in _regions(params["alarms"]).items():
        some = [params["alarms"][position] for position in positions]
        api = NotifiersApi(partial(_client, module, region), end.for_another)
        reported = _Region(api, some).results(enable=params["actions"] == "enabled", check_mode=module.check_mode)
        for position, one in zip(positions, reported, strict=True):
            results[position] = one
    _ENDING.switched(module, results)


def _client(module: AnsibleAWSModule, region: str, service: str) -> t.Any:
    return aws_client(module, service, region=region) if region else aws_client(module, service)


def _regions(alarms: Sequence[Mapping[str, t.Any]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for position, alarm in enumerate(alarms):
        found.setdefault(alarm["region"] or "", []).append(position)
    return found


class _Region:
    """The alarms of one Region, read together."""

    def __init__(self, api: NotifiersApi, alarms: Sequence[Mapping[str, t.Any]]) -> None:
        self._api, self._alarms = api, alarms
        self._topics: dict[str, list[Json] | None] = {}
        self._account = ""

    def results(self, *, enable: bool, check_mode: bool) -> list[Json]:
        """The result of each alarm. An alarm that cannot be read does not hide the others."""
        names = list(dict.fromkeys(str(alarm["name"]) for alarm in self._alarms))
        found, problem = _attempt(lambda: self._api.alarms(names))
        if problem:
            return [_failed(alarm, problem) for alarm in self._alarms]
        results = [self._result(alarm, found.get(str(alarm["name"]))) for alarm in self._alarms]
        return self._enabled(results, check_mode=check_mode) if enable else results

    def _result(self, alarm: Mapping[str, t.Any], seen: Json | None) -> Json:
        actions = [str(action) for action in (seen or {}).get("AlarmActions") or []]
        topic_arn, subscriptions, problem = "", None, None
        if alarm["topic"]:
            reported, problem = _attempt(lambda: self._topic(str(alarm["topic"]), seen))
            topic_arn, subscriptions = ("", None) if problem else reported
        enabled = bool((seen or {}).get("ActionsEnabled", True)) if seen else None
        state = str((seen or {}).get("StateValue")) if seen else None
        return {
            **_reported(alarm, problem, f"Alarm {alarm['name']} {'exists' if seen else 'does not exist'}."),
            "exists": seen is not None,
            "actions_enabled": enabled,
            "alarm_actions": actions,
            "state": state,
            "topic_arn": topic_arn or None,
            "subscriptions": subscriptions,
            "before": {"actions_enabled": enabled},
            "after": {"actions_enabled": enabled},
        }

    def _topic(self, topic: str, alarm: Json | None) -> tuple[str, list[Json] | None]:
        arn = topic if topic.startswith("arn:") else self._arn_of(topic, alarm)
        if arn not in self._topics:
            self._topics[arn] = self._api.subscriptions(arn)
        return arn, self._topics[arn]

    def _arn_of(self, topic: str, alarm: Json | None) -> str:
        """The ARN of a topic given by name: in the alarm's account and Region, or else in the caller's account."""
        if alarm and str(alarm.get("AlarmArn") or "").count(":") > 4:
            _arn, partition, _service, region, account = str(alarm["AlarmArn"]).split(":")[:5]
            return f"arn:{partition}:sns:{region}:{account}:{topic}"
        self._account = self._account or self._api.account()
        partition, account = self._account.split(":")
        return f"arn:{partition}:sns:{self._api.region}:{account}:{topic}"

    def _enabled(self, results: list[Json], *, check_mode: bool) -> list[Json]:
        """Enable the actions of the alarms where they are disabled. A missing alarm is not created."""
        for one in results:
            if not one["failed"] and not one["exists"]:
                one.update(
                    failed=True,
                    **failure(NotFoundError(f"There is no alarm {one['name']}. Check its name and region.")),
                )
        wanted = [one for one in results if not one["failed"] and not one["actions_enabled"]]
        names = list(dict.fromkeys(str(one["name"]) for one in wanted))
        _done, problem = _attempt(lambda: self._api.enable_actions([] if check_mode else names))
        for one in wanted:
            if problem:
                one.update(failed=True, **failure(problem))
                continue
            message = f"The actions of alarm {one['name']} {'would be' if check_mode else 'are'} enabled."
            one.update(changed=True, msg=message, after={"actions_enabled": True})
        return results


def _attempt(act: Callable[[], t.Any]) -> tuple[t.Any, TidegateError | None]:
    """The return value of the call, or the error."""
    try:
        return act(), None
    except TidegateError as problem:
        return None, problem
    # An unexpected error must not hide the other alarms.
    except Exception as broken:  # noqa: BLE001
        return None, defect(broken)


def _reported(alarm: Mapping[str, t.Any], problem: TidegateError | None, msg: str) -> Json:
    reported = failure(problem) if problem else {"msg": msg}
    return {"name": alarm["name"], "changed": False, "failed": bool(problem), **reported, "warnings": []}


def _failed(alarm: Mapping[str, t.Any], problem: TidegateError) -> Json:
    nothing = dict.fromkeys(("exists", "actions_enabled", "state", "topic_arn", "subscriptions", "before", "after"))
    return {**_reported(alarm, problem, ""), **nothing, "alarm_actions": []}
