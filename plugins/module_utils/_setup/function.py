# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Plans the Lambda function of the role aws_setup that locks by an alarm, its IAM role and its log group."""

from __future__ import annotations

import base64
import re
import typing as t
from collections.abc import Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup.function_environment import (
    environment_of,
    environment_problems,
)
from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_alarms import (
    alarm,
    alarm_problems,
    changes,
    differing,
    existing,
    found_in,
    is_ours,
    not_ours,
)

Json = dict[str, t.Any]

HANDLER = "lambda_function.handler"
#: The inline policy of the function's role.
POLICY_NAME = "tidegate-route53-lock"
#: The statement of the function's own policy that lets the topic call it.
STATEMENT = "tidegate-topic"
_REGION = "us-east-1"
#: API references, CreateFunction and CreateRole.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TIMEOUTS, _MEMORY = range(1, 901), range(128, 10241)
#: The values that the module for log groups accepts.
_RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653)
_TRUST: Json = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def plan_function(options: Json, found: Json) -> Json:
    """The plan for the function.

    :param options: the options of the service; see ``plugins/filter/aws_setup_function_plan.yml``.
    :param found: ``caller``, and ``places`` as ``aws_setup_info`` returns them.
    :raises RefusedError: the plan would change a resource of somebody else, or an option is not valid.
    """
    present = options["state"] == "present"
    alarms = [_alarm(options)]
    problems = [*_whose(options, found), *alarm_problems(options, found, alarms)]
    if present:
        problems += _problems(options)
    if problems:
        raise RefusedError("Nothing was changed. " + " ".join(problems))
    why = dict(_differences(options, found)) if present else {}
    gone = {} if present else {kind: name for kind, name in _names(options) if found_in(found, _REGION, kind, name)}
    return {
        "handler": HANDLER,
        "role_arn": _role_arn(options, found),
        "environment": environment_of(options) if present else {},
        "trust": _TRUST,
        "policy_name": POLICY_NAME,
        "statement_id": STATEMENT,
        "policy": _policy(options) if present else {},
        "log_group": _log_group(options),
        "write": list(why),
        "delete": gone,
        "alarms": differing(found, alarms) if present else [],
        "stale": [] if present else existing(found, alarms),
        "why": [*why.values(), *(f"{_WHAT[kind]} {name}: it is deleted" for kind, name in gone.items())],
    }


_WHAT = {"functions": "function", "roles": "role", "log_groups": "log group"}


def _names(options: Json) -> Iterator[tuple[str, str]]:
    yield "functions", options["name"]
    yield "roles", options["role"]
    yield "log_groups", _log_group(options)


def _log_group(options: Json) -> str:
    return f"/aws/lambda/{options['name']}"


def _whose(options: Json, found: Json) -> Iterator[str]:
    for kind, name in _names(options):
        known = found_in(found, _REGION, kind, name)
        if known and not is_ours(known, options["service"]):
            yield not_ours(f"The {_WHAT[kind]} '{name}'", options["service"])


def _problems(options: Json) -> Iterator[str]:
    for option, name in (("name", "function_name"), ("role", "function_role")):
        if not _NAME.fullmatch(options[option]):
            yield (
                f"aws_setup_{name} is '{options[option]}'. Give at most 64 letters, digits, hyphens and underscores."
            )
    if options["timeout"] not in _TIMEOUTS:
        yield f"aws_setup_function_timeout is {options['timeout']}. Lambda takes 1 to 900 seconds."
    if options["memory"] not in _MEMORY:
        yield f"aws_setup_function_memory is {options['memory']}. Lambda takes 128 to 10240 MB."
    if options["log_retention"] not in _RETENTIONS:
        days = ", ".join(map(str, _RETENTIONS))
        yield f"aws_setup_function_log_retention is {options['log_retention']}. CloudWatch Logs takes {days} days."
    yield from environment_problems(options)


def _differences(options: Json, found: Json) -> Iterator[tuple[str, str]]:
    """The parts to write, in order, each with the reason."""
    wanted = {
        "log_group": ("log_groups", _log_group(options), {"retention": options["log_retention"]}),
        "role": ("roles", options["role"], {"trust": _TRUST}),
        "policy": ("roles", options["role"], {"policy": _policy(options)}),
        "function": ("functions", options["name"], _configuration(options, found)),
        "permission": ("functions", options["name"], {"allowed": _allowed(options)}),
    }
    for part, (kind, name, want) in wanted.items():
        known = found_in(found, _REGION, kind, name)
        differs = changes(_compared(known), want) if known else ["it does not exist"]
        if differs:
            yield part, f"{part.replace('_', ' ')} {name}: {_reported(part, differs)}"


def _reported(part: str, differs: list[str]) -> str:
    # Documents are long, so their differences are only in the diff.
    documents = {"role": "its trust policy differs", "policy": "it differs", "permission": "it differs"}
    return ", ".join(differs) if part not in documents or differs == ["it does not exist"] else documents[part]


def _compared(known: Json) -> Json:
    """What was read, with our parts in the form for the comparison."""
    of_ours: Json = next((one for one in known.get("allowed") or [] if one.get("Sid") == STATEMENT), {})
    return {
        **known,
        "trust": _normal(known.get("trust")),
        "policy": _normal((known.get("policies") or {}).get(POLICY_NAME)),
        "allowed": {
            "principal": (of_ours.get("Principal") or {}).get("Service"),
            "action": of_ours.get("Action"),
            "topic": ((of_ours.get("Condition") or {}).get("ArnLike") or {}).get("AWS:SourceArn"),
        },
    }


def _normal(document: Json | None) -> Json:
    return {} if not document else {"Version": document.get("Version"), "Statement": document.get("Statement")}


def _configuration(options: Json, found: Json) -> Json:
    return {
        "runtime": options["runtime"],
        "handler": HANDLER,
        "timeout": options["timeout"],
        "memory": options["memory"],
        "role": _role_arn(options, found),
        "code_sha256": base64.b64encode(bytes.fromhex(options["archive_sha256"])).decode(),
        "dead_letter_arn": options["dead_letter_queue_arn"],
        "environment": environment_of(options),
    }


def _role_arn(options: Json, found: Json) -> str:
    caller = found["caller"]
    return f"arn:{caller['arn'].split(':')[1]}:iam::{caller['account']}:role/{options['role']}"


def _allowed(options: Json) -> Json:
    return {
        "principal": "sns.amazonaws.com",
        "action": "lambda:InvokeFunction",
        "topic": options["topic_arn"],
    }


def _policy(options: Json) -> Json:
    """The policy of the documentation, with this service's own objects in place of the examples.

    :raises RefusedError: the policy has an unknown statement.
    """
    partition = options["topic_arn"].split(":")[1]
    health_checks = [f"arn:{partition}:route53:::healthcheck/{one}" for one in options["health_check_ids"]]
    region_and_account = ":".join(options["topic_arn"].split(":")[3:5])
    resources = {
        "ReadHealthChecks": health_checks,
        "LockThese": health_checks[:1],
        "ReadRecords": [f"arn:{partition}:route53:::hostedzone/{options['zone_id']}"],
        "FindZones": ["*"],
        "Log": [f"arn:{partition}:logs:{region_and_account}:log-group:{_log_group(options)}:*"],
        "HandOverFailures": [options["dead_letter_queue_arn"]],
    }
    statements = options["policy"]["Statement"]
    unknown = [one["Sid"] for one in statements if one["Sid"] not in resources]
    if unknown:
        raise RefusedError(f"Nothing was changed. The function's policy.json has unknown statements: {unknown}.")
    return {**options["policy"], "Statement": [{**one, "Resource": resources[one["Sid"]]} for one in statements]}


def _alarm(options: Json) -> Json:
    rule = {
        "statistic": "Sum",
        "comparison": "GreaterThanThreshold",
        "threshold": 0,
        "period": 60,
        "evaluation_periods": 1,
        # There is no data while the function is not called.
        "missing_data": "notBreaching",
    }
    about = f"The function {options['name']} did not follow an alarm. The failed site may not be locked."
    dimensions = {"FunctionName": options["name"]}
    return alarm(options, _REGION, options["alarm"], about, ("AWS/Lambda", "Errors"), dimensions, rule)
