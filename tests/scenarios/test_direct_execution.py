# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A module that runs in a fork of the controller gives what it gives where Ansible starts it, and leaves nothing."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

SECRET = "hunter2-hunter2"
PARTS = Path(__file__).parent / "direct_execution"
FILES = {
    "modules/probe.py": "probe_module.py",
    "action/probe.py": "probe_action.py",
    "modules/caller.py": "caller_module.py",
    "action/caller.py": "caller_action.py",
    "become/other_user.py": "other_user.py",
}

#: Tasks whose results must not differ, by what they show.
SAME: dict[str, Json] = {
    "applied": {"example.direct.probe": {"text": "über"}},
    "check mode": {"example.direct.probe": {}, "check_mode": True},
    "diff": {"example.direct.probe": {}, "diff": True},
    "an option that is a secret": {"example.direct.probe": {"secret": SECRET, "text": f"in {SECRET} too"}},
    "an alias": {"example.direct.probe": {"words": "by another name"}},
    "defaults of the module": {
        "example.direct.probe": {},
        "module_defaults": {"example.direct.probe": {"text": "set"}},
    },
    "environment": {"example.direct.probe": {}, "environment": {"PROBE_GIVEN": "{{ 40 + 2 }}"}},
    "a warning": {"example.direct.probe": {"act": "warn"}},
    "a deprecation": {"example.direct.probe": {"act": "deprecate"}},
    "noise on standard output": {"example.direct.probe": {"act": "print"}},
    "noise on standard error": {"example.direct.probe": {"act": "complain"}},
    "a failure": {"example.direct.probe": {"act": "fail"}},
    "a crash": {"example.direct.probe": {"act": "crash"}},
    "an end without a result": {"example.direct.probe": {"act": "end"}},
    "no end of its own": {"example.direct.probe": {"act": "return"}},
    "a wrong option": {"example.direct.probe": {"txt": "no such option"}},
    "a wrong choice": {"example.direct.probe": {"act": "jump"}},
    "delegated": {"example.direct.probe": {}, "delegate_to": "localhost"},
}


class Probe:
    """The probe in a collection of its own, and playbooks that run it."""

    def __init__(self, playbooks: Playbooks, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Write the collection where Ansible finds it."""
        plugins = folder / "ansible_collections" / "example" / "direct" / "plugins"
        for target, source in FILES.items():
            (plugins / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PARTS / source, plugins / target)
        paths = os.environ["ANSIBLE_COLLECTIONS_PATH"]
        monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", f"{folder}{os.pathsep}{paths}")
        self._playbooks, self._folder = playbooks, folder

    def results(self, tasks: dict[str, Json], **variables: Any) -> dict[str, Json]:
        """What tasks return, by their name."""
        kept = self._folder / "results.json"
        names = {name: f"result_{number}" for number, name in enumerate(tasks)}
        steps = [{"name": name, **task, "register": names[name], "ignore_errors": True} for name, task in tasks.items()]
        reported = {name: f"{{{{ {variable} }}}}" for name, variable in names.items()}
        keep = {"ansible.builtin.copy": {"content": "{{ reported | to_json }}", "dest": str(kept), "mode": "0600"}}
        here = {"ansible_python_interpreter": sys.executable, **variables}
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": here,
            "tasks": [*steps, {**keep, "vars": {"reported": reported}}],
        }
        outcome = self._playbooks.run_file(self._playbooks.file([play]))
        assert outcome.returncode == 0, outcome.output
        found: dict[str, Json] = json.loads(kept.read_text(encoding="utf-8"))
        return found

    def result(self, **task: Any) -> Json:
        """What one task returns."""
        variables = task.pop("variables", {})
        return self.results({"it": {"example.direct.probe": {}} | task}, **variables)["it"]


@pytest.fixture
def playbooks(tmp_path: Path) -> Playbooks:
    """Each run starts a Python, as people do it, because this is about how modules are started."""
    return Playbooks(tmp_path)


@pytest.fixture
def probe(playbooks: Playbooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Probe:
    """The probe, installed."""
    return Probe(playbooks, tmp_path, monkeypatch)


def _settled(result: Json) -> Json:
    """A result without what differs from run to run, and without what distinguishes the two ways."""
    return {key: value for key, value in result.items() if key not in ("temporary", "here")}


def test_every_result_is_the_same_as_where_ansible_starts_the_module(probe: Probe) -> None:
    here, started = probe.results(SAME), probe.results(SAME, tidegate_direct_execution=False)
    assert {name: _settled(result) for name, result in here.items()} == {
        name: _settled(result) for name, result in started.items()
    }
    assert here["applied"]["here"]
    assert not started["applied"]["here"]


def test_an_action_runs_other_modules_of_its_collection_here_and_all_others_as_always(probe: Probe) -> None:
    task = {"it": {"example.direct.caller": {"text": "called"}}}
    here, started = probe.results(task)["it"], probe.results(task, tidegate_direct_execution=False)["it"]
    assert (here["probe"]["here"], started["probe"]["here"]) == (True, False)
    assert _settled(here["probe"]) == _settled(started["probe"])
    assert here["ping"]["ping"] == "pong"


def test_a_secret_is_censored(probe: Probe) -> None:
    assert SECRET not in json.dumps(probe.result(**SAME["an option that is a secret"]))


def test_nothing_is_left_for_the_next_run_of_the_module(probe: Probe) -> None:
    task = {"example.direct.probe": {"act": "{{ item }}"}, "loop": ["leave", "nothing"]}
    before, after = probe.result(**task)["results"]
    assert before["left"]["environment"] == "yes"
    assert after["left"] == probe.result()["left"]
    assert after["around"] == probe.result()["around"]


def test_temporary_files_are_gone_afterwards(probe: Probe) -> None:
    assert not Path(probe.result(**{"example.direct.probe": {"act": "leave"}})["temporary"]).exists()


def test_a_module_that_is_killed_is_a_failed_task(probe: Probe) -> None:
    result = probe.result(**{"example.direct.probe": {"act": "die"}})
    assert result["failed"]
    assert result["rc"] == -9


def test_the_time_out_of_a_task_ends_the_module(probe: Probe, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    result = probe.result(**{"example.direct.probe": {"act": "hang", "pid_file": str(pid_file)}, "timeout": 3})
    assert result["failed"]
    assert not Path(f"/proc/{pid_file.read_text()}").exists()


@pytest.mark.parametrize(
    ("more", "variables"),
    [
        pytest.param({}, {"tidegate_direct_execution": False}, id="switched off by a variable"),
        pytest.param({}, {"tidegate_direct_execution": "{{ 1 == 2 }}"}, id="switched off by a template"),
        pytest.param({"async": 60, "poll": 1}, {"ansible_async_dir": "{{ playbook_dir }}/async"}, id="async"),
        pytest.param({"become": True, "become_method": "example.direct.other_user"}, {}, id="become"),
    ],
)
def test_a_module_is_started_as_always_where_a_fork_would_not_be_the_same(
    probe: Probe, more: Json, variables: Json
) -> None:
    assert probe.result(**more, variables=variables)["here"] is False


def test_another_python_is_started_as_always(probe: Probe, tmp_path: Path) -> None:
    other = tmp_path / "python3"
    other.symlink_to(sys.executable)
    # Through a link of another name Python does not find its packages, so it is given where they are.
    packages = os.pathsep.join(sys.path)
    task = {"environment": {"PYTHONPATH": packages}, "variables": {"ansible_python_interpreter": str(other)}}
    assert probe.result(**task)["here"] is False


def test_the_environment_switches_it_off(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEGATE_DIRECT_EXECUTION", "no")
    assert probe.result()["here"] is False


def test_a_variable_wins_over_the_environment(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEGATE_DIRECT_EXECUTION", "no")
    assert probe.result(variables={"tidegate_direct_execution": True})["here"] is True


def test_a_switch_that_is_neither_is_refused(probe: Probe) -> None:
    reported = probe.result(variables={"tidegate_direct_execution": "perhaps"})["msg"]
    assert "tidegate_direct_execution is 'perhaps'. Give true or false" in reported
