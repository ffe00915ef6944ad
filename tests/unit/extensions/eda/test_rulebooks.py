# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Rulebooks are valid and documented, and their variants differ from them in nothing else than what they are for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_rulebook.validators import Validate

RULEBOOKS = Path(__file__).parents[4] / "extensions" / "eda" / "rulebooks"
FILES = sorted(RULEBOOKS.glob("*.yml"))
PAGES = ("oci_maintenance", "route53_lock", "failover", "site_alerts", "drift")
#: Those that alarms lead to. The others follow a schedule.
BY_ALARM = [file for file in FILES if file.stem != "drift"]


def ruleset(name: str) -> dict[str, Any]:
    """The one ruleset of a rulebook, with what its anchors repeat as copies."""
    (only,) = yaml.safe_load((RULEBOOKS / f"{name}.yml").read_text(encoding="utf-8"))
    copied: dict[str, Any] = json.loads(json.dumps(only))
    return copied


def source_options(rules: dict[str, Any]) -> dict[str, Any]:
    """The options of a ruleset's source."""
    (source,) = rules["sources"]
    (options,) = (value for name, value in source.items() if name.startswith(("tidegate.", "eda.builtin.")))
    assert isinstance(options, dict)
    return options


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_engine_would_take_it(file: Path) -> None:
    Validate.rulebook(yaml.safe_load(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_its_page_names_it_and_its_variables(file: Path) -> None:
    (page,) = (name for name in PAGES if file.stem.startswith(name))
    text = (RULEBOOKS / f"{page}.md").read_text(encoding="utf-8")
    variables = set(re.findall(r"\{\{ \(?([a-z0-9_]+)", file.read_text(encoding="utf-8"))) - {"event"}
    assert f"`{file.stem}`" in text
    # A row may list endings of a name that it gives in full.
    missing = [name for name in variables if not any(part in text for part in (name, f"_{name.rsplit('_', 1)[-1]}`"))]
    assert not [
        name for name in missing if not name.startswith(("sns_", "sqs_", "oci_notifications_", "alertmanager_"))
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_holds_no_secret_and_does_not_listen_to_everybody(file: Path) -> None:
    options = source_options(ruleset(file.stem))
    assert "0.0.0.0" not in str(options)  # noqa: S104
    for name, value in options.items():
        assert not re.search("password|secret|key", name) or value.startswith("{{")


@pytest.mark.parametrize("name", ["oci_maintenance", "route53_lock", "site_alerts"])
def test_the_durable_variant_waits_for_the_engine(name: str) -> None:
    expected = ruleset(name)
    source_options(expected)["feedback"] = True
    assert ruleset(f"{name}_durable") == expected


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("oci_maintenance", "oci_maintenance_awx"),
        ("route53_lock", "route53_lock_awx"),
        ("site_alerts", "site_alerts_awx"),
        ("failover_sqs", "failover_awx"),
    ],
)
def test_the_awx_variant_launches_a_job_template_with_the_same_variables(name: str, variant: str) -> None:
    expected = ruleset(name)
    for rule, launching in zip(expected["rules"], ruleset(variant)["rules"], strict=True):
        playbook, template = rule["action"].pop("run_playbook", None), launching["action"].get("run_job_template")
        assert (playbook is None) == (template is None)
        if playbook:
            assert template["job_args"]["extra_vars"] == playbook["extra_vars"]
            assert template["lock"] == playbook["lock"]
            assert template["job_args"]["limit"] == expected["hosts"]
            rule["action"]["run_job_template"] = template
    assert ruleset(variant) == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_limit_of_a_run_leaves_hosts_of_any_inventory(file: Path) -> None:
    assert "all" in ruleset(file.stem)["hosts"].split(",")


@pytest.mark.parametrize("file", BY_ALARM, ids=lambda file: file.stem)
def test_every_rule_that_acts_is_throttled_and_locked_by_what_the_alarm_is_about(file: Path) -> None:
    rules = ruleset(file.stem)
    assert rules["execution_strategy"] == "parallel"
    acting = [rule for rule in rules["rules"] if "debug" not in rule["action"]]
    assert acting
    for rule in acting:
        (action,) = rule["action"].values()
        assert "event.alarm.object" in action["lock"]
        assert rule["throttle"]["group_by_attributes"] == ["event.alarm.object", "event.alarm.key"]


def test_a_watch_on_a_schedule_runs_once_at_a_time_and_without_an_end() -> None:
    rules = ruleset("drift")
    assert rules["execution_strategy"] == "sequential"
    assert source_options(rules)["loop_count"] == -1
    (rule,) = rules["rules"]
    assert "drift_watch_repair | default([])" in rule["action"]["run_playbook"]["extra_vars"]["drift_repair"]
