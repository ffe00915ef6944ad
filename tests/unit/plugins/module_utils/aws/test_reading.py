# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Many health checks and their tags are read with few requests, and none hides another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import SignInError
from ansible_collections.tidegate.failover.plugins.module_utils._aws.reading import (
    Found,
    find,
    read_tags,
    side_by_side,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    NotFoundError,
    RefusedError,
    WaitTimeoutError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import Selection

from ..lock.health_checks import health_check
from .account import Account, refused

GET, LIST, TAGS = "get_health_check", "list_health_checks", "list_tags_for_resources"
DENIED = refused("AccessDenied", 403)


def account(count: int, page_size: int = 1000) -> Account:
    """An account with so many health checks."""
    checks = [replace(health_check(), id=f"id-{number:03}") for number in range(count)]
    found = Account(*checks, tags={check.id: {"Name": f"name of {check.id}", "site": "frankfurt"} for check in checks})
    found.page_size = page_size
    return found


def found_in(service: Account, selection: Selection) -> Found:
    return find(service.api, selection, service.deadline)


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(f"id-{number:03}" for number in numbers)


def test_a_few_health_checks_are_read_one_by_one_in_the_order_given() -> None:
    service = account(500)
    found = found_in(service, Selection(ids=ids(9, 1, 3)))
    assert found.ids == list(ids(9, 1, 3))
    assert found.checks[ids(9)[0]].version == 7
    assert service.calls == [GET] * 3


def test_many_health_checks_are_read_in_pages() -> None:
    service = account(500, page_size=100)
    found = found_in(service, Selection(ids=ids(*range(500))))
    assert len(found.checks) == 500
    assert service.calls == [LIST] * 5


def test_pages_are_read_as_long_as_they_are_of_use() -> None:
    service = account(500, page_size=100)
    found = found_in(service, Selection(ids=ids(*range(90), 450, 460)))
    assert len(found.checks) == 92
    assert service.calls == [LIST, GET, GET]


@pytest.mark.parametrize("known", [0, 3, 20])
def test_i4_a_health_check_that_does_not_exist_is_a_problem_of_its_own(known: int) -> None:
    found = found_in(account(50), Selection(ids=(*ids(*range(known)), "nowhere")))
    assert list(found.checks) == list(ids(*range(known)))
    assert isinstance(found.problems["nowhere"], NotFoundError)


def test_without_the_right_to_list_health_checks_are_read_one_by_one() -> None:
    service = account(20)
    service.at_next(LIST, DENIED)
    found = found_in(service, Selection(ids=ids(*range(20))))
    assert len(found.checks) == 20
    assert service.calls == [LIST] + [GET] * 20


def test_with_credentials_that_nobody_knows_it_is_tried_once() -> None:
    service = account(20)
    service.at_next(LIST, refused("InvalidClientTokenId", 403))
    with pytest.raises(SignInError):
        found_in(service, Selection(ids=ids(*range(20))))
    assert service.calls == [LIST]


def test_i7_a_health_check_that_may_not_be_read_is_not_taken_for_missing() -> None:
    service = account(1)
    service.at_next(GET, DENIED)
    assert isinstance(found_in(service, Selection(ids=ids(0))).problems["id-000"], AccessError)


def test_throttling_and_failures_that_pass_are_waited_out() -> None:
    service = account(1)
    service.at_next(GET, refused("Throttling"), refused("InternalFailure", 500))
    assert found_in(service, Selection(ids=ids(0))).problems == {}
    assert service.calls == [GET] * 3


def test_i7_throttling_that_does_not_end_is_a_problem_and_not_an_absence() -> None:
    service = account(1)
    service.at_next(GET, *[refused("Throttling")] * 100)
    problem = found_in(service, Selection(ids=ids(0))).problems["id-000"]
    assert isinstance(problem, WaitTimeoutError)
    assert "Throttling" in str(problem)


def test_all_health_checks_are_read_without_their_tags() -> None:
    service = account(25, page_size=10)
    found = found_in(service, Selection())
    assert found.ids == list(ids(*range(25)))
    assert service.calls == [LIST] * 3


def test_names_are_looked_up_in_tags_which_are_kept() -> None:
    service = account(25)
    found = found_in(service, Selection(names=("name of id-007", "name of id-003")))
    assert found.ids == list(ids(7, 3))
    assert found.tags["id-007"]["Name"] == "name of id-007"
    assert service.calls == [LIST] + [TAGS] * 3


def test_tags_choose_all_that_have_them() -> None:
    service = account(25)
    service.tags["id-004"].pop("site")
    assert found_in(service, Selection(tags={"site": "frankfurt"})).ids == list(ids(*range(4), *range(5, 25)))


@pytest.mark.parametrize("selection", [Selection(names=("nobody",)), Selection(tags={"site": "paris"})])
def test_i4_a_selection_of_nothing_is_an_error(selection: Selection) -> None:
    with pytest.raises(RefusedError, match="None of the account's 5 health checks"):
        found_in(account(5), selection)


def test_i7_tags_that_cannot_be_read_are_an_error() -> None:
    service = account(5)
    service.at_next(TAGS, DENIED)
    with pytest.raises(AccessError):
        read_tags(service.api, ids(1, 2), service.deadline)


def test_tags_of_nothing_take_no_request() -> None:
    service = account(5)
    assert read_tags(service.api, [], service.deadline) == {}
    assert service.calls == []


def test_work_side_by_side_gives_results_in_the_order_of_the_items() -> None:
    assert side_by_side(lambda number: number * 2, range(200)) == list(range(0, 400, 2))
