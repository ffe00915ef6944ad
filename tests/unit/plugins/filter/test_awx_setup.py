# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The files of an AWX project import playbooks of the collection; what makes no sense is an error of the template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.filter.awx_setup import FilterModule
from ansible_collections.tidegate.failover.plugins.module_utils._awx.plan import KINDS

FILTERS = FilterModule().filters()
PLAYBOOKS = Path(__file__).resolve().parents[4] / "playbooks"


def files(*arguments: Any) -> dict[str, Any]:
    return {one["path"]: yaml.safe_load(one["content"]) for one in FILTERS["awx_project_files"](*arguments)}


def test_there_is_a_wrapper_for_each_playbook_of_the_collection() -> None:
    made = files(["tidegate.failover"])
    assert {"failback.yml", "lock_by_alarm.yml", "collections/requirements.yml"} <= made.keys()
    assert not {"awx_setup.yml", "survey_answers.yml"} & made.keys()
    for path, plays in made.items():
        if "/" not in path:
            imported = plays[-1]["ansible.builtin.import_playbook"]
            assert imported == f"tidegate.failover.{Path(path).stem}"
            assert (PLAYBOOKS / path).is_file()


@pytest.mark.parametrize(("playbook", "plays"), [("failback", 2), ("lock_by_alarm", 1)])
def test_only_what_has_a_survey_takes_its_answers(playbook: str, plays: int) -> None:
    assert len(files([], [playbook])[f"{playbook}.yml"]) == plays


def test_each_collection_may_have_a_version() -> None:
    made = files(["tidegate.failover:>=0.2.0", "amazon.aws"], ["status"])
    assert made["collections/requirements.yml"] == {
        "collections": [{"name": "tidegate.failover", "version": ">=0.2.0"}, {"name": "amazon.aws"}]
    }


def test_no_collection_is_an_empty_list() -> None:
    assert files([], ["status"])["collections/requirements.yml"] == {"collections": []}


def test_an_answer_that_makes_no_sense_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="survey_drill_effect is 'maybe'"):
        FILTERS["survey_answers"]({"survey_drill_effect": "maybe"})


def test_what_the_role_refuses_is_an_error() -> None:
    options = {
        "state": "present",
        **dict.fromkeys(("organization", "prefix", "project", "inventory"), "Tidegate"),
        **dict.fromkeys(("project_url", "execution_environment", "execution_environment_image"), ""),
        "inventory_source": "",
        "credential_types": False,
        "playbooks": ["nonsense"],
        "approval_timeout": 60,
        "schedules": {},
    }
    with pytest.raises(AnsibleFilterError, match="names nonsense, which this collection does not have. It has acknow"):
        FILTERS["awx_setup_plan"](options, {kind: [] for kind in KINDS})
