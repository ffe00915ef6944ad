# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Labels and annotations, with the limits that the API documents ("Metadata") and its validators enforce."""

from __future__ import annotations

import re
from typing import Any

from lab.cloudfoundry.errors import ApiError, unprocessable
from lab.cloudfoundry.platform import Json, Resource, Settings

_LONGEST_NAME = 63
_LONGEST_PREFIX = 253
_LONGEST_ANNOTATION = 5000
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_PREFIX = re.compile(r"(([a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])\.)+([a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])", re.I)


def checked(metadata: Any) -> Json:
    """The metadata of a request, checked. :raises ApiError: it breaks a rule."""
    if not isinstance(metadata, dict):
        raise unprocessable("Metadata must be an object")
    unknown = metadata.keys() - {"labels", "annotations"}
    if unknown:
        raise unprocessable(f"Metadata has unexpected field(s): {' '.join(repr(key) for key in sorted(unknown))}")
    for kind in ("labels", "annotations"):
        values = metadata.get(kind)
        if values is not None and not isinstance(values, dict):
            raise unprocessable(f"Metadata '{kind}' is not an object")
    for key, value in (metadata.get("labels") or {}).items():
        _check_key("label", key)
        _check_label(value)
    for key, value in (metadata.get("annotations") or {}).items():
        if value:
            _check_key("annotation", key)
        _check_annotation(value)
    return metadata


def update(resource: Resource, metadata: Json, settings: Settings) -> None:
    """Merge: a key with a value is set, a key with null is removed, other keys stay. All changes are made, or none."""
    labels = _merged(resource.labels, metadata.get("labels"), "Label", settings.max_labels)
    annotations = _merged(resource.annotations, metadata.get("annotations"), "Annotation", settings.max_annotations)
    resource.labels, resource.annotations = labels, annotations


def _merged(had: dict[str, str], changes: Json | None, kind: str, most: int) -> dict[str, str]:
    merged = dict(had)
    for key, value in (changes or {}).items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = str(value)
    if len(had) < len(merged) > most:
        reported = f"Failed to add {len(changes or {})} {kind.lower()}s because it would exceed maximum of {most}"
        raise ApiError(f"{kind}LimitExceeded", reported)
    return merged


def _check_key(kind: str, key: str) -> None:
    prefix, slash, name = key.rpartition("/")
    problem = ""
    if not key or not name:
        problem = "key cannot be empty string"
    elif "/" in prefix:
        problem = "key has more than one '/'"
    elif slash and not _PREFIX.fullmatch(prefix):
        problem = f"prefix '{prefix}' must be in valid dns format"
    elif len(prefix) > _LONGEST_PREFIX:
        problem = f"prefix '{prefix[:8]}...' is greater than {_LONGEST_PREFIX} characters"
    elif prefix.lower() == "cloudfoundry.org":
        problem = "prefix 'cloudfoundry.org' is reserved"
    else:
        problem = _problem_of_name(name)
    if problem:
        raise unprocessable(f"Metadata {kind} key error: {problem}")


def _problem_of_name(name: str) -> str:
    if re.search(r"[^\w.-]", name, re.ASCII):
        return f"'{name}' contains invalid characters"
    if not _NAME.fullmatch(name):
        return f"'{name}' starts or ends with invalid characters"
    return f"'{name[:8]}...' is greater than {_LONGEST_NAME} characters" if len(name) > _LONGEST_NAME else ""


def _check_label(value: Any) -> None:
    problem = _problem_of_name(str(value)) if value else ""
    if problem:
        raise unprocessable(f"Metadata label value error: {problem}")


def _check_annotation(value: Any) -> None:
    if value is not None and len(str(value)) > _LONGEST_ANNOTATION:
        raise unprocessable(f"Metadata annotation value error: '{str(value)[:8]}...' is greater than 5000 characters")
