# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Routes, destinations and metadata, as cloud_controller_ng documents and answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from lab.process import RunningLab

Call = Callable[..., requests.Response]
Info = dict[str, Any]


def to(info: Info, app: str, **more: Any) -> Info:
    return {"app": {"guid": info["guids"][f"app {app}"]}, **more}


def error(answer: requests.Response) -> tuple[int, int, str]:
    first = answer.json()["errors"][0]
    return answer.status_code, first["code"], first["title"]


def replace(
    call: Call, info: Info, *destinations: Info, user: str = "developer", route: str = "shop"
) -> requests.Response:
    path = f"/v3/routes/{info['guids'][f'route {route}']}/destinations"
    return call("PATCH", path, user=user, json={"destinations": list(destinations)})


def test_a_replace_keeps_the_guids_of_what_stays(call: Call, info: Info) -> None:
    before = {one["guid"] for one in call("GET", f"/v3/routes/{info['route']}").json()["destinations"]}
    answer = replace(call, info, to(info, "shop"), to(info, "stopped"))
    after = {one["guid"] for one in answer.json()["destinations"]}
    assert (answer.status_code, len(before & after), len(after)) == (200, 1, 2)


def test_an_empty_replace_leaves_a_route_that_leads_nowhere(call: Call, info: Info, visit: Call) -> None:
    assert replace(call, info).json()["destinations"] == []
    assert visit(info["route_url"]).status_code == 503


def test_defaults_are_filled_in(call: Call, info: Info) -> None:
    (shown,) = replace(call, info, to(info, "shop")).json()["destinations"]
    assert (shown["app"]["process"]["type"], shown["port"], shown["protocol"], shown["weight"]) == (
        "web",
        8080,
        "http1",
        None,
    )


@pytest.mark.parametrize(
    ("wrong", "reported"),
    [
        ({"port": 80}, "between 1024 and 65535"),
        ({"weight": 101}, "between 1 and 100"),
        ({"weight": 50}, "sum to 100"),
        ({"protocol": "tcp"}, "valid options are: [http1, http2]"),
        ({"colour": "red"}, 'must have only "app"'),
        ({"app": {}}, "app must have the structure"),
    ],
)
def test_what_no_destination_can_be_is_refused(call: Call, info: Info, wrong: Info, reported: str) -> None:
    answer = replace(call, info, to(info, "shop") | wrong)
    assert error(answer) == (422, 10008, "CF-UnprocessableEntity")
    assert reported in answer.json()["errors"][0]["detail"]


def test_a_refused_replace_changes_nothing(call: Call, info: Info, lab: RunningLab) -> None:
    before = lab.control("GET", f"/cloudfoundry/routes/{info['route']}")
    assert replace(call, info, to(info, "shop"), to(info, "elsewhere")).status_code == 422
    assert lab.control("GET", f"/cloudfoundry/routes/{info['route']}") == before


def test_an_app_in_a_space_that_the_route_is_shared_with_may_be_mapped(call: Call, info: Info) -> None:
    assert replace(call, info, to(info, "elsewhere"), route="shared").status_code == 200


def test_an_app_that_the_user_cannot_read_may_not_be_mapped(call: Call, info: Info) -> None:
    answer = replace(call, info, to(info, "elsewhere"), route="shared", user="supporter")
    assert "you do not have access" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("user", "status"),
    [("developer", 200), ("supporter", 200), ("admin", 200), ("auditor", 403), ("reader", 403), ("stranger", 404)],
)
def test_who_may_replace_destinations(call: Call, info: Info, user: str, status: int) -> None:
    assert replace(call, info, to(info, "shop"), user=user).status_code == status


def test_in_a_suspended_organization_only_an_administrator_may(call: Call, info: Info, lab: RunningLab) -> None:
    lab.control("PUT", "/cloudfoundry/organization", {"suspended": True})
    assert error(replace(call, info)) == (403, 10017, "CF-OrgSuspended")
    assert replace(call, info, user="admin").status_code == 200


def annotate(call: Call, info: Info, **annotations: str | None) -> requests.Response:
    body = {"metadata": {"annotations": {key.replace("__", "/"): value for key, value in annotations.items()}}}
    return call("PATCH", f"/v3/routes/{info['route']}", json=body)


def test_annotations_are_merged_and_null_removes_one(call: Call, info: Info) -> None:
    annotate(call, info, one="1", two="2")
    assert annotate(call, info, one=None, three="3").json()["metadata"]["annotations"] == {"two": "2", "three": "3"}


@pytest.mark.parametrize(
    ("key", "value", "reported"),
    [
        ("long", "x" * 5001, "greater than 5000 characters"),
        ("k" * 64, "1", "greater than 63 characters"),
        ("cloudfoundry.org__key", "1", "reserved"),
        ("nodots__key", "1", "valid dns format"),
        ("-key", "1", "starts or ends with invalid characters"),
    ],
)
def test_annotations_have_limits(call: Call, info: Info, key: str, value: str, reported: str) -> None:
    answer = annotate(call, info, **{key: value})
    assert error(answer) == (422, 10008, "CF-UnprocessableEntity")
    assert reported in answer.json()["errors"][0]["detail"]


def test_an_annotation_of_5000_characters_fits(call: Call, info: Info) -> None:
    assert annotate(call, info, long="\u20ac" * 5000).status_code == 200


def test_more_annotations_than_the_platform_allows_are_refused_together(
    call: Call, info: Info, lab: RunningLab
) -> None:
    lab.control("PATCH", "/cloudfoundry/settings", {"max_annotations": 2})
    answer = annotate(call, info, one="1", two="2", three="3")
    assert error(answer) == (422, 390023, "CF-AnnotationLimitExceeded")
    assert call("GET", f"/v3/routes/{info['route']}").json()["metadata"]["annotations"] == {}


def test_audit_events_show_what_a_replace_removed(call: Call, info: Info) -> None:
    known = call("GET", f"/v3/routes/{info['guids']['route image']}").json()["destinations"][0]
    replace(call, info, route="image")
    newest = call("GET", "/v3/audit_events?types=audit.app.unmap-route&order_by=-created_at").json()["resources"][0]
    assert (newest["data"]["destination_guid"], newest["data"]["app_port"], known["port"]) == (known["guid"], -1, 5000)
    assert newest["actor"]["guid"] == info["users"]["developer"]["guid"]


def test_lists_come_in_pages(call: Call, info: Info) -> None:
    first = call("GET", "/v3/routes?per_page=2").json()
    second = call("GET", "/v3/routes?per_page=2&page=2").json()
    assert (first["pagination"]["total_results"], len(first["resources"])) == (7, 2)
    assert first["pagination"]["next"]["href"].startswith(f"{info['api_url']}/v3/routes?page=2")
    assert first["resources"] != second["resources"]


@pytest.mark.parametrize("query", ["per_page=0", "per_page=5001", "colour=red"])
def test_queries_that_mean_nothing_are_refused(call: Call, query: str) -> None:
    assert error(call("GET", f"/v3/routes?{query}")) == (400, 10005, "CF-BadQueryParameter")


def test_an_empty_filter_means_the_empty_value(call: Call) -> None:
    assert [one["url"] for one in call("GET", "/v3/routes?hosts=").json()["resources"]] == ["tcp.example.com:1024"]


def test_a_body_that_is_no_json_is_refused(call: Call, info: Info) -> None:
    answer = call("PATCH", f"/v3/routes/{info['route']}", data="{")
    assert error(answer) == (400, 1001, "CF-MessageParseError")


def test_requests_are_limited_by_user(call: Call, lab: RunningLab) -> None:
    lab.control("PATCH", "/cloudfoundry/settings", {"requests": 1})
    assert call("GET", "/v3/routes").headers["X-RateLimit-Remaining"] == "0"
    refused = call("GET", "/v3/routes")
    assert error(refused) == (429, 10013, "CF-RateLimitExceeded")
    assert int(refused.headers["Retry-After"]) > 0
    assert call("GET", "/v3/routes", user="auditor").status_code == 200


def test_the_port_of_a_route_opens_with_the_next_start_of_the_app(call: Call, info: Info, lab: RunningLab) -> None:
    replace(call, info, to(info, "shop", port=9000))
    path = f"/v3/apps/{info['guids']['app shop']}/processes/web/stats"

    def opened() -> list[int]:
        return [one["internal"] for one in call("GET", path).json()["resources"][0]["instance_ports"]]

    before = opened()
    for running in (False, True):
        lab.control("PUT", "/cloudfoundry/apps/shop", {"running": running})
    assert (before, opened()) == ([8080], [9000])
