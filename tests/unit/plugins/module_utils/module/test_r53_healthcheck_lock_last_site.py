# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""I10: a lock that would leave no site that is known to serve is refused, no matter who requests it."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ..aws.account import Account, preceded_by, refused
from ..gates.web_server import WebServer, web_server
from ..lock.health_checks import CHECK_ID, PINNED
from .lock_task import GET, LOOK, READ_TAGS, TAG, UPDATE, Tasks, one, path_of
from .test_r53_healthcheck_lock_waiting import observed

BACKUP = "11111111-f023-45a3-954e-415303f21eab"
ZONE, NAME = "example.com", "checkout.example.com"
RECORDS = [{"zone": ZONE, "name": NAME, "type": "A"}]
FIND, READ = "list_hosted_zones", "list_resource_record_sets"
OVERRIDE = {"checks": ["last serving site"], "gates": [], "reason": "the primary corrupts data"}
WELL, DEAD = observed("Success: HTTP Status Code 200, OK"), observed("Failure: Connection refused")


def record(check_id: str | None, name: str = NAME) -> dict[str, t.Any]:
    """A record as AWS reports it."""
    led = {"HealthCheckId": check_id} if check_id else {}
    return {"Name": f"{name}.", "Type": "A", "SetIdentifier": str(check_id), "TTL": 60, **led}


@pytest.fixture
def shop(account: Account) -> Account:
    """The account with two sites behind one name, of which the other one serves."""
    account.checks[BACKUP] = replace(account.checks[CHECK_ID], id=BACKUP)
    account.records[ZONE] = [record(CHECK_ID), record(BACKUP), record(None, "www.example.com")]
    account.observations_of = {CHECK_ID: DEAD, BACKUP: WELL}
    return account


@pytest.mark.parametrize("options", [{"records": RECORDS}, {"find_records": True}])
def test_i10_a_site_is_locked_while_the_other_one_serves(tasks: Tasks, shop: Account, options: t.Any) -> None:
    assert one(tasks.lock(**options))["changed"]
    assert shop.calls[-3:] == [UPDATE, READ_TAGS, TAG]
    assert shop.calls[:-3] == [
        GET, FIND if "find_records" in options else f"{FIND}_by_name", READ, GET, GET, LOOK,
    ]  # fmt: skip


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("options", [{"records": RECORDS}, {"find_records": True}])
def test_i10_a_person_is_refused_where_the_other_site_does_not_serve(
    tasks: Tasks, shop: Account, options: t.Any, check_mode: bool
) -> None:
    shop.observations_of[BACKUP] = DEAD
    result = tasks.lock(check_mode=check_mode, **options)
    assert (result["failed"], result["changed"], shop.written) == (True, False, [])
    assert "would leave no site that is known to serve" in result["msg"]
    assert "0 of 1 checkers see success" in result["msg"]


def test_i10_an_alarm_is_held_back_where_the_other_site_does_not_serve(tasks: Tasks, shop: Account) -> None:
    shop.observations_of[BACKUP] = DEAD
    result = tasks.lock(find_records=True, if_last_site="hold_back", only_if_health="unhealthy")
    reported = one(result)
    assert (result["failed"], result["changed"], shop.written) == (False, False, [])
    assert reported["held_back"].startswith("locking it would leave no site")
    assert result["msg"] == f"Nothing was changed: {reported['held_back']}"
    assert (reported["lock"], reported["fence"]) == (None, None)


def test_i10_a_bulk_lock_does_not_take_both_sites_out(tasks: Tasks, shop: Account) -> None:
    result = tasks.lock(health_check_ids=[CHECK_ID, BACKUP], find_records=True)
    assert (result["failed"], result["changed"], shop.written) == (True, False, [])
    assert "2 of 2 health checks failed" in result["msg"]


def test_i10_a_bulk_lock_refuses_only_those_whose_names_nobody_else_serves(tasks: Tasks, shop: Account) -> None:
    alone = "22222222-f023-45a3-954e-415303f21eab"
    shop.checks[alone] = replace(shop.checks[CHECK_ID], id=alone)
    shop.records[ZONE].append(record(alone, "search.example.com"))
    result = tasks.lock(health_check_ids=[CHECK_ID, alone], find_records=True)
    assert [reported["failed"] for reported in result["health_checks"]] == [False, True]
    assert shop.checks[alone].path == "/lb-check"
    assert "search.example.com A has no record of another site" in result["msg"]


def test_i10_the_other_site_is_checked_again_after_a_conflict(tasks: Tasks, shop: Account) -> None:
    def overtaken() -> None:
        shop.change(CHECK_ID, FailureThreshold=1)
        shop.change(BACKUP, ResourcePath=PINNED)

    shop.at_next(UPDATE, preceded_by(overtaken))
    result = tasks.lock(find_records=True)
    assert (result["failed"], path_of(shop)) == (True, "/lb-check")
    assert "is locked out too" in result["msg"]


def evaluating(check_id: str | None) -> dict[str, t.Any]:
    """An alias that follows its target too, as the guides of Keycloak make them."""
    target = {"HostedZoneId": "Z1", "DNSName": "lb.example.com.", "EvaluateTargetHealth": True}
    return {name: value for name, value in record(check_id).items() if name != "TTL"} | {"AliasTarget": target}


def test_i10_an_alias_that_follows_its_target_too_proves_nothing(tasks: Tasks, shop: Account) -> None:
    shop.records[ZONE] = [evaluating(CHECK_ID), evaluating(BACKUP)]
    result = tasks.lock(find_records=True)
    assert (result["failed"], shop.written) == (True, [])
    assert "follows its target too, which is not asked" in result["msg"]


@pytest.mark.parametrize(("other", "serves"), [(BACKUP, True), (None, False)])
def test_i10_targets_of_aliases_are_trusted_where_the_task_says_so_and_a_health_check_is_healthy(
    tasks: Tasks, shop: Account, other: str | None, serves: bool
) -> None:
    shop.records[ZONE] = [evaluating(CHECK_ID), evaluating(other)]
    result = tasks.lock(find_records=True, trust_alias_targets=True)
    assert (result["failed"], bool(shop.written)) == (not serves, serves)


def test_i10_trusted_targets_do_not_outweigh_a_health_check_that_fails(tasks: Tasks, shop: Account) -> None:
    shop.records[ZONE] = [evaluating(CHECK_ID), evaluating(BACKUP)]
    shop.observations_of[BACKUP] = DEAD
    assert tasks.lock(find_records=True, trust_alias_targets=True)["failed"]


def test_i10_a_health_check_that_asks_the_name_that_it_moves_proves_nothing(tasks: Tasks, shop: Account) -> None:
    shop.change(BACKUP, FullyQualifiedDomainName=NAME, IPAddress=None)
    result = tasks.lock(find_records=True)
    assert (result["failed"], shop.written) == (True, [])
    assert f"probes {NAME}, whose answer is the record that it moves, so any site may have answered" in result["msg"]


@pytest.mark.parametrize("operation", [FIND, READ])
def test_i10_records_that_may_not_be_read_prove_nothing(tasks: Tasks, shop: Account, operation: str) -> None:
    shop.at_next(operation, refused("AccessDenied", 403))
    result = tasks.lock(find_records=True)
    assert (result["failed"], shop.written) == (True, [])
    assert "which records use it is not known, because" in result["msg"]


@pytest.mark.parametrize("records", [[{**RECORDS[0], "zone": "example.org"}], [{**RECORDS[0], "type": "AAAA"}]])
def test_i10_records_that_are_not_there_prove_nothing(tasks: Tasks, shop: Account, records: t.Any) -> None:
    assert tasks.lock(records=records)["failed"]
    assert shop.written == []


def test_i10_a_disabled_health_check_proves_nothing(tasks: Tasks, shop: Account) -> None:
    shop.change(BACKUP, Disabled=True)
    assert "nobody probes it" in tasks.lock(find_records=True)["msg"]
    assert shop.written == []


def test_the_last_site_is_taken_out_if_an_override_says_so(tasks: Tasks, shop: Account) -> None:
    shop.observations_of[BACKUP] = DEAD
    result = tasks.lock(find_records=True, override=OVERRIDE)
    assert (result["failed"], one(result)["changed"]) == (False, True)
    assert shop.calls == [GET, UPDATE, READ_TAGS, TAG]
    assert any("the primary corrupts data" in warning for warning in tasks.warnings)


def test_a_site_that_is_locked_already_stays_so_whatever_the_other_one_does(tasks: Tasks, shop: Account) -> None:
    tasks.lock()
    shop.observations_of[BACKUP] = DEAD
    result = tasks.lock(find_records=True)
    assert (result["failed"], result["changed"]) == (False, False)


def test_i10_a_lock_that_did_not_hold_is_not_completed_where_nobody_else_serves(tasks: Tasks, shop: Account) -> None:
    tasks.lock()
    shop.observations_of[BACKUP] = DEAD
    result = tasks.lock(find_records=True, method="invert")
    assert (result["failed"], result["changed"]) == (True, False)


def test_unlocking_does_not_check_other_sites(tasks: Tasks, shop: Account) -> None:
    tasks.lock()
    assert one(tasks.unlock(find_records=True, records=RECORDS))["lock"] is None
    assert READ not in shop.calls


@pytest.mark.parametrize(("status", "locked"), [(200, True), (503, False)])
def test_i10_the_other_sites_address_speaks_where_no_health_check_does(
    tasks: Tasks, shop: Account, status: int, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.records[ZONE] = [record(CHECK_ID), record(None)]
    monkeypatch.setattr(
        "ansible_collections.tidegate.failover.plugins.module_utils._module.last_site_guard._TIMING",
        {"consecutive": 2, "interval": 0.01, "timeout": 1},
    )
    with web_server(WebServer(status=status)) as site:
        result = tasks.lock(find_records=True, secondary_url=f"{site.url}/lb-check")
    assert (not result["failed"], result["changed"]) == (locked, locked)


def test_an_address_that_cannot_be_asked_is_refused_at_once(tasks: Tasks, shop: Account) -> None:
    result = tasks.lock(secondary_url="backup.example.com")
    assert (result["failed"], shop.written) == (True, [])
    assert "secondary_url cannot be asked" in result["msg"]
