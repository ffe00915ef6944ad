# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""I13: each service takes its own steps in its own order, whatever other services are in the run."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.failover import default_steps
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    CAUGHT_UP,
    FENCE,
    PAGE,
    Role,
    failover,
)
from hypothesis import given, settings
from hypothesis import strategies as st

ROLES = Path(__file__).parents[5] / "roles"
INCLUDES = ("include_tasks", "include_role", "import_tasks", "import_role")

#: What makes a service take a step that it skips otherwise, and what breaks that step.
CHOICES: dict[str, tuple[Json, str]] = {
    "quiesce": ({"quiesce_tasks": "quiesce.yml", "quiesce_undo_tasks": "resume.yml"}, "/inventory/quiesce.yml"),
    "gates": ({"gates": [CAUGHT_UP]}, "caught up"),
    "fences": ({"fences": [FENCE]}, "scaled to zero"),
    "promote": ({"promote_tasks": "promote.yml", "fences": [FENCE]}, "/inventory/promote.yml"),
    "scale": ({"scale_tasks": "scale.yml"}, "/inventory/scale.yml"),
    "verify": ({"verify_url": "https://checkout.example.com/"}, "users are served"),
}
Service = tuple[list[str], str, str, bool]

services = st.tuples(
    st.lists(st.sampled_from(sorted(CHOICES)), unique=True),
    st.sampled_from(["planned", "unplanned"]),
    st.sampled_from(["", *sorted(CHOICES)]),
    st.booleans(),
)


def role_of(service: Service) -> Role:
    """The failover of a service that takes these steps besides the others. One of them breaks."""
    takes, kind, breaks, has_page = service
    options: Json = {"type": kind}
    for name in takes:
        options |= CHOICES[name][0]
    role = Role(failover(**options), page=PAGE if has_page else {})
    if breaks:
        broken = CHOICES[breaks][1]
        (role.files if broken.startswith("/") else role.cloud.fails)[broken] = "it broke"
    return role


def side_by_side(roles: list[Role]) -> None:
    """All services in one run, number by number, as Ansible's linear strategy takes them through a loop of includes."""
    for role in roles:
        role.begin()
    # Ansible evaluates the range for each host when the loop starts, so some hosts have fewer items.
    counts = [len(role.run.to_take) if role.run.goes_on else 0 for role in roles]
    for number in range(max(counts, default=0)):
        for role, count in zip(roles, counts, strict=True):
            if number < count:
                role.step(number)
    for role in roles:
        role.end()


@settings(deadline=None, max_examples=40)
@given(st.lists(services, max_size=4))
def test_i13_a_service_does_with_others_what_it_does_alone(found: list[Service]) -> None:
    together, alone = [role_of(service) for service in found], [role_of(service) for service in found]
    side_by_side(together)
    for role in alone:
        role.go()
    assert [role.statuses() for role in together] == [role.statuses() for role in alone]
    assert [role.cloud.calls for role in together] == [role.cloud.calls for role in alone]
    assert [role.ran for role in together] == [role.ran for role in alone]


@settings(deadline=None, max_examples=40)
@given(st.lists(services, min_size=1, max_size=4))
def test_i13_steps_are_taken_in_the_order_that_was_planned(found: list[Service]) -> None:
    roles = [role_of(service) for service in found]
    side_by_side(roles)
    for role in roles:
        taken = list(role.run.results)
        planned = [step for step in default_steps(role.options) if step in taken]
        assert taken == planned
        assert taken == [step["name"] for step in role.run.to_take][: len(taken)]


def test_i13_numbers_name_other_steps_where_services_skip_others() -> None:
    with_gates = role_of((["quiesce", "gates", "fences", "promote"], "planned", "gates", False))
    without = role_of((["fences", "promote"], "planned", "", False))
    side_by_side([without, with_gates])
    assert without.ran == ["/inventory/promote.yml"]
    assert with_gates.ran == ["/inventory/quiesce.yml", "/inventory/resume.yml"]


def tasks_in(content: t.Any) -> Iterator[Json]:
    """All tasks of a file, those in blocks too."""
    for task in content or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_in(task.get(part))


def loops_of_includes() -> list[Json]:
    """The tasks of all roles that include something for each item of a loop."""
    files = sorted(ROLES.glob("*/tasks/**/*.yml"))
    tasks = [task for file in files for task in tasks_in(yaml.safe_load(file.read_text(encoding="utf-8")))]
    loops = [task for task in tasks if "loop" in task or any(key.startswith("with_") for key in task)]
    return [task for task in loops if any(key.rpartition(".")[2] in INCLUDES for key in task)]


# Ansible's linear strategy runs an include once for all hosts whose file, variables and item are the same, and one item
# of the loop after the other. Numbers are the same for all hosts; each host has its own step for a number.
@pytest.mark.parametrize("task", loops_of_includes(), ids=lambda task: str(task["name"]))
def test_i13_a_loop_of_includes_goes_by_number_and_says_nothing_of_one_host(task: Json) -> None:
    loop = task.get("loop")
    assert isinstance(loop, list) or str(loop).startswith("{{ range("), loop
    assert not isinstance(loop, list) or not any("{{" in str(item) for item in loop)
    assert "label" not in task.get("loop_control", {})


def test_i13_there_are_such_loops() -> None:
    assert len(loops_of_includes()) >= 3


@pytest.mark.parametrize("role", ["procedure", "failover", "failback", "acknowledge"])
def test_i13_no_task_of_a_procedure_acts_for_other_hosts(role: str) -> None:
    tasks = [
        task
        for file in sorted((ROLES / role / "tasks").glob("*.yml"))
        if file.name not in ("preflight.yml", "look.yml")
        for task in tasks_in(yaml.safe_load(file.read_text(encoding="utf-8")))
    ]
    once = {task["name"] for task in tasks if task.get("run_once")}
    assert once == ({"Find services that share health checks"} if role == "procedure" else set())
    assert not [task["name"] for task in tasks if "delegate_to" in task or "delegate_facts" in task]
