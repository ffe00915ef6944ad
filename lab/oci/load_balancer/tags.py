# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Limits of tags. Source: OCI documentation, "Tagging Overview", limits on tags."""

from __future__ import annotations

import json

from lab.oci.errors import ApiError, invalid
from lab.oci.load_balancer.fields import Json

FREEFORM_TAGS = 10
KEY_CHARACTERS = 100
VALUE_CHARACTERS = 256
ALL_TAGS_BYTES = 5 * 1024


def check_tags(freeform: object, defined: object) -> None:
    """:raises ApiError: 400: a tag or all of them together break a limit."""
    if not isinstance(freeform, dict) or not isinstance(defined, dict):
        raise invalid("freeformTags and definedTags must be objects.")
    if len(freeform) > FREEFORM_TAGS:
        raise ApiError(400, "LimitExceeded", f"A resource has at most {FREEFORM_TAGS} free-form tags.")
    for key, value in freeform.items():
        _check_freeform_tag(key, value)
    for namespace, its_tags in defined.items():
        if not isinstance(its_tags, dict):
            raise invalid(f"definedTags.{namespace} must be an object.")
    tags: Json = {"freeformTags": freeform, "definedTags": defined}
    if len(json.dumps(tags, ensure_ascii=False, separators=(",", ":")).encode("utf-8")) > ALL_TAGS_BYTES:
        raise ApiError(400, "LimitExceeded", f"All tags of a resource together are at most {ALL_TAGS_BYTES} bytes.")


def _check_freeform_tag(key: str, value: object) -> None:
    if not 1 <= len(key) <= KEY_CHARACTERS or "." in key or " " in key or not key.isprintable():
        raise invalid(
            f"The key of a free-form tag has 1 to {KEY_CHARACTERS} characters, no dots and no spaces: {key!r}."
        )
    if not isinstance(value, str) or len(value) > VALUE_CHARACTERS:
        raise invalid(
            f"The value of the free-form tag {key} must be a string of at most {VALUE_CHARACTERS} characters."
        )
