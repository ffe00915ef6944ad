# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The kind of front that the guide writes is generated from, switched and read, beside the one that there is."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._fronts import _fronts
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import FrontKind
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._registry import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.page import is_left_over, put_up, take_away
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    Cloud,
    context_of,
    failover,
)

from tools import gates

ROOT = Path(__file__).parents[5]
OCI = {"load_balancer_id": "ocid1.loadbalancer.oc1..aaaa", "backend_set": "app", "rule_set": "page"}
PAGE: Json = {"fronts": [{"edge_cache": {"distribution": "E2EXAMPLE"}}, {"oci_load_balancer": OCI}]}


def example() -> str:
    text = (ROOT / "docs" / "writing_a_front.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return str(example)


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FrontKind:
    """The kind, from a file that holds what the guide shows, known as the others are."""
    (tmp_path / "edge_cache.py").write_text(example(), encoding="utf-8")
    spec = t.cast("t.Any", importlib.util.spec_from_file_location("edge_cache", tmp_path / "edge_cache.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kind: FrontKind = module.KIND
    monkeypatch.setattr(_fronts, "KINDS", {**KINDS, kind.name: kind})
    return kind


class Edge(Cloud):
    """A cloud that has distributions too."""

    def _edge_maintenance_mode(self, options: Json) -> Json:
        return self._lb_maintenance_mode(options) | {"msg": f"distribution {options['state']}."}

    def _edge_maintenance_mode_info(self, _options: Json) -> Json:
        holds = [{"owner": owner} for owner in self.held]
        found = {"distribution": "E2EXAMPLE", "failed": False, "in_maintenance": bool(holds), "holds": holds}
        return {"distributions": [found]}


@pytest.mark.usefixtures("added")
def test_the_page_is_put_up_at_fronts_of_both_kinds() -> None:
    context = context_of(failover(), cloud := Edge(), page=PAGE)
    put_up(context)
    assert [name for name, _options in cloud.calls] == ["edge_maintenance_mode", "lb_maintenance_mode"]
    assert cloud.asked("edge_maintenance_mode")[0]["targets"] == [{"distribution": "E2EXAMPLE"}]
    assert context.outcome == {"changed": True, "msg": "distribution enabled. page enabled."}


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("broken", ["edge_maintenance_mode", "lb_maintenance_mode"])
def test_a_front_that_fails_keeps_no_other_from_its_turn_and_fails_the_step(broken: str) -> None:
    context = context_of(failover(), cloud := Edge(fails={broken: "no answer"}), page=PAGE)
    with pytest.raises(TidegateError, match=r"^no answer$"):
        put_up(context)
    assert len(cloud.calls) == 2
    assert context.outcome["changed"]


@pytest.mark.usefixtures("added")
def test_all_fronts_that_failed_are_reported() -> None:
    cloud = Edge(fails={"edge_maintenance_mode": "one", "lb_maintenance_mode": "two"})
    with pytest.raises(TidegateError, match=r"^one two$"):
        take_away(context_of(failover(), cloud, page=PAGE))


@pytest.mark.usefixtures("added")
def test_a_hold_at_the_added_front_is_left_over_too() -> None:
    page: Json = {"fronts": PAGE["fronts"][:1]}
    assert is_left_over(context_of(failover(), Edge(held=["failover:checkout"]), page=page))
    assert not is_left_over(context_of(failover(), Edge(), page=page))


def test_what_it_cannot_switch_is_refused_beforehand(added: FrontKind) -> None:
    assert added.check({"targets": [{"distribution": "E2"}]}, "bob") == [{"distribution": "E2", "owner": "bob"}]
    with pytest.raises(RefusedError, match="empty name"):
        added.check({"targets": [{"distribution": ""}]}, "bob")


@pytest.mark.usefixtures("added")
def test_no_alarm_switches_it_since_nothing_is_known_of_its_backends() -> None:
    _fronts.check_backends_known(_fronts.parts_of({"fronts": PAGE["fronts"][1:]}))
    with pytest.raises(RefusedError, match="whether the backends of edge_cache serve cannot be read"):
        _fronts.check_backends_known(_fronts.parts_of(PAGE))


def test_what_users_meet_follows_from_its_answer(added: FrontKind) -> None:
    up = {"distribution": "E2", "msg": "Up.", "after": {"in_maintenance": True}}
    found = _fronts.switched([(added, {"changed": True, "msg": "Up.", "distributions": [up]})])
    assert (found.meets, found.outcome, found.changed) == ("page", "Up.", True)


def test_registry_and_options_are_generated_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / gates.FRONTS
    shutil.copytree(gates.ROOT / gates.FRONTS, folder)
    (folder / "edge_cache.py").write_text(example(), encoding="utf-8")
    package = importlib.import_module(gates.FRONTS_PACKAGE)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    kinds = gates._kinds(tmp_path, gates.FRONTS, gates.FRONTS_PACKAGE)
    monkeypatch.delitem(sys.modules, f"{gates.FRONTS_PACKAGE}.edge_cache")
    registry = gates._registry(gates.FRONTS_PACKAGE, list(kinds), what="fronts", kind="FrontKind", why="")
    assert "EDGE_CACHE.name: EDGE_CACHE" in registry
    spec = gates._role_spec(
        (gates.ROOT / gates.ROLE_SPEC).read_text(), importlib.import_module(f"{gates.PACKAGE}._schema"), kinds
    )
    assert "          edge_cache:\n            description:\n              - A distribution of the edge cache." in spec
