# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What distinguishes alarms: different ARNs never give the same identity, even if their cleaned names are equal."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import check_owner
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    ALARM_ID,
    ARN,
    Json,
    cloudwatch,
    eventbridge,
    monitor,
    oci,
)
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.test_alarm_filter import one
from hypothesis import given
from hypothesis import strategies as st

PREFIX = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=255)


def named(name: str, prefix: str = PREFIX) -> Json:
    """Return the event of a composite alarm of that name."""
    return one(cloudwatch(AlarmArn=f"{prefix}{name}", AlarmName=name, Trigger=None))


def identities(alarm: Json) -> list[Any]:
    """Return all values that distinguish alarms."""
    return [alarm[name] for name in ("id", "id_digest", "object", "key", "owner")]


@pytest.mark.parametrize("name", ["checkout [primary] > 5%", "Störung", "警报", "a" * 255])
def test_the_digest_of_the_true_arn_is_reported(name: str) -> None:
    alarm = named(name)
    assert alarm["id_digest"] == hashlib.sha256(f"{PREFIX}{name}".encode()).hexdigest()
    assert alarm["id_digest"] == one(eventbridge(arn=f"{PREFIX}{name}"))["id_digest"]


def test_the_digest_of_an_ocid_is_the_same_in_capitals() -> None:
    assert one(oci(id=ALARM_ID.upper()))["id_digest"] == hashlib.sha256(ALARM_ID.encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("checkout [a]", "checkout <a>"),
        ("checkout [a]", "checkout _a_"),
        ("Störung", "Stärung"),
        ("警报", "报警"),
        ("a" * 200 + "1", "a" * 200 + "2"),
        ("a" * 50 + "1", "a" * 50 + "2"),
    ],
)
def test_names_that_are_equal_once_cleaned_or_cut_stay_distinct(name: str, other: str) -> None:
    one_of_them, the_other = identities(named(name)), identities(named(other))
    assert not set(one_of_them) & set(the_other)


def test_a_name_cannot_be_chosen_to_look_like_another_one() -> None:
    shown = named("checkout [a]")["id"]
    assert not set(identities(named(shown.removeprefix(PREFIX)))) & set(identities(named("checkout [a]")))


def test_alarms_of_one_name_in_different_regions_and_accounts_are_different_owners() -> None:
    elsewhere = [PREFIX, PREFIX.replace("us-east-1", "eu-west-1"), PREFIX.replace("123456789012", "210987654321")]
    assert len({named("primary", prefix)["owner"] for prefix in elsewhere}) == 3


@given(NAMES)
def test_the_owner_fits_into_a_hold_and_says_which_alarm(name: str) -> None:
    owner = named(f"primary {name}")["owner"]
    check_owner(owner)
    assert owner.startswith("alarm:primary")
    assert owner == named(f"primary {name}")["owner"]


@given(st.lists(NAMES, min_size=2, max_size=2, unique=True))
def test_two_arns_never_have_the_same_identity(names: list[str]) -> None:
    one_of_them, the_other = (identities(named(name)) for name in names)
    assert not set(one_of_them) & set(the_other)


def test_an_ordinary_arn_is_shown_as_it_is() -> None:
    assert one(cloudwatch())["id"] == ARN


@pytest.mark.parametrize(("name", "other"), [("checkout [eu]", "checkout <eu>"), ("a" * 90 + "1", "a" * 90 + "2")])
def test_targets_of_a_monitor_stay_apart_too(name: str, other: str) -> None:
    alarms = [one(monitor(target=target)) for target in (name, other)]
    for what in ("object", "key", "owner"):
        assert alarms[0][what] != alarms[1][what]


def test_an_ordinary_target_of_a_monitor_is_shown_as_it_is() -> None:
    alarm = one(monitor())
    assert (alarm["object"], alarm["owner"]) == ("monitor:checkout primary", "alarm:checkout primary")
