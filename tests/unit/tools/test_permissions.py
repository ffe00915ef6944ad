# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Policies have the form of IAM and OCI, and list the permissions that steps and modules declare."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.registry import BUILT_IN

from tools.permissions import aws, generation, oci
from tools.permissions.model import Policy

ROOT = Path(__file__).resolve().parents[3]
MODULES = ROOT / "plugins" / "modules"
POLICIES = (*aws.FILES, aws.FUNCTION)
ACTION = re.compile(r"C\(([a-z0-9-]+:[A-Z][A-Za-z]+)\)")
#: IAM User Guide, "IAM and AWS STS quotas": characters of a managed policy, without white space.
MOST_CHARACTERS = 6144
#: Playbooks whose calls need only these policies, and playbooks that only others import.
NOT_IN_AWS = {"setup"}
#: Those that call no cloud.
NOWHERE = {"awx_setup", "survey_answers"}


def names(policy: Policy) -> str:
    return policy.name


@pytest.mark.parametrize("policy", POLICIES, ids=names)
def test_a_policy_is_one_that_iam_takes(policy: Policy) -> None:
    text = json.dumps(policy.document(), separators=(",", ":"))
    assert len(text) <= MOST_CHARACTERS
    sids = [statement.sid for statement in policy.statements]
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
    assert len(set(sids)) == len(sids)


@pytest.mark.parametrize("policy", POLICIES, ids=names)
def test_each_statement_says_what_it_is_for_and_gives_nothing_away(policy: Policy) -> None:
    for statement in policy.statements:
        assert statement.why
        assert not [action for action in statement.actions if "*" in action]


@pytest.mark.parametrize("kind", [name for name, step in BUILT_IN.items() if step.permissions])
def test_the_policy_of_a_step_allows_what_the_step_says(kind: str) -> None:
    (policy,) = [policy for policy in aws.ADDITIONS if policy.name == kind]
    assert policy.actions == set(BUILT_IN[kind].permissions)


def test_every_playbook_has_its_policies() -> None:
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("[!_]*.yml")} - NOWHERE
    assert {policy.name for policy in aws.PLAYBOOKS} == playbooks - NOT_IN_AWS
    in_oci = {policy.name for policy in oci.FILES}
    assert playbooks - in_oci == {"acknowledge", "lock_by_alarm", "site_by_alert"}


def test_each_file_of_what_is_only_observed_allows_a_part_of_the_whole() -> None:
    by_name = {policy.name: policy for policy in aws.ADDITIONS}
    for name, policy in by_name.items():
        if name.endswith("_read"):
            assert policy.actions < by_name[name.removesuffix("_read")].actions


def documented_actions(module: str) -> set[str]:
    """The actions that a module's documentation names."""
    text = (MODULES / f"{module}.py").read_text(encoding="utf-8").split("EXAMPLES")[0]
    document = yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])
    return set(ACTION.findall(" ".join(document.get("notes", []) + document["description"])))


@pytest.mark.parametrize("module", sorted(path.stem for path in MODULES.glob("*.py") if path.stem != "__init__"))
def test_a_module_says_the_actions_that_the_policies_allow_it(module: str) -> None:
    allowed = {
        action
        for policy in POLICIES
        for statement in policy.statements
        if module in statement.modules
        for action in statement.actions
    }
    assert documented_actions(module) == allowed


def test_what_is_made_is_what_is_there() -> None:
    assert generation.problems(ROOT) == []


def test_a_changed_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / generation.PAGE).parent.mkdir()
    (tmp_path / generation.PAGE).write_text((ROOT / generation.PAGE).read_text(encoding="utf-8"), encoding="utf-8")
    generation.write(tmp_path)
    assert generation.problems(tmp_path) == []
    (tmp_path / generation.FOLDER / "aws" / "failover.json").write_text("{}\n", encoding="utf-8")
    (tmp_path / generation.FOLDER / "aws" / "old.json").write_text("{}\n", encoding="utf-8")
    (tmp_path / generation.FUNCTION).unlink()
    assert generation.problems(tmp_path) == [
        "docs/permissions/aws/old.json is no longer generated: remove it",
        "docs/permissions/aws/failover.json is not what `make permissions` makes",
        "extensions/functions/route53_lock/policy.json is not what `make permissions` makes",
    ]


def test_a_page_without_a_place_for_the_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="has no"):
        generation.page("# Permissions\n")
