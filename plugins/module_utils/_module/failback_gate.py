# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``failback_gate``."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.tidegate.failover.plugins.module_utils._errors import CODE_KEY, RefusedError, failure
from ansible_collections.tidegate.failover.plugins.module_utils._gates import _report
from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import Definition, definitions_from
from ansible_collections.tidegate.failover.plugins.module_utils._gates._earlier import memories_from
from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import (
    GateClock,
    Occasion,
    Outcome,
    evaluate_all,
    not_evaluated,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._registry import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._gates._schema import argument_spec
from ansible_collections.tidegate.failover.plugins.module_utils._gates._task_results import (
    outcomes_from,
    task_results_spec,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.secrets import DiscreetModule

#: A header may be "1" or "de". Masking such values would make texts unreadable, and they are no secrets.
_SHORTEST_SECRET = 4


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return DiscreetModule(
        argument_spec={
            "gates": {**argument_spec(KINDS), "required": True},
            "lock_ids": {"type": "list", "elements": "str", "default": []},
            "requester": {"type": "str"},
            "task_results": task_results_spec(),
            "earlier_evidence": {"type": "dict"},
            "fail": {"type": "bool", "default": True},
            "progress_path": {"type": "path"},
        },
        supports_check_mode=True,
    )


def run(module: AnsibleModule) -> None:
    """Evaluate all gates, and return the evidence."""
    clock = GateClock()
    try:
        _check_progress_path(module.params["progress_path"])
        definitions = definitions_from(module.params["gates"], KINDS)
        outcomes = outcomes_from(module.params["task_results"], definitions, clock.utc())
        lock_ids = module.params["lock_ids"]
        memories = memories_from(module.params["earlier_evidence"], definitions, lock_ids, clock.utc())
    except RefusedError as problem:
        module.fail_json(**failure(problem), passed=False)
    skipped = _not_to_be_evaluated(definitions, check_mode=module.check_mode)
    outcomes = {name: not_evaluated(definition, clock) for name, definition in skipped.items()} | outcomes
    occasion = Occasion(tuple(lock_ids), module.params["requester"], clock, _progress_writer(module), memories)
    to_do = [definition for definition in definitions if definition.name not in outcomes]
    outcomes |= {outcome.definition.name: outcome for outcome in evaluate_all(to_do, occasion)}
    _finish(module, definitions, [outcomes[definition.name] for definition in definitions], occasion)


def _not_to_be_evaluated(definitions: Sequence[Definition], *, check_mode: bool) -> dict[str, Definition]:
    """The gates that check mode must skip, by name: their evaluation might change something."""
    if not check_mode:
        return {}
    return {
        definition.name: definition for definition in definitions if not definition.kind.read_only(definition.options)
    }


def _check_progress_path(path: str | None) -> None:
    try:
        if path is not None:
            Path(path).open("a", encoding="utf-8").close()
    except OSError as problem:
        raise RefusedError(f"progress_path is {path!r}, which cannot be written: {problem.strerror}.") from problem


def _progress_writer(module: AnsibleModule) -> Callable[[str], None]:
    """Returns a function that writes progress to a file, because a module cannot print while it runs."""
    if module.params["progress_path"] is None:
        return lambda _text: None
    path, mask, writing = Path(module.params["progress_path"]), _masking(module), Lock()

    def report(text: str) -> None:
        # A file that was removed, or a full disk, is no reason to fail a gate.
        with writing, suppress(OSError), path.open("a", encoding="utf-8") as file:
            file.write(f"{mask(' '.join(text.split()))}\n")

    return report


def _masking(module: AnsibleModule) -> _report.Mask:
    hidden = frozenset(value for value in module.no_log_values if len(value) >= _SHORTEST_SECRET)
    return lambda text: t.cast(str, remove_values(text, hidden))


def _finish(
    module: AnsibleModule, definitions: Sequence[Definition], outcomes: Sequence[Outcome], occasion: Occasion
) -> None:
    mask = _masking(module)
    failed = [outcome for outcome in outcomes if outcome.evaluated and not outcome.passed]
    result: Mapping[str, t.Any] = {
        "changed": any(memory.get("changed") for memory in occasion.memories.values()),
        "msg": _report.summary(outcomes, mask),
        "passed": all(outcome.passed for outcome in outcomes),
        "failed_gates": [outcome.definition.name for outcome in failed],
        "evidence": _report.evidence(outcomes, module.params["lock_ids"], occasion.clock.utc(), mask),
        "required_gates": _report.required_gates(definitions),
        "invocation": {"module_args": remove_values(module.params, module.no_log_values)},
    }
    # Ansible removes hidden values wherever they occur, such as a header's "2026" from dates and an "a" from digests.
    # That would make the evidence invalid. They were removed above, from the texts that can contain them.
    module.no_log_values = set()
    if failed and module.params["fail"]:
        module.fail_json(**result, **{CODE_KEY: "TG-GATES"})
    module.exit_json(**result)
