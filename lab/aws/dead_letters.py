# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The dead-letter queue of Lambda functions, for events that a function could not handle. moto ignores that setting.

Source: developer guide of Lambda ("Capturing records of Lambda asynchronous invocations", "Dead-letter queues"). Lambda
refuses a queue if the function's role may not send to it.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.awslambda import models
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.sqs.models import sqs_backends

from lab.aws.authorization.policy import Wanted, decide
from lab.aws.authorization.subjects import documents_of_role

_REFUSED = "The provided execution role does not have permissions to call SendMessage on SQS"


class KeepingFunction(models.LambdaFunction):
    """A function with a dead-letter queue.

    :ivar dead_letter_arn: the queue; empty if there is none.
    """

    def __init__(self, account_id: str, spec: dict[str, Any], *rest: Any, **named: Any) -> None:
        self.dead_letter_arn = ""
        super().__init__(account_id, spec, *rest, **named)
        self._keep(spec)

    def update_configuration(self, config_updates: dict[str, Any]) -> dict[str, Any]:
        """UpdateFunctionConfiguration."""
        self._keep(config_updates)
        return super().update_configuration(config_updates)

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:
        """The configuration in every answer about the function."""
        reported = super().get_configuration(on_create)
        return reported | ({"DeadLetterConfig": {"TargetArn": self.dead_letter_arn}} if self.dead_letter_arn else {})

    def _keep(self, given: dict[str, Any]) -> None:
        arn = (given.get("DeadLetterConfig") or {}).get("TargetArn")
        if arn is None:
            return
        if arn and not _may_send(self.account_id, str(given.get("Role") or self.role), arn):
            raise InvalidParameterValueException(_REFUSED)
        self.dead_letter_arn = arn


def hand_over(function: models.LambdaFunction, event: dict[str, Any], problem: str) -> None:
    """Send an event for which all attempts failed to the function's queue, if there is one."""
    arn = getattr(function, "dead_letter_arn", "")
    if not arn:
        return
    region, account_id, name = arn.split(":")[3:6]
    reported = {"RequestID": str(uuid.uuid4()), "ErrorCode": "200", "ErrorMessage": problem[-1024:]}
    attributes = {key: {"DataType": "String", "StringValue": value} for key, value in reported.items() if value}
    sqs_backends[account_id][region].send_message(name, json.dumps(event), message_attributes=attributes)


def _may_send(account_id: str, role: str, queue: str) -> bool:
    try:
        known = iam_backends[account_id]["aws"].get_role_by_arn(role)
    except NotFoundException:
        return False
    return decide(documents_of_role(known), Wanted("sqs:SendMessage", queue, {})).allowed


def install() -> None:
    """Make moto create such functions from now on."""
    models.LambdaFunction = KeepingFunction  # type: ignore[misc]
