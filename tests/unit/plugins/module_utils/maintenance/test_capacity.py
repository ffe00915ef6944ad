# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which backends of a set can do something for new users: judged by their flags and their health together."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.capacity import (
    Capacity,
    capacity_of,
    described,
)

from .backend_sets import address, backend_set, health

TWO = backend_set("serving", "serving")


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (health(2, "CRITICAL", critical=[1, 2]), "down"),
        (health(2, "WARNING", critical=[1]), "serving"),
        (health(2, "WARNING", critical=[1], warning=[2]), "serving"),
        (health(2), "serving"),
        (health(2, "CRITICAL", critical=[1], unknown=[2]), "unknown"),
        (health(2, "UNKNOWN", unknown=[1, 2]), "unknown"),
    ],
)
def test_i9_a_set_is_down_only_if_all_of_its_backends_are(seen: dict[str, object], verdict: str) -> None:
    assert capacity_of(TWO, seen).verdict == verdict


@pytest.mark.parametrize("kind", ["drained", "offline", "backup"])
def test_backends_that_get_no_new_users_are_no_capacity_however_healthy(kind: str) -> None:
    capacity = capacity_of(backend_set(kind, kind), health(2))
    assert (capacity.verdict, dict(capacity.states)) == ("down", {})


def test_a_healthy_backup_behind_dead_primaries_does_not_serve_the_service() -> None:
    seen = health(3, "CRITICAL", critical=[1, 2])
    assert capacity_of(backend_set("serving", "serving", "backup"), seen).verdict == "down"


def test_dead_backends_that_get_no_new_users_do_not_speak_against_those_that_do() -> None:
    seen = health(3, "CRITICAL", critical=[1, 2])
    assert capacity_of(backend_set("drained", "offline", "serving"), seen).verdict == "serving"


def test_a_set_without_backends_is_down_if_both_answers_say_that_it_has_none() -> None:
    assert capacity_of(backend_set(), health(0, "UNKNOWN")).verdict == "down"


def test_a_set_that_is_unknown_says_nothing_good_of_the_backends_that_it_does_not_name() -> None:
    assert capacity_of(TWO, health(2, "UNKNOWN")).verdict == "unknown"


@pytest.mark.parametrize("status", ["WARNING", "CRITICAL"])
def test_an_unhealthy_set_proves_no_healthy_backend_where_it_names_none(status: str) -> None:
    capacity = capacity_of(TWO, health(2, status))
    assert (capacity.verdict, described(capacity)) == (
        "unknown",
        f"its status is {status}, and its health names no backend that is not OK",
    )


def test_a_backend_that_the_load_balancer_does_not_list_makes_all_unknown() -> None:
    capacity = capacity_of(TWO, health(2, "CRITICAL", critical=[1, 3]))
    assert (capacity.verdict, described(capacity)) == (
        "unknown",
        f"its health names {address(3)}, which the load balancer does not list",
    )


@pytest.mark.parametrize("total", [1, 3])
def test_a_backend_that_came_or_went_between_the_answers_makes_all_unknown(total: int) -> None:
    capacity = capacity_of(TWO, health(total))
    assert (capacity.verdict, described(capacity)) == (
        "unknown",
        f"its health is of {total} backends, and the load balancer lists 2",
    )


def test_a_set_that_the_load_balancer_does_not_show_is_unknown() -> None:
    assert capacity_of(None, health(2)).verdict == "unknown"


def test_people_read_numbers_and_the_names_of_those_that_are_not_simply_ok() -> None:
    seen = health(6, "WARNING", critical=[1], warning=[2], unknown=[6])
    capacity = capacity_of(backend_set("serving", "serving", "serving", "drained", "backup", "offline"), seen)
    assert described(capacity) == (
        "1 of 3 backends that take new users are OK; critical: 10.0.0.1:80; warning: 10.0.0.2:80; "
        "offline: 10.0.0.6:80; drained: 10.0.0.4:80; backup: 10.0.0.5:80"
    )


def test_nothing_is_certain_of_a_set_that_is_unclear() -> None:
    assert Capacity({"a:80": "ok"}, {}, unclear="?").verdict == "unknown"
