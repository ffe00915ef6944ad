# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The policies of IAM users with their groups, and of role sessions. They are in moto."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends


def arn_of_user(account_id: str, name: str) -> str:
    """The name of a user in messages."""
    return f"arn:aws:iam::{account_id}:user/{name}"


def policies_of(account_id: str, access_key: str) -> tuple[str, list[str]] | None:
    """The owner of an access key: the ARN, and all policy documents; None if IAM does not have the key."""
    iam = iam_backends[account_id]["aws"]
    for user in iam.users.values():
        if any(key.access_key_id == access_key for key in user.access_keys):
            groups = [group for group in iam.groups.values() if user in group.users]
            return arn_of_user(account_id, user.name), _documents([user, *groups])
    for session in sts_backends[account_id]["aws"].assumed_roles:
        if session.access_key_id == access_key:
            role = iam.get_role_by_arn(session.role_arn)
            arn = f"arn:aws:sts::{account_id}:assumed-role/{role.name}/{session.session_name}"
            return arn, _documents([role])
    return None


def session_of(account_id: str, region: str, role: str) -> dict[str, str]:
    """A session of a role, as the environment variables that the SDKs read."""
    made = sts_backends[account_id]["aws"].assume_role(region, "function", role, "", 3600, "")
    return {
        "AWS_ACCESS_KEY_ID": made.access_key_id,
        "AWS_SECRET_ACCESS_KEY": made.secret_access_key,
        "AWS_SESSION_TOKEN": made.session_token,
    }


def documents_of_role(role: Any) -> list[str]:
    """The policy documents of a role in moto."""
    return _documents([role])


def _documents(owners: Iterable[Any]) -> list[str]:
    """The documents of inline policies, and of managed policies in the version that is in force."""
    found: list[str] = []
    for owner in owners:
        found += owner.policies.values()
        found += [
            next(version.document for version in policy.versions if version.is_default)
            for policy in owner.managed_policies.values()
        ]
    return found
