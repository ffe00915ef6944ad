# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Plans the objects of the role awx_setup in AWX: what it writes, uses unchanged, removes or refuses.

Pure functions on plain data.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._awx import templates
from ansible_collections.tidegate.failover.plugins.module_utils._awx.templates import MARK, described
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]
#: The objects that have to exist before the module of an object can run, each as its kind and name.
Needs = Sequence[tuple[str, str]]

#: All kinds of objects, each after the kinds that it needs, with the word for one object.
KINDS: Mapping[str, str] = {
    "organizations": "organization",
    "execution_environments": "execution environment",
    "credential_types": "credential type",
    "projects": "project",
    "inventories": "inventory",
    "inventory_sources": "inventory source",
    "job_templates": "job template",
    "workflow_job_templates": "workflow job template",
    "workflow_job_template_nodes": "workflow node",
    "schedules": "schedule",
}
#: Kinds whose objects are used unchanged if somebody else created them.
_SHARED = ("organizations", "execution_environments", "projects", "inventories", "inventory_sources")
#: Kinds whose objects the role removes if they are no longer requested.
_TIDIED = ("job_templates", "workflow_job_templates", "schedules")
#: Kinds that the role never removes, because AWX would also remove everything in them.
_KEPT = ("organizations",)


def plan(options: Json, found: Mapping[str, list[Json]], *, check: bool) -> Json:
    """The plan.

    :param options: the options of the role, and the existing ``playbooks``.
    :param found: the objects of AWX, by kind.
    :param check: whether it is check mode, where an object is only predicted if the objects that it needs do not exist.
    :returns: for each kind the objects to write (present) or remove (absent) and, as ``old_<kind>``, further objects to
        remove; ``predicted`` and ``notes``, for people.
    :raises RefusedError: an object of a needed name exists that the role did not make, or an option is not valid.
    """
    wanted = _wanted(options) if options["state"] == "present" else {}
    if options["state"] == "absent":
        return _removal(options, found)
    if problems := [*_problems(options, wanted, found)]:
        raise RefusedError("Nothing was changed. " + " ".join(problems))
    predicted: list[str] = []
    result: Json = {"predicted": predicted, "notes": [*_notes(wanted, found)]}
    for kind in KINDS:
        to_write = [one for one in wanted[kind] if not _is_others(kind, one, found)]
        ready = [one for one in to_write if not check or _is_ready(one, found)]
        predicted += [f"{KINDS[kind]} {_name(one)}" for one in to_write if one not in ready]
        result[kind] = [{name: value for name, value in one.items() if name != "needs"} for one in ready]
        result[f"old_{kind}"] = _old(kind, wanted[kind], found)
    return result


def _name(one: Mapping[str, t.Any]) -> str:
    return str(one.get("name") or one.get("identifier"))


def _wanted(options: Json) -> dict[str, list[Json]]:
    """Every object, by kind, as the arguments of its module, with the objects that it needs."""
    playbooks = _chosen(options)
    organization, prefix = options["organization"], options["prefix"]
    in_organization: Needs = [("organizations", organization)]
    for_jobs: Needs = [
        *in_organization,
        ("projects", options["project"]),
        ("inventories", options["inventory"]),
        *_needed_environment(options),
    ]

    def needing(needs: Needs, objects: Iterable[Json]) -> list[Json]:
        return [{**one, "needs": needs} for one in objects]

    flow = [templates.workflow(options)] if "failback" in playbooks else []
    steps = templates.nodes(options) if flow else []
    return {
        "organizations": needing([], [{"name": organization, "description": described("Owns what Tidegate needs.")}]),
        "execution_environments": needing(in_organization, _environments(options)),
        "credential_types": needing([], templates.credential_types(options)),
        "projects": needing(in_organization, [_project(options)]),
        "inventories": needing(
            in_organization, [{"name": options["inventory"], "description": described("Its group services.")}]
        ),
        "inventory_sources": needing(for_jobs, _sources(options)),
        "job_templates": needing(for_jobs, templates.job_templates(options, playbooks)),
        "workflow_job_templates": needing(in_organization, flow),
        "workflow_job_template_nodes": [_node(step, flow[0]["name"]) for step in steps],
        "schedules": [
            {**one, "needs": [("job_templates", one["unified_job_template"])]}
            for one in templates.schedules({**options, "prefix": prefix}, playbooks)
        ],
    }


def _chosen(options: Json) -> list[str]:
    """The playbooks that get a job template. The workflow of a failback also needs the playbook status."""
    there = set(options["available"])
    chosen = set(options["playbooks"]) or there
    if "failback" in chosen:
        chosen |= {"status"} & there
    return sorted(chosen & there)


def _needed_environment(options: Json) -> Needs:
    name = options["execution_environment"]
    return [("execution_environments", name)] if name else []


def _environments(options: Json) -> list[Json]:
    if not options["execution_environment_image"]:
        return []
    return [
        {
            "name": options["execution_environment"],
            "description": described("Has the collection and its libraries."),
            "image": options["execution_environment_image"],
        }
    ]


def _project(options: Json) -> Json:
    return {"name": options["project"], "description": described("Has a playbook for each one of the collection.")}


def _sources(options: Json) -> list[Json]:
    if not options["inventory_source"]:
        return []
    return [
        {
            "name": options["inventory_source"],
            "description": described("The inventory of the project."),
            "source_path": options["inventory_source"],
        }
    ]


def _node(step: Json, workflow: str) -> Json:
    needs = [("workflow_job_templates", workflow)]
    if "unified_job_template" in step:
        needs.append(("job_templates", step["unified_job_template"]))
    needs += [("workflow_job_template_nodes", identifier) for identifier in step["success_nodes"]]
    return {**step, "needs": needs}


def _is_ready(one: Json, found: Mapping[str, list[Json]]) -> bool:
    return all(_find(kind, name, found) is not None for kind, name in one["needs"])


def _find(kind: str, name: str, found: Mapping[str, list[Json]]) -> Json | None:
    return next((there for there in found[kind] if _name(there) == name), None)


def _is_ours(there: Json) -> bool:
    return MARK in str(there.get("description") or "")


def _is_others(kind: str, one: Json, found: Mapping[str, list[Json]]) -> bool:
    """Whether somebody else made an object of that name. A node belongs to its workflow and has no description."""
    there = _find(kind, _name(one), found)
    return there is not None and kind != "workflow_job_template_nodes" and not _is_ours(there)


def _old(kind: str, wanted: Collection[Json], found: Mapping[str, list[Json]]) -> list[Json]:
    """The objects that the role made and that no option requests any more."""
    names = {_name(one) for one in wanted}
    if kind == "workflow_job_template_nodes":
        return [{"identifier": _name(there)} for there in found[kind] if wanted and _name(there) not in names]
    if kind not in _TIDIED:
        return []
    return [{"name": _name(there)} for there in found[kind] if _is_ours(there) and _name(there) not in names]


def _problems(options: Json, wanted: Mapping[str, list[Json]], found: Mapping[str, list[Json]]) -> Iterator[str]:
    for option in ("organization", "prefix", "project", "inventory"):
        if not str(options[option]).strip():
            yield f"awx_setup_{option} is empty. Give a name."
    if unknown := sorted(set(options["playbooks"]) - set(options["available"])):
        there = ", ".join(sorted(options["available"]))
        yield f"awx_setup_playbooks names {', '.join(unknown)}, which this collection does not have. It has {there}."
    if not options["project_url"] and _find("projects", options["project"], found) is None:
        yield (
            f"The project {options['project']!r} does not exist, and awx_setup_project_url is not given. Give the "
            "address of the repository that holds the playbooks which awx_setup_project_directory makes."
        )
    if options["approval_timeout"] < 1:
        yield "awx_setup_approval_timeout is below 1: an approval would wait for ever. Give seconds."
    yield from _problems_of_environment(options, found)
    yield from _problems_of_names(wanted, found)


def _problems_of_environment(options: Json, found: Mapping[str, list[Json]]) -> Iterator[str]:
    name, image = options["execution_environment"], options["execution_environment_image"]
    if image and not name:
        yield "awx_setup_execution_environment_image is given without awx_setup_execution_environment, its name."
    elif name and not image and _find("execution_environments", name, found) is None:
        yield (
            f"The execution environment {name!r} does not exist. Give awx_setup_execution_environment_image to create "
            "it, or the name of one that does."
        )


def _problems_of_names(wanted: Mapping[str, list[Json]], found: Mapping[str, list[Json]]) -> Iterator[str]:
    taken = [(kind, one) for kind in KINDS if kind not in _SHARED for one in wanted[kind]]
    for kind, one in taken:
        if _is_others(kind, one, found):
            yield (
                f"A {KINDS[kind]} {_name(one)!r} exists that this role did not make. Rename or remove it, or give "
                "another awx_setup_prefix."
            )


def _notes(wanted: Mapping[str, list[Json]], found: Mapping[str, list[Json]]) -> Iterator[str]:
    for kind in _SHARED:
        for one in wanted[kind]:
            if _is_others(kind, one, found):
                yield f"The {KINDS[kind]} {_name(one)!r} exists already and is used as it is."


def _removal(options: Json, found: Mapping[str, list[Json]]) -> Json:
    """The removal of the role's objects, by kind. Organizations stay, and inventories that people filled."""
    kept = [*_KEPT, *([] if options["inventory_source"] else ["inventories"])]
    ours = {
        kind: [{"name": _name(there)} for there in found[kind] if _is_ours(there)]
        for kind in KINDS
        if kind != "workflow_job_template_nodes"
    }
    notes = [
        f"The {KINDS[kind]} {one['name']!r} is left: AWX would remove with it what others may have put there. "
        "Remove it by hand."
        for kind in kept
        for one in ours[kind]
    ]
    return {
        **{kind: [] if kind in kept else objects for kind, objects in ours.items()},
        "workflow_job_template_nodes": [],
        **{f"old_{kind}": [] for kind in KINDS},
        "predicted": [],
        "notes": notes,
    }
