# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is wrong with the map of alarms is an error of the template that uses it."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.filter.alarms import FilterModule

FILTERS = FilterModule().filters()
ALARM = {"id": "ocid1.alarm.oc1.iad.aaaaexample", "name": "checkout"}


def test_an_entry_is_found_by_the_id_of_its_alarm() -> None:
    assert FILTERS["alarm_entry"]({ALARM["id"]: {"service": "checkout"}}, ALARM) == {"service": "checkout"}


@pytest.mark.parametrize("name", ["alarm_entry", "alarm_fronts"])
def test_an_entry_that_cannot_be_understood_is_an_error(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match="nonsense"):
        FILTERS[name]({ALARM["id"]: {"nonsense": 1}}, ALARM)


def test_fronts_of_an_alarm_are_those_of_its_entry() -> None:
    target = {"load_balancer_id": "ocid1.loadbalancer.oc1.iad.aaaaexample", "listeners": ["https"], "rule_set": "page"}
    route = {"cloud_foundry": {"url": "shop.apps.example.com", "responder_app": "maintenance"}}
    found = FILTERS["alarm_fronts"]({ALARM["id"]: {"targets": [target, route]}}, ALARM)
    assert found == [{"oci_load_balancer": target}, route]
