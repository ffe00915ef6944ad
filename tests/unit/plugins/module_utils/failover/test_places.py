# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Where records and reports are kept."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.places import (
    inventory_sources,
    record_folder,
)

HERE, INVENTORY, OTHER = "/home/alice/work", "/srv/inventories/prod", "/srv/inventories/test"


@pytest.mark.parametrize("given", ["records", "./records", "records/", "drafts/../records"])
def test_a_relative_folder_is_beside_the_inventory(given: str) -> None:
    assert record_folder(given, [INVENTORY], HERE) == "/srv/inventories/prod/records"


def test_an_inventory_that_is_named_relatively_is_found_from_the_working_directory() -> None:
    assert record_folder("records", ["inventories/prod"], HERE) == "/home/alice/work/inventories/prod/records"


@pytest.mark.parametrize("inventories", [[], [INVENTORY, OTHER], [INVENTORY, INVENTORY]], ids=["none", "two", "alike"])
def test_where_not_exactly_one_inventory_is_given_it_is_in_the_working_directory(inventories: list[str]) -> None:
    assert record_folder("records", inventories, HERE) == "/home/alice/work/records"


@pytest.mark.parametrize("inventories", [[], [INVENTORY]])
def test_an_absolute_folder_stays_where_it_is(inventories: list[str]) -> None:
    assert record_folder("/var/log/failovers", inventories, HERE) == "/var/log/failovers"


def test_a_folder_of_the_user_is_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    assert record_folder("~/records", [INVENTORY], HERE) == "/home/alice/records"


def test_the_home_of_a_user_who_does_not_exist_is_a_folder_like_any_other() -> None:
    assert (
        record_folder("~nobody-of-that-name/records", [INVENTORY], HERE) == f"{INVENTORY}/~nobody-of-that-name/records"
    )


def test_a_command_names_lists_of_hosts_and_the_inventories_that_exist() -> None:
    sources = ["/etc/ansible/hosts", "hosts.yml", "web1,"]
    assert inventory_sources(sources, lambda source: source == "hosts.yml") == ("hosts.yml", "web1,")
