# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Listeners and backends, seen by users of the site."""

from __future__ import annotations

import socket
import ssl

import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Attach,
    Json,
    LoadBalancerApi,
    Visit,
    eventually,
)

from lab.process import RunningLab


def headers_at_backend(visit: Visit, url: str, **options: object) -> dict[str, str]:
    return dict(visit(f"{url}/echo", **options).json()["headers"])


@pytest.fixture
def ruled(api: LoadBalancerApi) -> Attach:
    """Attach one rule set to the listener ``http``."""

    def attach(*rules: Json) -> None:
        api.change("POST", "/ruleSets", {"name": "rules", "items": list(rules)})
        assert api.put_listener(ruleSetNames=["rules"])["lifecycleState"] == "SUCCEEDED"

    return attach


def test_a_request_reaches_a_backend_as_it_was_sent(urls: dict[str, str], visit: Visit) -> None:
    url = f"{urls['http']}/echo/a%2Fb?x=1&x=2"
    seen = visit(url, method="POST", data="body", headers={"X-Custom": "yes", "Host": "shop.example.com"}).json()
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/echo/a%2Fb?x=1&x=2", "body")
    assert ["X-Custom", "yes"] in seen["headers"]
    assert ["Host", "shop.example.com"] in seen["headers"]


def test_a_backend_learns_who_asked_for_what(urls: dict[str, str], visit: Visit) -> None:
    seen = headers_at_backend(visit, urls["https"], headers={"X-Forwarded-For": "192.0.2.7"})
    assert seen["X-Forwarded-For"] == "192.0.2.7, 127.0.0.1"
    assert seen["X-Forwarded-Proto"] == "https"
    assert seen["X-Forwarded-Port"] == urls["https"].rpartition(":")[2]


def test_round_robin_uses_every_backend(urls: dict[str, str], visit: Visit) -> None:
    assert {visit(urls["http"]).headers["X-Served-By"] for _ in range(4)} == {"app-1", "app-2"}


def test_a_drained_backend_gets_no_requests(api: LoadBalancerApi, urls: dict[str, str], visit: Visit) -> None:
    backend = api.get("/backendSets/app/backends")[0]
    api.change("PUT", f"/backendSets/app/backends/{backend['name']}", {"drain": True})
    assert len({visit(urls["http"]).headers["X-Served-By"] for _ in range(4)}) == 1


def test_users_are_served_while_one_backend_is_down(lab: RunningLab, urls: dict[str, str], visit: Visit) -> None:
    lab.control("POST", "/oci/backends/app-1", {"running": False})
    assert {visit(urls["http"]).headers["X-Served-By"] for _ in range(4)} == {"app-2"}


def test_without_a_backend_users_get_502_until_one_is_back(lab: RunningLab, urls: dict[str, str], visit: Visit) -> None:
    for name in ("app-1", "app-2"):
        lab.control("POST", f"/oci/backends/{name}", {"running": False})
    assert visit(urls["http"]).status_code == 502
    lab.control("POST", "/oci/backends/app-1", {"running": True})
    eventually(lambda: visit(urls["http"]).status_code, lambda status: status == 200)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_the_maintenance_page_answers_every_path_and_method(urls: dict[str, str], visit: Visit, method: str) -> None:
    page = visit(f"{urls['maintenance']}/any/path", method=method)
    assert (page.status_code, page.headers["Retry-After"], page.headers["Cache-Control"]) == (503, "120", "no-store")


def test_the_maintenance_page_is_json_for_programs(urls: dict[str, str], visit: Visit) -> None:
    page = visit(urls["maintenance"], headers={"Accept": "application/json"})
    assert page.json()["code"] == "MAINTENANCE"


def test_request_header_rules_change_what_the_backend_sees(ruled: Attach, urls: dict[str, str], visit: Visit) -> None:
    ruled(
        {"action": "ADD_HTTP_REQUEST_HEADER", "header": "X-Added", "value": "new"},
        {"action": "EXTEND_HTTP_REQUEST_HEADER_VALUE", "header": "X-Extended", "prefix": "<", "suffix": ">"},
        {"action": "REMOVE_HTTP_REQUEST_HEADER", "header": "X-Removed"},
    )
    seen = headers_at_backend(visit, urls["http"], headers={"X-Extended": "value", "X-Removed": "gone"})
    assert (seen["X-Added"], seen["X-Extended"], "X-Removed" in seen) == ("new", "<value>", False)


def test_response_header_rules_change_what_the_user_sees(ruled: Attach, urls: dict[str, str], visit: Visit) -> None:
    ruled(
        {"action": "ADD_HTTP_RESPONSE_HEADER", "header": "X-Added", "value": "new"},
        {"action": "REMOVE_HTTP_RESPONSE_HEADER", "header": "X-Served-By"},
    )
    seen = visit(urls["http"]).headers
    assert (seen["X-Added"], "X-Served-By" in seen) == ("new", False)


def test_methods_that_are_not_allowed_get_405_and_are_told_which_are(
    ruled: Attach, urls: dict[str, str], visit: Visit
) -> None:
    ruled({"action": "CONTROL_ACCESS_USING_HTTP_METHODS", "allowedMethods": ["GET", "HEAD"]})
    refused = visit(urls["http"], method="POST")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")
    assert visit(urls["http"]).status_code == 200


@pytest.mark.parametrize(("network", "status"), [("127.0.0.0/8", 200), ("192.0.2.0/24", 403)])
def test_an_allow_rule_keeps_everybody_else_out(
    ruled: Attach, urls: dict[str, str], visit: Visit, network: str, status: int
) -> None:
    condition = {"attributeName": "SOURCE_IP_ADDRESS", "attributeValue": network}
    ruled({"action": "ALLOW", "conditions": [condition]})
    assert visit(urls["http"]).status_code == status


def test_host_names_choose_between_the_listeners_of_a_port(
    api: LoadBalancerApi, urls: dict[str, str], visit: Visit
) -> None:
    api.change("POST", "/hostnames", {"name": "page", "hostname": "page.example.com"})
    details = api.listener() | {"name": "page", "hostnameNames": ["page"], "defaultBackendSetName": "maintenance-page"}
    api.change("POST", "/listeners", details)
    assert visit(urls["http"], headers={"Host": "page.example.com"}).status_code == 503
    assert visit(urls["http"], headers={"Host": "shop.example.com"}).status_code == 200


def test_path_routes_choose_the_backend_set(api: LoadBalancerApi, urls: dict[str, str], visit: Visit) -> None:
    match = {"matchType": "PREFIX_MATCH"}
    route = {"path": "/closed", "pathMatchType": match, "backendSetName": "maintenance-page"}
    api.change("POST", "/pathRouteSets", {"name": "routes", "pathRoutes": [route]})
    api.put_listener(pathRouteSetName="routes")
    assert [visit(urls["http"] + path).status_code for path in ("/Closed/door", "/open")] == [503, 200]


def test_a_tcp_listener_passes_bytes_on(api: LoadBalancerApi, urls: dict[str, str], visit: Visit) -> None:
    api.put_listener(protocol="TCP", connectionConfiguration={"idleTimeout": 300})
    seen = headers_at_backend(visit, urls["http"])
    assert "X-Forwarded-For" not in seen


def test_a_new_listener_serves_its_port_and_a_deleted_one_does_not(api: LoadBalancerApi, visit: Visit) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    api.change("POST", "/listeners", api.listener() | {"name": "second", "port": port})
    assert visit(f"http://127.0.0.1:{port}/").status_code == 200
    api.change("DELETE", "/listeners/second")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_tls_versions_of_a_listener_are_obeyed(
    api: LoadBalancerApi, lab: RunningLab, urls: dict[str, str], visit: Visit
) -> None:
    ssl_configuration = api.listener("https")["sslConfiguration"]
    api.put_listener("https", sslConfiguration=ssl_configuration | {"protocols": ["TLSv1.3"]})
    old = ssl.create_default_context(cafile=lab.info["oci"]["ca_file"])
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    port = int(urls["https"].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain, server_hostname="127.0.0.1")
    assert visit(urls["https"]).status_code == 200
