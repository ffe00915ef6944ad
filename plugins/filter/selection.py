# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A filter that checks whether options leave out all tasks of a playbook, which Ansible reports as a success."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Collection
from pathlib import Path

from ansible import context
from ansible_collections.tidegate.failover.plugins.module_utils._errors import with_code
from ansible_collections.tidegate.failover.plugins.plugin_utils._elsewhere import elsewhere

_COLLECTION = "tidegate.failover"
_PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
#: Tags that select tasks without tags, or skip them.
_WITHOUT_TAGS = frozenset({"all", "untagged"})


def left_out_by_tags(run_tags: Collection[str], skip_tags: Collection[str] = (), connection: str = "") -> str:
    """See ``left_out_by_tags.yml`` beside this file."""
    if reason := elsewhere(connection):
        return with_code(reason, "TG-CONNECTION")
    # A user's own playbook may import one of these playbooks with tags, and skip it by other tags, or start after it.
    if not all(map(_is_ours, context.CLIARGS.get("args") or [""])):
        return ""
    if start := context.CLIARGS.get("start_at_task"):
        return with_code(
            f"Nothing was done: --start-at-task is {start!r}. Each task of this playbook "
            "needs what those before it found, and if no task has that name Ansible skips all of them. Leave out the "
            "option. To continue an aborted run, run the playbook again.",
            "TG-NO-TASKS",
        )
    skipped = _WITHOUT_TAGS.isdisjoint(run_tags) or not _WITHOUT_TAGS.isdisjoint(skip_tags)
    if not skipped:
        return ""
    return with_code(
        "Nothing was done: no task of this playbook has a tag, so --tags or --skip-tags leaves out all of them. Leave "
        "out these options, the job tags and skip tags in AWX, and the section tags of ansible.cfg.",
        "TG-NO-TASKS",
    )


def _is_ours(playbook: str) -> bool:
    """Whether a playbook that Ansible was started with is one of this collection."""
    return playbook.startswith(f"{_COLLECTION}.") or Path(playbook).resolve().parent == _PLAYBOOKS.resolve()


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filters, which Ansible requests from a filter plugin."""
        return {"left_out_by_tags": left_out_by_tags}
