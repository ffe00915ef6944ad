# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Changes of records: a batch is applied as a whole, and a deletion must give the exact record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Json = dict[str, Any]
Send = Callable[..., Any]
NAME = "static.shop.example.com."


@pytest.fixture
def send(route53: Any, aws: Json) -> Send:
    """Sends changes, each an action and what differs from the usual record."""

    def batch(*changes: tuple[str, Json]) -> Any:
        usual = {"Name": NAME, "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        made = [{"Action": action, "ResourceRecordSet": usual | differs} for action, differs in changes]
        return route53.change_resource_record_sets(HostedZoneId=aws["zone"]["id"], ChangeBatch={"Changes": made})

    return batch


def values(route53: Any, aws: Json) -> list[str]:
    start = {"StartRecordName": NAME, "StartRecordType": "A"}
    answer = route53.list_resource_record_sets(HostedZoneId=aws["zone"]["id"], **start)
    found = [item for item in answer["ResourceRecordSets"] if item["Name"] == NAME]
    return [value["Value"] for item in found for value in item["ResourceRecords"]]


def weighted(identifier: str, **differs: Any) -> Json:
    return {"SetIdentifier": identifier, "Weight": 100, **differs}


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"TTL": 60}, "the values provided do not match the current values"),
        ({"ResourceRecords": [{"Value": "192.0.2.9"}]}, "the values provided do not match the current values"),
        ({"Name": f"other.{NAME}"}, "but it was not found"),
        ({"Type": "TXT", "ResourceRecords": [{"Value": '"a"'}]}, "but it was not found"),
    ],
)
def test_a_deletion_names_the_record_exactly_as_it_is(send: Send, differs: Json, said: str) -> None:
    send(("CREATE", {}))
    with pytest.raises(ClientError, match=f"InvalidChangeBatch.*{said}"):
        send(("DELETE", differs))


def test_a_batch_of_which_one_change_is_refused_changes_nothing(send: Send, route53: Any, aws: Json) -> None:
    send(("CREATE", {}))
    with pytest.raises(ClientError, match="InvalidChangeBatch"):
        send(("DELETE", {}), ("DELETE", {}))
    assert values(route53, aws) == ["192.0.2.1"]


def test_a_record_is_replaced_in_one_batch_as_often_as_wanted(send: Send, route53: Any, aws: Json) -> None:
    other = {"ResourceRecords": [{"Value": "192.0.2.2"}]}
    send(("CREATE", {}))
    for _time in range(2):
        send(("DELETE", {}), ("CREATE", other))
        assert values(route53, aws) == ["192.0.2.2"]
        send(("DELETE", other), ("CREATE", {}))
    assert values(route53, aws) == ["192.0.2.1"]


def test_a_record_that_is_there_is_not_created(send: Send) -> None:
    send(("CREATE", {}))
    with pytest.raises(ClientError, match="but it already exists"):
        send(("CREATE", {"TTL": 60}))


def test_only_the_weighted_record_of_that_name_and_identifier_is_deleted(send: Send, route53: Any, aws: Json) -> None:
    same_identifier = weighted("blue", Name=f"other.{NAME}")
    send(("CREATE", weighted("blue")), ("CREATE", same_identifier), ("CREATE", weighted("green")))
    send(("DELETE", weighted("green")), ("DELETE", same_identifier))
    assert values(route53, aws) == ["192.0.2.1"]


def test_a_simple_record_is_not_created_beside_weighted_ones(send: Send) -> None:
    send(("CREATE", weighted("blue")))
    with pytest.raises(ClientError, match="cannot be created as other RRSets exist"):
        send(("CREATE", {}))


def test_a_change_is_pending_before_the_name_servers_have_it(send: Send, route53: Any) -> None:
    change = send(("CREATE", {}))["ChangeInfo"]["Id"]
    seen = [route53.get_change(Id=change)["ChangeInfo"]["Status"] for _time in range(2)]
    assert seen == ["PENDING", "INSYNC"]
