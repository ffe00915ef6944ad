# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One task has the variables of all services, and checks all of them once."""

from __future__ import annotations

import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import (
    Host,
    SharedState,
    compiled_once,
    read_once,
)
from jinja2 import Environment

Json = dict[str, t.Any]


def host(tmp_path: Path, text: str) -> Host:
    """A host with variables as an inventory in YAML has them."""
    path = tmp_path / "vars.yml"
    path.write_text(text, encoding="utf-8")
    loader, read = DataLoader(), t.cast(t.Any, DataLoader().load_from_file)
    try:
        variables = read(str(path), trusted_as_template=True)
    except TypeError:
        variables = read(str(path))
    return Host("checkout", variables, loader)


def test_a_value_is_what_ansible_makes_of_it(tmp_path: Path) -> None:
    made = host(
        tmp_path,
        """
        other: "{{ name }}"
        name: "{{ 'check' ~ 'out' }}"
        ids: ["{{ name }}", 1, null, true]
        nested: {first: {second: "{{ ids | first }}"}}
        """,
    )
    assert made.values(["other", "ids", "nested", "missing"]) == {
        "other": "checkout",
        "ids": ["checkout", 1, None, True],
        "nested": {"first": {"second": "checkout"}},
    }


def test_a_variable_that_is_not_there_is_an_error_of_ansible(tmp_path: Path) -> None:
    with pytest.raises(AnsibleError, match="missing"):
        host(tmp_path, 'name: "{{ missing }}"').value("name")


def test_a_value_is_plain_data(tmp_path: Path) -> None:
    made = host(tmp_path, "{plain: text, made: \"{{ ['a'] }}\"}")
    assert [type(made.value("plain")), type(made.value("made")), type(made.value("made")[0])] == [str, list, str]


def test_a_template_is_compiled_once_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    usual: t.Any = Environment.compile

    def compile_and_count(self: Environment, source: t.Any, *args: t.Any, **more: t.Any) -> t.Any:
        compiled.append(str(source))
        return usual(self, source, *args, **more)

    monkeypatch.setattr(Environment, "compile", compile_and_count)
    with compiled_once():
        values = [host(tmp_path, f"{{a: {letter}, b: '{{{{ a ~ a }}}}'}}").value("b") for letter in "abc"]
    assert [str(value) for value in values] == ["aa", "bb", "cc"]
    assert compiled == ["{{ a ~ a }}"]
    assert t.cast(t.Any, Environment.compile) is compile_and_count


class Looking:
    """Hosts that come to the same task of a play one after the other."""

    def __init__(self, strategy: str) -> None:
        self._play = SimpleNamespace(strategy=strategy)
        self._include = Task()
        self.looks = 0

    def _look(self) -> tuple[dict[str, Json], list[int]]:
        self.looks += 1
        return {name: {"look": self.looks} for name in ("a", "b", "c")}, [self.looks]

    def come(self, name: str) -> tuple[Json, t.Any, bool]:
        """A host comes by. It has included the tasks for itself, as with most strategies.

        :returns: what it finds of itself and of all, and whether it has looked.
        """
        task = Task()
        block: t.Any = SimpleNamespace(_play=self._play, _parent=self._include)
        task._parent, self._include._parent = block, None
        found, parts = read_once(task, name, self._look)
        return found.part(name), found.whole(name), bool(parts)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary files of a run."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))


@pytest.mark.parametrize(
    "strategy", ["free", "host_pinned", "ansible.builtin.free", "mitogen_free", "mitogen_host_pinned"]
)
def test_where_every_host_comes_the_first_one_reads_for_all(strategy: str) -> None:
    looking = Looking(strategy)
    assert looking.come("b") == ({"look": 1}, [1], True)
    assert looking.come("a") == ({"look": 1}, None, False)
    assert looking.come("c") == ({"look": 1}, None, False)


def test_a_value_that_is_no_plain_data_is_kept_as_text(tmp_path: Path) -> None:
    look = SharedState(tmp_path)
    look.keep("a", {"a": {"where": tmp_path}}, None)
    assert look.part("a") == {"where": str(tmp_path)}


def test_who_comes_again_reads_again_for_all() -> None:
    looking = Looking("free")
    looking.come("a")
    looking.come("b")
    assert looking.come("a") == ({"look": 2}, [2], True)
    assert looking.come("b") == ({"look": 2}, None, False)


def test_a_host_that_nobody_read_the_state_for_reads_it() -> None:
    looking = Looking("free")
    with pytest.raises(FileNotFoundError):
        looking.come("unknown")
    assert looking.looks == 1


@pytest.mark.parametrize("names", ["aa", "ab"])
def test_with_other_strategies_one_host_alone_comes_and_always_reads(names: str) -> None:
    looking = Looking("linear")
    assert looking.come(names[0]) == ({"look": 1}, [1], True)
    assert looking.come(names[1]) == ({"look": 2}, [2], True)
