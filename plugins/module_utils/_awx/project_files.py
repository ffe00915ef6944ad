# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The files of an AWX project: a file for each playbook of this collection, because AWX only accepts file names."""

from __future__ import annotations

from collections.abc import Collection

_HEADER = "# Made by the role tidegate.failover.awx_setup. A change is undone when that runs again.\n---\n"

_ANSWERS = """\
- name: Set the answers of the survey
  ansible.builtin.import_playbook: tidegate.failover.survey_answers

"""


def files(playbooks: Collection[str], requirements: Collection[str]) -> dict[str, str]:
    """The text of each file, by its path in the project.

    :param requirements: the collections to install, each as ``name`` or ``name:version``.
    """
    wrappers = {f"{playbook}.yml": _wrapper(playbook) for playbook in sorted(playbooks)}
    return {**wrappers, "collections/requirements.yml": _requirements(requirements)}


def _wrapper(playbook: str) -> str:
    # Job templates for alarms have no survey, and must not lose time.
    answers = "" if playbook.endswith("_by_alarm") else _ANSWERS
    title = playbook.replace("_", " ").capitalize()
    return f"{_HEADER}{answers}- name: {title}\n  ansible.builtin.import_playbook: tidegate.failover.{playbook}\n"


def _requirements(requirements: Collection[str]) -> str:
    if not requirements:
        return f"{_HEADER}collections: []\n"
    lines = []
    for requirement in requirements:
        name, _colon, version = requirement.partition(":")
        lines.append(f"  - name: {name}\n")
        if version:
            lines.append(f'    version: "{version}"\n')
    return f"{_HEADER}collections:\n{''.join(lines)}"
