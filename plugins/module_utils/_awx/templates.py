# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The objects of AWX that run this collection: job templates, the workflow of a failback, schedules. Pure functions."""

from __future__ import annotations

import typing as t
from collections.abc import Collection

from ansible_collections.tidegate.failover.plugins.module_utils._awx.credential_types import CREDENTIAL_TYPES
from ansible_collections.tidegate.failover.plugins.module_utils._awx.surveys import survey_of

Json = dict[str, t.Any]

#: The end of the description of each object of the role. The role finds its objects by it.
MARK = "Managed by tidegate.failover.awx_setup."

#: The purpose of each playbook, for the list of job templates.
_PURPOSES = {
    "acknowledge": "Records that a person has reviewed a failover, and takes over from an aborted run.",
    "drift": "Reports what has drifted from its locks, holds and variables. Puts back only what drift_repair names.",
    "drill": "Rehearses maintenance, lock, failover or failback. Changes nothing unless it is asked to.",
    "enter_maintenance": "Puts the maintenance page in front of services.",
    "exit_maintenance": "Removes the maintenance page, unless somebody else holds it.",
    "failback": "Returns traffic to a locked site, once its gates pass.",
    "failover": "Moves services away from a failed site, and keeps that locked out.",
    "failover_by_alarm": "Launched by a rulebook: fails over what an alarm is about.",
    "lock_by_alarm": "Launched by a rulebook: locks the site that an alarm is about.",
    "maintenance_by_alarm": "Launched by a rulebook: puts the page up and removes it again, as an alarm reports.",
    "preflight": "Reports what would stop a failover or a failback. Changes nothing.",
    "setup": "Creates the page, the redirect and the alarm of services behind OCI load balancers.",
    "status": "Reports for each service who serves, what is locked and who holds the page. Changes nothing.",
}
_GATES_PURPOSE = "Evaluates the gates of a failback by its check mode. Changes nothing."
_WORKFLOW_PURPOSE = "A failback: gates, the approval of another person, the failback itself, and the status."

_BY_ALARM = "_by_alarm"


def described(text: str) -> str:
    """A description with the mark."""
    return f"{text} {MARK}"


def template_name(prefix: str, playbook: str) -> str:
    """The name of a playbook's job template."""
    return f"{prefix} {playbook.replace('_', ' ')}"


def credential_types(options: Json) -> list[Json]:
    """The credential types, by the arguments of ``awx.awx.credential_type``."""
    if not options["credential_types"]:
        return []
    return [
        {**definition, "name": f"{options['prefix']} {name}", "description": described(definition["description"])}
        for name, definition in CREDENTIAL_TYPES.items()
    ]


def job_templates(options: Json, playbooks: Collection[str]) -> list[Json]:
    """The job templates, by the arguments of ``awx.awx.job_template``."""
    templates = [_template(options["prefix"], playbook) for playbook in sorted(playbooks)]
    if "failback" in playbooks:
        templates.append(
            {
                **_template(options["prefix"], "failback"),
                "name": template_name(options["prefix"], "failback_gates"),
                "description": described(_GATES_PURPOSE),
                "job_type": "check",
                "ask_job_type_on_launch": False,
            }
        )
    return templates


def _template(prefix: str, playbook: str) -> Json:
    survey, by_alarm = survey_of(playbook), playbook.endswith(_BY_ALARM)
    return {
        "name": template_name(prefix, playbook),
        "description": described(_PURPOSES.get(playbook, f"Runs the playbook tidegate.failover.{playbook}.")),
        "playbook": f"{playbook}.yml",
        "job_type": "run",
        # If people could set any variable, the person who launches a failback could also set its requester.
        "ask_variables_on_launch": by_alarm,
        "ask_limit_on_launch": True,
        "ask_job_type_on_launch": not by_alarm,
        "survey_enabled": bool(survey),
        "survey_spec": survey,
        # Two alarms must not wait for each other. Versions guard their writes.
        "allow_simultaneous": by_alarm,
    }


def workflow(options: Json) -> Json:
    """The workflow of a failback, by the arguments of ``awx.awx.workflow_job_template``."""
    return {
        "name": template_name(options["prefix"], "failback_workflow"),
        "description": described(_WORKFLOW_PURPOSE),
        "survey_spec": survey_of("failback"),
    }


def nodes(options: Json) -> list[Json]:
    """The nodes of the workflow, by the arguments of ``awx.awx.workflow_job_template_node``; each after its successors.

    No node has a path for failure. In AWX such a path turns the failure of a node into the success of the workflow. An
    approval that was denied, or not given in time, is a failed node, and must end the workflow as failed.
    """

    def job(identifier: str, playbook: str, *next_nodes: str) -> Json:
        name = template_name(options["prefix"], playbook)
        return {"identifier": identifier, "unified_job_template": name, "success_nodes": list(next_nodes)}

    approval = {
        "name": f"{options['prefix']} failback: approve",
        "description": "Approve only if another person launched this. Without an answer in time nothing is done.",
        "timeout": options["approval_timeout"],
    }
    return [
        job("status", "status"),
        job("failback", "failback", "status"),
        {"identifier": "approval", "approval_node": approval, "success_nodes": ["failback"]},
        job("gates", "failback_gates", "approval"),
    ]


def schedules(options: Json, playbooks: Collection[str]) -> list[Json]:
    """The schedules, by the arguments of ``awx.awx.schedule``; none for a playbook that does not exist."""
    return [
        {
            "name": template_name(options["prefix"], playbook),
            "description": described("Runs by itself."),
            "unified_job_template": template_name(options["prefix"], playbook),
            "rrule": rule,
        }
        for playbook, rule in sorted(options["schedules"].items())
        if rule and playbook in playbooks
    ]
