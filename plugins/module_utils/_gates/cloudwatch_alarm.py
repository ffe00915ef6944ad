# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``cloudwatch_alarm``: CloudWatch alarms say that all is well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._aws import AWS_OPTION, REQUIREMENTS, client
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Look,
    Observation,
    Values,
)

_OK = "OK"


def check(options: Values) -> None:
    """Refuse no alarms, and more than are asked about in one request."""
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import ALARMS_AT_ONCE

    if not 1 <= len(options["alarm_names"]) <= ALARMS_AT_ONCE:
        raise RefusedError(f"alarm_names has {len(options['alarm_names'])} names. Give 1 to {ALARMS_AT_ONCE}.")


def expected(options: Values) -> str:
    """What the gate wants to see."""
    return f"state {_OK} of {', '.join(options['alarm_names'])}"


def observe(options: Values, look: Look) -> Observation:
    """Ask for the states of all alarms once."""
    cloudwatch = client("cloudwatch", options, look)
    if isinstance(cloudwatch, Observation):
        return cloudwatch
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import alarm_states

    return judge(options["alarm_names"], alarm_states(cloudwatch, options["alarm_names"]))


def judge(names: Sequence[str], states: Mapping[str, str]) -> Observation:
    """Every alarm has to be there, and to say OK. An alarm without enough data says nothing."""
    missing = sorted(set(names) - set(states))
    if missing:
        remedy = "Check alarm_names, and the region and account that they are in."
        return Observation(False, f"there is no alarm {', '.join(missing)}", remedy)
    not_ok = [f"{name}: {states[name]}" for name in names if states[name] != _OK]
    if not not_ok:
        return Observation(True, f"state {_OK} of {', '.join(names)}")
    if any(states[name] == "INSUFFICIENT_DATA" for name in names):
        remedy = "Mend what ALARM tells of. Where there is INSUFFICIENT_DATA, find out why its metric has no values."
    else:
        remedy = "Mend what the alarms tell of, and wait until they are OK again."
    return Observation(False, "; ".join(not_ok), remedy)


KIND = GateKind(
    name="cloudwatch_alarm",
    description="""
        Passes if CloudWatch alarms, metric or composite ones, are all in state C(OK). C(INSUFFICIENT_DATA) fails, and
        so does an alarm that does not exist.

        What else could make it pass: an alarm that treats missing data as C(notBreaching) or C(ignore) is C(OK) without
        any data, so choose one that treats it as C(breaching) or C(missing); one that looks at too much time, or at
        another object, or in another Region; a state that somebody set by hand, until the next evaluation. An alarm
        that was never evaluated has C(INSUFFICIENT_DATA), which fails. It says nothing about data.

        Needs the right C(cloudwatch:DescribeAlarms).""",
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
