# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Reads what the role aws_setup compares of a Lambda function: the function, its IAM role and its log group."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._aws.calls import Calls
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import NotFoundError

Json = dict[str, t.Any]


class FunctionResources:
    """Reads of one account in one Region.

    :param client: makes boto3 clients that do not retry by themselves, by the service's name.
    :param new_deadline: returns the deadline of one read.
    """

    def __init__(self, client: Callable[[str], t.Any], new_deadline: Callable[[], Deadline]) -> None:
        self._call = Calls(client, new_deadline).call

    def functions(self, names: Sequence[str]) -> list[Json]:
        """GetFunction, and ListTags and GetPolicy for functions that exist."""
        found = {name: self._known("lambda", f"function {name}", "get_function", FunctionName=name) for name in names}
        return [self._function(one["Configuration"]) for one in found.values() if one]

    def roles(self, names: Sequence[str]) -> list[Json]:
        """GetRole, and ListRolePolicies and GetRolePolicy for roles that exist."""
        found = {name: self._known("iam", f"role {name}", "get_role", RoleName=name) for name in names}
        return [self._role(one["Role"]) for one in found.values() if one]

    def log_groups(self, names: Sequence[str]) -> list[Json]:
        """DescribeLogGroups, and ListTagsLogGroup for log groups that exist."""
        found: list[Json] = []
        for name in names:
            # Log groups are listed by name, so the group with exactly this name comes first.
            action, prefix = f"read log group {name}", {"logGroupNamePrefix": name}
            groups = self._call("logs", action, "describe_log_groups", **prefix)["logGroups"]
            found += [self._log_group(one) for one in groups if one["logGroupName"] == name]
        return found

    def _known(self, service: str, what: str, operation: str, **named: str) -> Json | None:
        try:
            return self._call(service, f"read {what}", operation, **named)
        except NotFoundError:
            return None

    def _function(self, item: Json) -> Json:
        name, arn = item["FunctionName"], item["FunctionArn"]
        policy = self._known("lambda", f"the policy of function {name}", "get_policy", FunctionName=name)
        # GetFunction returns no tags if the caller may not read them.
        tags = self._call("lambda", f"read the tags of function {name}", "list_tags", Resource=arn).get("Tags")
        return {
            "name": name,
            "arn": arn,
            "runtime": item.get("Runtime") or "",
            "handler": item.get("Handler") or "",
            "timeout": item.get("Timeout"),
            "memory": item.get("MemorySize"),
            "role": item.get("Role") or "",
            "code_sha256": item.get("CodeSha256") or "",
            "dead_letter_arn": (item.get("DeadLetterConfig") or {}).get("TargetArn") or "",
            "environment": dict((item.get("Environment") or {}).get("Variables") or {}),
            "allowed": json.loads(policy["Policy"]).get("Statement") or [] if policy else [],
            "tags": dict(tags or {}),
        }

    def _role(self, item: Json) -> Json:
        name = item["RoleName"]
        action = f"read the policies of role {name}"
        policies = self._call("iam", action, "list_role_policies", RoleName=name)["PolicyNames"]
        named = {one: {"RoleName": name, "PolicyName": one} for one in policies}
        documents = {one: self._call("iam", action, "get_role_policy", **named[one]) for one in policies}
        return {
            "name": name,
            "arn": item["Arn"],
            "trust": item.get("AssumeRolePolicyDocument") or {},
            "policies": {one: answer["PolicyDocument"] for one, answer in documents.items()},
            "tags": {tag["Key"]: tag.get("Value") or "" for tag in item.get("Tags") or []},
        }

    def _log_group(self, item: Json) -> Json:
        name = item["logGroupName"]
        # The module for log groups makes the same call.
        answer = self._call("logs", f"read the tags of log group {name}", "list_tags_log_group", logGroupName=name)
        return {"name": name, "retention": item.get("retentionInDays"), "tags": dict(answer.get("tags") or {})}
