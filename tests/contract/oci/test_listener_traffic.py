# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Listeners and backends, seen by users of the site."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Attach,
    Json,
    LoadBalancerApi,
    PutRaw,
    Visit,
    eventually,
)

from lab.process import RunningLab

pytestmark = pytest.mark.usefixtures("plain_http")


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
    assert {visit(urls["http"]).headers["X-Served-By"] for _unused in range(4)} == {"app-1", "app-2"}


def test_a_drained_backend_gets_no_requests(api: LoadBalancerApi, urls: dict[str, str], visit: Visit) -> None:
    backend = api.get("/backendSets/app/backends")[0]
    api.put_backend(backend["name"], drain=True)
    assert len({visit(urls["http"]).headers["X-Served-By"] for _unused in range(4)}) == 1


@pytest.mark.parametrize("flag", ["drain", "offline"])
def test_without_a_backend_that_takes_new_users_they_get_502_though_all_run(
    api: LoadBalancerApi, urls: dict[str, str], visit: Visit, flag: str
) -> None:
    for backend in api.get("/backendSets/app/backends"):
        api.put_backend(backend["name"], **{flag: True})
    assert visit(urls["http"]).status_code == 502


def test_an_offline_backend_gets_no_requests(api: LoadBalancerApi, urls: dict[str, str], visit: Visit) -> None:
    api.put_backend(api.get("/backendSets/app/backends")[0]["name"], offline=True)
    assert len({visit(urls["http"]).headers["X-Served-By"] for _unused in range(4)}) == 1


def test_users_are_served_while_one_backend_is_down(lab: RunningLab, urls: dict[str, str], visit: Visit) -> None:
    lab.control("POST", "/oci/backends/app-1", {"running": False})
    assert {visit(urls["http"]).headers["X-Served-By"] for _unused in range(4)} == {"app-2"}


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


def test_methods_that_are_not_allowed_get_405_and_the_allowed_ones(
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


TESTER = "http.request.headers[(i 'X-Tester')] eq 'yes'"


@pytest.mark.parametrize(
    ("condition", "headers", "status"),
    [
        (TESTER, {"x-tester": "yes"}, 503),
        (TESTER, {"x-tester": "Yes"}, 200),
        (TESTER, {}, 200),
        ("any(http.request.headers[(i 'x-tester')] eq (i 'yes'))", {"X-Tester": "YES"}, 503),
        ("http.request.cookies['tester'] = 'yes'", {"Cookie": "a=b; tester=yes"}, 503),
        ("(i 'x-tester') in (http.request.headers)", {"X-Tester": ""}, 503),
        ("'tester' not in (http.request.cookies)", {"Cookie": "tester=yes"}, 200),
        (f"all({TESTER}, http.request.url.path sw '/shop')", {"X-Tester": "yes"}, 503),
        (f"all({TESTER}, http.request.url.path not sw '/shop')", {"X-Tester": "yes"}, 200),
        ("not any(http.request.url.path ew '/cart', http.request.url.query['a'] neq '1')", {}, 503),
    ],
)
def test_the_first_rule_of_a_routing_policy_that_matches_chooses_the_backend_set(
    api: LoadBalancerApi, urls: dict[str, str], visit: Visit, condition: str, headers: dict[str, str], status: int
) -> None:
    def rule(name: str, condition: str, backend_set: str) -> Json:
        actions = [{"name": "FORWARD_TO_BACKENDSET", "backendSetName": backend_set}]
        return {"name": name, "condition": condition, "actions": actions}

    rules = [rule("wanted", condition, "maintenance-page"), rule("later", TESTER, "app")]
    api.change("POST", "/routingPolicies", {"name": "policy", "conditionLanguageVersion": "V1", "rules": rules})
    api.put_listener(routingPolicyName="policy")
    assert visit(f"{urls['http']}/shop?a=1", headers=headers).status_code == status


def test_a_listener_whose_default_backend_set_is_swapped_answers_by_the_other_one_at_once(
    api: LoadBalancerApi, urls: dict[str, str], visit: Visit
) -> None:
    assert visit(urls["http"]).status_code == 200
    api.put_listener(defaultBackendSetName="maintenance-page")
    assert visit(urls["http"]).status_code == 503


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


@pytest.fixture
def served_by(api: LoadBalancerApi, put_raw: PutRaw) -> Callable[..., None]:
    """Give the backend set ``app`` other backends, by port, and other fields."""

    def put(*ports: int, **fields: object) -> None:
        backend_sets = api.get()["backendSets"]
        checker = backend_sets["app"]["healthChecker"] | {"protocol": "TCP"}
        backends = [{"ipAddress": "127.0.0.1", "port": port} for port in ports]
        backend_sets["app"] |= {"healthChecker": checker, "backends": backends, **fields}
        put_raw(backendSets=backend_sets)

    return put


@pytest.fixture
def ports(api: LoadBalancerApi) -> list[int]:
    """Ports of the backends of the backend set ``app``."""
    return [backend["port"] for backend in api.get("/backendSets/app/backends")]


def test_a_backend_that_fails_its_health_check_gets_no_requests(
    served_by: Callable[..., None], ports: list[int], urls: dict[str, str], visit: Visit
) -> None:
    checker = {"protocol": "HTTP", "urlPath": "/health", "returnCode": 204, "intervalInMillis": 100, "retries": 1}
    served_by(*ports, healthChecker=checker)
    eventually(lambda: visit(urls["http"]).status_code, lambda status: status == 502)


def test_a_backup_serves_only_while_nobody_else_can(
    api: LoadBalancerApi, lab: RunningLab, urls: dict[str, str], visit: Visit, ports: list[int]
) -> None:
    api.put_backend(f"127.0.0.1:{ports[1]}", backup=True)
    assert {visit(urls["http"]).headers["X-Served-By"] for _unused in range(4)} == {"app-1"}
    lab.control("POST", "/oci/backends/app-1", {"running": False})
    eventually(lambda: visit(urls["http"]).headers.get("X-Served-By"), lambda server: server == "app-2")


@pytest.mark.parametrize(("policy", "backends"), [("IP_HASH", 1), ("ROUND_ROBIN", 2), ("LEAST_CONNECTIONS", 1)])
def test_a_policy_spreads_one_clients_requests_one_after_the_other(
    served_by: Callable[..., None], ports: list[int], urls: dict[str, str], visit: Visit, policy: str, backends: int
) -> None:
    served_by(*ports, policy=policy)
    assert len({visit(urls["http"]).headers["X-Served-By"] for _unused in range(4)}) == backends


def test_weights_share_out_the_requests(
    api: LoadBalancerApi, urls: dict[str, str], visit: Visit, ports: list[int]
) -> None:
    api.put_backend(f"127.0.0.1:{ports[0]}", weight=3)
    servers = [visit(urls["http"]).headers["X-Served-By"] for _unused in range(8)]
    assert (servers.count("app-1"), servers.count("app-2")) == (6, 2)


def test_a_backend_set_with_ssl_speaks_tls_to_its_backends(
    served_by: Callable[..., None], api: LoadBalancerApi, put_raw: PutRaw, urls: dict[str, str], visit: Visit
) -> None:
    # The listener https is a server with TLS itself; from now on it has the original backends in a set of its own.
    backend_sets = api.get()["backendSets"]
    listeners = api.get()["listeners"]
    listeners["https"]["defaultBackendSetName"] = "behind"
    put_raw(listeners=listeners, backendSets=backend_sets | {"behind": backend_sets["app"] | {"name": "behind"}})
    served_by(listeners["https"]["port"], sslConfiguration={"certificateName": "checkout"})
    assert headers_at_backend(visit, urls["http"])["X-Forwarded-Proto"] == "https"


class Misbehaving(socketserver.BaseRequestHandler):
    """A backend that answers with something, or not at all, and goes away."""

    answer = b""
    seconds = 0.0

    def handle(self) -> None:
        """Read a request, answer, hang up."""
        self.request.recv(65536)
        time.sleep(self.seconds)
        self.request.sendall(self.answer)


@pytest.fixture
def misbehaving(served_by: Callable[..., None]) -> Iterator[type[Misbehaving]]:
    """The only backend; a test sets how it misbehaves."""

    class Backend(Misbehaving):
        """Settings of one test."""

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Backend) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        served_by(server.server_address[1])
        yield Backend
        server.shutdown()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_users_get_502_when_the_backend_hangs_up(
    misbehaving: type[Misbehaving], urls: dict[str, str], visit: Visit, method: str
) -> None:
    misbehaving.answer = b""
    assert visit(urls["http"], method=method).status_code == 502


def test_users_get_504_when_the_backend_is_silent_for_the_idle_timeout(
    misbehaving: type[Misbehaving], api: LoadBalancerApi, urls: dict[str, str], visit: Visit
) -> None:
    misbehaving.seconds = 3
    api.put_listener(connectionConfiguration={"idleTimeout": 1})
    assert visit(urls["http"]).status_code == 504


def test_users_notice_when_the_backend_hangs_up_within_its_answer(
    misbehaving: type[Misbehaving], urls: dict[str, str], visit: Visit
) -> None:
    misbehaving.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    with pytest.raises(requests.exceptions.RequestException):
        visit(urls["http"])
