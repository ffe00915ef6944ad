# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Tags of health checks, with the limits of the service.

Source: the API reference of Route 53 (ChangeTagsForResource). It does not document how many tags a health check may
have, nor which characters are allowed. By default AWS' general rules for tags apply here.
"""

from __future__ import annotations

import re

from lab.aws.route53_health_checks.config import invalid

MAX_TAGS = 10
_MAX_KEY = 128
_MAX_VALUE = 256
#: Letters, digits, white space and _ . : / = + - @: AWS' general rules for tags.
_ALLOWED = re.compile(r"[\w\s.:/=+\-@]*")


def changed_tags(current: dict[str, str], add: list[dict[str, str]], remove: list[str], limit: int) -> dict[str, str]:
    """The tags after a ChangeTagsForResource.

    :param limit: how many tags a health check may have.
    :raises AwsError: 400 InvalidInput.
    """
    if not add and not remove:
        raise invalid("Either AddTags or RemoveTagKeys is required.")
    for tag in add:
        _check(tag.get("Key", ""), tag.get("Value", ""))
    tags = {key: value for key, value in current.items() if key not in remove}
    tags |= {tag["Key"]: tag.get("Value", "") for tag in add}
    if len(tags) > limit:
        raise invalid(f"A health check can have at most {limit} tags; this request would leave {len(tags)}.")
    return tags


def _check(key: str, value: str) -> None:
    if not 0 < len(key) <= _MAX_KEY:
        raise invalid(f"A tag key must have 1 to {_MAX_KEY} characters.")
    if len(value) > _MAX_VALUE:
        raise invalid(f"A tag value can have at most {_MAX_VALUE} characters.")
    if key.lower().startswith("aws:"):
        raise invalid("Tag keys beginning with aws: are reserved.")
    for text in (key, value):
        if not _ALLOWED.fullmatch(text):
            raise invalid(f"A tag key or value holds a character that is not allowed: {text!r}.")
