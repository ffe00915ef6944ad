# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The error of a service for a call that is not allowed.

Source: IAM User Guide, "Access denied error message format", and the errors of each service: those of JSON answer 400
``AccessDeniedException``, those of XML 403 ``AccessDenied``, and SNS and EC2 have codes of their own.
"""

from __future__ import annotations

from lab.aws.authorization.policy import Decision, Wanted
from lab.aws.errors import AwsError

_JSON = frozenset({"globalaccelerator", "logs", "route53-recovery-cluster"})
_REST_JSON = frozenset({"route53-recovery-control-config", "lambda"})


def refusal(service: str, arn: str, wanted: Wanted, decision: Decision) -> AwsError:
    """The error that a client gets.

    :param arn: the caller.
    """
    if service == "ec2":
        return AwsError(403, "UnauthorizedOperation", f"You are not authorized to perform this operation. {arn}")
    action = wanted.action.replace("sns:", "SNS:")
    if decision.explicit:
        why = "with an explicit deny in an identity-based policy"
    else:
        why = f"because no identity-based policy allows the {action} action"
    where = "" if wanted.resource == "*" else f" on resource: {wanted.resource}"
    message = f"User: {arn} is not authorized to perform: {action}{where} {why}"
    if service == "sns":
        return AwsError(403, "AuthorizationError", message)
    if service in _JSON:
        return AwsError(400, "AccessDeniedException", message)
    return AwsError(403, "AccessDeniedException" if service in _REST_JSON else "AccessDenied", message)
