# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The fields that AWX's API takes, by endpoint: their types, and which must be given. After its reference (24.6)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One field that a client may send.

    :ivar kind: ``str``, ``int``, ``bool``, ``dict``, ``json`` (a text that is JSON) or ``id``.
    :ivar of: for an id, the endpoint of the object.
    :ivar default: what the API shows where nothing was sent.
    """

    kind: str
    required: bool = False
    of: str = ""
    choices: Collection[Any] = ()
    longest: int = 0
    default: Any = None
    null: bool = False


def _text(default: str = "", *, required: bool = False, longest: int = 0, null: bool = False) -> Field:
    return Field("str", required, longest=longest, default=default, null=null)


def _flag(default: bool = False) -> Field:
    return Field("bool", default=default)


def _number(default: int | None = 0, *, null: bool = False) -> Field:
    return Field("int", default=default, null=null)


def _id(of: str, *, required: bool = False) -> Field:
    return Field("id", required, of=of, null=not required)


def _choice(*choices: str, required: bool = False, default: str | None = "") -> Field:
    return Field("str", required, choices=choices, default=default)


_NAMED = {"name": _text(required=True, longest=512), "description": _text()}
_ENVIRONMENT = {"execution_environment": _id("execution_environments")}

FIELDS: Mapping[str, Mapping[str, Field]] = {
    "organizations": {
        **_NAMED,
        "max_hosts": _number(),
        "default_environment": _id("execution_environments"),
    },
    "execution_environments": {
        **_NAMED,
        "organization": _id("organizations"),
        "image": _text(required=True, longest=1024),
        "credential": _id("credentials"),
        "pull": _choice("", "always", "missing", "never"),
    },
    "credential_types": {
        **_NAMED,
        "kind": _choice("cloud", "net", required=True),
        "inputs": Field("dict", default={}),
        "injectors": Field("dict", default={}),
        # Sent by awx.awx, and not changed by the API.
        "managed": _flag(),
    },
    "credentials": {
        **_NAMED,
        "organization": _id("organizations"),
        "credential_type": _id("credential_types", required=True),
        "inputs": Field("dict", default={}),
    },
    "projects": {
        **_NAMED,
        "organization": _id("organizations", required=True),
        "scm_type": _choice("", "git", "svn", "insights", "archive"),
        "scm_url": _text(longest=1024),
        "scm_branch": _text(longest=256),
        "scm_refspec": _text(longest=1024),
        "scm_clean": _flag(),
        "scm_delete_on_update": _flag(),
        "scm_track_submodules": _flag(),
        "scm_update_on_launch": _flag(),
        "scm_update_cache_timeout": _number(),
        "credential": _id("credentials"),
        "timeout": _number(),
        "allow_override": _flag(),
        "default_environment": _id("execution_environments"),
        "local_path": _text(),
        "signature_validation_credential": _id("credentials"),
    },
    "inventories": {
        **_NAMED,
        "organization": _id("organizations", required=True),
        "kind": _choice("", "smart", "constructed"),
        "host_filter": Field("str", null=True),
        "variables": _text(),
        "prevent_instance_group_fallback": _flag(),
    },
    "inventory_sources": {
        **_NAMED,
        "inventory": _id("inventories", required=True),
        "source": _choice("", "file", "constructed", "scm", "ec2", "controller", required=True),
        "source_path": _text(longest=1024),
        "source_project": _id("projects"),
        "source_vars": _text(),
        "scm_branch": _text(),
        "credential": _number(None, null=True),
        **_ENVIRONMENT,
        "overwrite": _flag(),
        "overwrite_vars": _flag(),
        "update_on_launch": _flag(),
        "update_cache_timeout": _number(),
        "timeout": _number(),
        "verbosity": _number(1),
        "limit": _text(),
        "enabled_var": _text(),
        "enabled_value": _text(),
        "host_filter": _text(),
    },
    "job_templates": {
        **_NAMED,
        "organization": _id("organizations"),
        "job_type": _choice("run", "check", default="run"),
        "inventory": _id("inventories"),
        "project": _id("projects", required=True),
        "playbook": _text(longest=1024),
        "scm_branch": _text(),
        "forks": _number(),
        "limit": _text(),
        "verbosity": Field("int", choices=(0, 1, 2, 3, 4, 5), default=0),
        "extra_vars": Field("json", default=""),
        "job_tags": _text(),
        "skip_tags": _text(),
        "force_handlers": _flag(),
        "start_at_task": _text(),
        "timeout": _number(),
        "use_fact_cache": _flag(),
        "host_config_key": _text(),
        **{
            f"ask_{what}_on_launch": _flag()
            for what in (
                *("scm_branch", "diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity"),
                *("inventory", "credential", "execution_environment", "labels", "forks", "job_slice_count", "timeout"),
                "instance_groups",
            )
        },
        "survey_enabled": _flag(),
        "become_enabled": _flag(),
        "diff_mode": _flag(),
        "allow_simultaneous": _flag(),
        "job_slice_count": _number(1),
        "webhook_service": _choice("", "github", "gitlab", "bitbucket_dc"),
        "webhook_credential": _id("credentials"),
        "prevent_instance_group_fallback": _flag(),
        **_ENVIRONMENT,
    },
    "workflow_job_templates": {
        **_NAMED,
        "extra_vars": Field("json", default=""),
        "organization": _id("organizations"),
        "inventory": _id("inventories"),
        "limit": _text(null=True),
        "scm_branch": _text(null=True),
        "job_tags": _text(null=True),
        "skip_tags": _text(null=True),
        "survey_enabled": _flag(),
        "allow_simultaneous": _flag(),
        **{
            f"ask_{what}_on_launch": _flag()
            for what in ("variables", "inventory", "limit", "scm_branch", "labels", "tags", "skip_tags")
        },
        "webhook_service": _choice("", "github", "gitlab", "bitbucket_dc"),
        "webhook_credential": _id("credentials"),
    },
    "workflow_job_template_nodes": {
        "workflow_job_template": _id("workflow_job_templates", required=True),
        "unified_job_template": _id("unified_job_templates"),
        "identifier": _text(longest=512),
        "all_parents_must_converge": _flag(),
        "extra_data": Field("dict", default={}),
        "inventory": _id("inventories"),
        "job_type": _choice("", "run", "check", default=None),
        "limit": _text(null=True),
        "timeout": _number(None, null=True),
        # Sent by awx.awx, and not changed by the API.
        "type": _choice("workflow_job_template_node"),
        **_ENVIRONMENT,
    },
    "workflow_approval_templates": {**_NAMED, "timeout": _number()},
    "schedules": {
        **_NAMED,
        "unified_job_template": _id("unified_job_templates", required=True),
        "rrule": _text(required=True),
        "enabled": _flag(True),
        "extra_data": Field("dict", default={}),
        "inventory": _id("inventories"),
        "job_type": _choice("", "run", "check", default=None),
        "limit": _text(null=True),
    },
    "notification_templates": {
        **_NAMED,
        "organization": _id("organizations", required=True),
        "notification_type": _choice("slack", "webhook", "email", required=True),
        "notification_configuration": Field("dict", required=True),
        "messages": Field("dict", null=True),
    },
}

#: What a client may ask a list for, besides the fields of its objects.
FILTERS: Mapping[str, Collection[str]] = {
    "credential_types": ("name__startswith",),
    "schedules": ("name__startswith",),
    "projects": ("organization__name",),
    "inventories": ("organization__name",),
    "inventory_sources": ("inventory__name", "inventory__organization__name"),
    "job_templates": ("organization__name",),
    "workflow_job_templates": ("organization__name",),
    "workflow_job_template_nodes": ("workflow_job_template__name", "workflow_job_template__organization__name"),
    "unified_job_templates": ("name", "organization", "type"),
}

_PYTHON = {"str": str, "int": int, "bool": bool, "dict": dict, "json": str, "id": int}

_QUESTION = {"type": str, "question_name": str, "variable": str, "required": bool}
_QUESTION_TYPES = ("text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float")
_MORE = ("question_description", "default", "choices", "min", "max", "new_question", "formattedChoices")


def misfits(endpoint: str, sent: Json, *, new: bool) -> dict[str, list[str]]:
    """What is wrong with an object that a client sent, by field. Stricter than AWX, which ignores unknown fields."""
    fields = FIELDS[endpoint]
    wrong = {name: ["is no field of this object"] for name in sent if name not in fields}
    for name, field in fields.items():
        if name not in sent:
            if new and field.required:
                wrong[name] = ["This field is required."]
        elif problem := _misfit(field, sent[name]):
            wrong[name] = [problem]
    return wrong


def is_a(value: Any, kind: type) -> bool:
    """Whether a value of JSON is of this type. True is no number there."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _misfit(field: Field, value: Any) -> str:
    if value is None:
        # AWX takes null for an empty text, and for false.
        takes = field.null or (field.kind in ("str", "bool") and not field.required)
        return "" if takes else "This field may not be null."
    if not is_a(value, _PYTHON[field.kind]):
        return f"{value!r} is a {type(value).__name__}; expected is {field.kind}."
    if field.choices and value not in field.choices:
        return f"{value!r} is not a valid choice."
    if field.required and field.kind == "str" and not value:
        return "This field may not be blank."
    if field.longest and len(str(value)) > field.longest:
        return f"has more than {field.longest} characters."
    return ""


def kept(endpoint: str, sent: Json) -> Json:
    """What the API keeps of what it was sent."""
    fields = FIELDS[endpoint]
    return {
        name: fields[name].default if value is None and not fields[name].null else value for name, value in sent.items()
    }


def survey_misfit(spec: Any) -> str:
    """What is wrong with a survey; nothing if it is one."""
    if not isinstance(spec, dict) or set(spec) != {"name", "description", "spec"}:
        return "A survey has name, description and spec, and nothing else."
    if not isinstance(spec["name"], str) or not isinstance(spec["description"], str):
        return "name and description are texts."
    if not isinstance(spec["spec"], list) or not spec["spec"]:
        return "'spec' doesn't contain any items."
    names = [question.get("variable") for question in spec["spec"]]
    if len(set(names)) != len(names):
        return "A variable is asked for twice."
    return next(filter(None, map(_question_misfit, spec["spec"])), "")


def _question_misfit(question: Json) -> str:
    if missing := [name for name, kind in _QUESTION.items() if not is_a(question.get(name), kind)]:
        return f"{question}: missing or of another type: {missing}."
    if unknown := set(question) - set(_QUESTION) - set(_MORE):
        return f"{question['variable']}: unknown: {unknown}."
    if question["type"] not in _QUESTION_TYPES:
        return f"{question['variable']}: {question['type']} is no type of a question."
    if any(question.get(bound) is not None and not is_a(question[bound], int) for bound in ("min", "max")):
        return f"{question['variable']}: a bound is no number."
    default = question.get("default", "")
    if question["type"] in ("multiplechoice", "multiselect"):
        if not question.get("choices"):
            return f"{question['variable']}: no choices."
        return "" if default == "" or default in question["choices"] else "Default choice must be one of the choices."
    kind = int if question["type"] == "integer" else str
    return "" if default == "" or isinstance(default, kind) else f"{question['variable']}: a default of another type."


def answer_misfit(question: Json, answers: Json) -> str:
    """Why AWX would not launch with these answers; nothing if it would."""
    name, kind = question["variable"], question["type"]
    if name not in answers:
        return f"'{name}' value missing" if question["required"] else ""
    answer = answers[name]
    if kind == "multiplechoice":
        return "" if answer in question["choices"] else f"{answer!r} for {name} is not one of the choices"
    if kind == "multiselect":
        chosen = isinstance(answer, list) and all(one in question["choices"] for one in answer)
        return "" if chosen else f"{answer!r} for {name} is no list of the choices"
    if not is_a(answer, int if kind == "integer" else str):
        return f"{answer!r} for {name} is a {type(answer).__name__}"
    size = int(answer) if kind == "integer" else len(str(answer))
    fits = question.get("min", size) <= size <= question.get("max", size)
    return "" if fits else f"{answer!r} for {name} is too small or too large"


def rrule_misfit(rule: str) -> str:
    """What is wrong with the rule of a schedule; nothing if AWX takes it."""
    if not re.match(r"DTSTART(;TZID=[A-Za-z_/]+:\d{8}T\d{6}|:\d{8}T\d{6}Z) ", rule):
        return "Valid DTSTART required in rrule."
    rules = re.findall(r"RRULE:(\S+)", rule)
    if not rules:
        return "One or more rule required in rrule."
    return next((f"INTERVAL required in rrule: {one}" for one in rules if "INTERVAL" not in one), "")
