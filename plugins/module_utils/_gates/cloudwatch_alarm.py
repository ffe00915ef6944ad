# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``cloudwatch_alarm``: the CloudWatch alarms are in state OK."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._aws import AWS_OPTION, REQUIREMENTS, client
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Values,
)

if t.TYPE_CHECKING:
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import AlarmStates

_OK = "OK"
#: States of an alarm that has data. A composite rule may expect ALARM of an alarm below it, so both are accepted.
_WITH_DATA = frozenset({_OK, "ALARM"})


def check(options: Values) -> None:
    """Refuse an empty list, and more alarms than one request can read."""
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import ALARMS_AT_ONCE

    if not 1 <= len(options["alarm_names"]) <= ALARMS_AT_ONCE:
        raise RefusedError(f"alarm_names has {len(options['alarm_names'])} names. Give 1 to {ALARMS_AT_ONCE}.")


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    return f"state {_OK} of {', '.join(options['alarm_names'])}"


def observe(options: Values, probe: Probe) -> Observation:
    """Read the states of all alarms once."""
    cloudwatch = client("cloudwatch", options, probe)
    if isinstance(cloudwatch, Observation):
        return cloudwatch
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import alarm_states

    return judge(options["alarm_names"], alarm_states(cloudwatch, options["alarm_names"]))


def judge(names: Sequence[str], states: AlarmStates) -> Observation:
    """Every alarm has to exist and be OK. An alarm that was evaluated without enough data proves nothing."""
    missing = sorted(set(names) - set(states.named))
    if missing:
        remedy = "Check alarm_names, and the region and account that they are in."
        return Observation(False, f"there is no alarm {', '.join(missing)}", remedy)
    not_ok = [f"{name}: {states.named[name]}" for name in names if states.named[name] != _OK]
    blind = [found for name in names for found in _without_data(states, name)]
    if not not_ok and not blind:
        return Observation(True, f"state {_OK} of {', '.join(names)}")
    if blind or any(states.named[name] not in _WITH_DATA for name in names):
        remedy = (
            "Find and repair the cause of each ALARM. For INSUFFICIENT_DATA, find out why the metric has no values. "
            "For a state in doubt, see the alarm's details in CloudWatch."
        )
    else:
        remedy = "Repair what the alarms report, and wait until they are OK again."
    return Observation(False, "; ".join([*not_ok, *blind]), remedy)


def _without_data(states: AlarmStates, name: str) -> list[str]:
    """Alarms without data below a composite alarm that is OK: most rules count a missing state as good."""
    if states.named[name] != _OK:
        return []
    below = states.below.get(name, {})
    return [f"{child} below {name}: {below[child]}" for child in sorted(below) if below[child] not in _WITH_DATA]


KIND = GateKind(
    name="cloudwatch_alarm",
    description="""
        Passes if CloudWatch alarms, metric or composite ones, are all in state C(OK). C(INSUFFICIENT_DATA) fails, and
        so does an alarm that does not exist.

        Needs the right C(cloudwatch:DescribeAlarms), for composite alarms on all resources (V(*)).

        What else could make it pass:

        An alarm that has no data, and treats missing data as good (C(notBreaching)) or keeps its state (C(ignore)). Its
        state is C(OK), and the gate passes. Where data must always arrive, use alarms that treat missing data as
        C(breaching) or C(missing).

        An alarm that was never evaluated. Its state is C(INSUFFICIENT_DATA), and the gate fails.

        An alarm that CloudWatch evaluated without all data, or could not evaluate. The gate fails for each
        C(EvaluationState), such as C(PARTIAL_DATA) of a query that matches too many metrics. CloudWatch does not report
        it for alarms below a composite one; name these too.

        An old state. An alarm becomes C(ALARM) only after its periods, and a person can set a state until the next
        evaluation. Use O(gates[].cloudwatch_alarm.consecutive) with an interval that covers the periods.

        Only one of several alarms that is C(OK). Each alarm has to exist and to be C(OK).

        A composite alarm whose alarms have no data. Most rules only ask for C(ALARM), so the composite one is C(OK).
        The gate fails if any alarm below it, at any depth, is in state C(INSUFFICIENT_DATA).

        A composite alarm whose rule omits an alarm, or is never true. The gate does not read rules. If in doubt, name
        the alarms themselves.

        An alarm of the same name in another region or account. Set region and profile in
        O(gates[].cloudwatch_alarm.aws), not in the environment. Alarms on Route 53 health checks are in us-east-1.

        An alarm on something else, such as the serving site. The gate does not check its dimensions.""",
    options={
        "alarm_names": {
            "description": "The names of the alarms.",
            "type": "list",
            "elements": "str",
            "required": True,
        },
        **AWS_OPTION,
    },
    expected=expected,
    observe=observe,
    check=check,
    requirements=REQUIREMENTS,
)
