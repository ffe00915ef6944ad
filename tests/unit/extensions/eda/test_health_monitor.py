# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How health follows from probes, and what the probes observe; over real HTTP, with the real SDKs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from aiohttp import web
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_source import health_monitor
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_source.health_monitor import (
    Health,
    Seen,
    counted,
)
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import Json
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.sources import (
    DEADLINE_SECONDS,
    running,
    until,
)
from moto.server import ThreadedMotoServer

from lab.parts import Options, build_lab
from lab.ports import free_port
from lab.servers import Server

QUICK = {"interval": 0.02, "timeout": 1, "unhealthy_threshold": 2, "healthy_threshold": 2}
WORDS = {"h": "healthy", "d": "degraded", "u": "unhealthy", "?": "unknown"}


@pytest.mark.parametrize(
    ("probes", "states"),
    [
        ("hhh", "??h"),
        ("uu", "?u"),
        ("hhhu", "??hh"),
        ("hhhuu", "??hhu"),
        ("hhhuhuhu", "??hhhhhh"),
        ("uuhhuhhh", "?uuuuuuh"),
        ("hhhudud", "??hhddd"),
        ("hhhuduu", "??hhddu"),
        ("hhhdd", "??hhd"),
        ("hhh?u?u", "??hhhhh"),
        ("hhh??", "??hh?"),
        ("uu??uu", "?uu?" + "?u"),
        ("????", "????"),
    ],
)
def test_a_state_takes_as_many_probes_in_a_row_as_its_threshold(probes: str, states: str) -> None:
    health, seen = Health(unhealthy_threshold=2, healthy_threshold=3), []
    for probe in probes:
        health.note(WORDS[probe])
        seen.append(health.state)
    assert seen == [WORDS[state] for state in states]


def test_only_changes_are_reported() -> None:
    health = Health(1, 1)
    assert [health.note(WORDS[probe]) for probe in "hhuuh?"] == [True, False, True, False, True, True]


@pytest.mark.parametrize(
    ("healthy", "unhealthy", "total", "health"),
    [(2, 0, 2, "healthy"), (1, 1, 2, "degraded"), (0, 2, 2, "unhealthy"), (0, 1, 2, "unknown"), (0, 0, 0, "unknown")],
)
def test_a_group_is_judged_by_how_many_members_are_healthy(
    healthy: int, unhealthy: int, total: int, health: str
) -> None:
    assert counted(healthy, unhealthy, total, "targets").health == health


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"targets": []}, "targets must be a list"),
        ({"targets": [{"name": "a"}]}, "must have exactly one of http"),
        ({"targets": [{"name": "a", "tcp": {}, "http": {}}]}, "it has 2"),
        ({"targets": [{"name": "a", "http": {"uri": "x"}}]}, "no option uri"),
        ({"targets": [{"name": "a", "http": {"statuses": [1]}}]}, "url must be a str"),
        ({"targets": [{"name": "a", "tcp": {"host": "x", "port": "5"}}]}, "port must be a int"),
        ({"targets": [{"name": "a", "tcp": {"host": "x", "port": 5}}] * 2}, "have the same name"),
        ({"threshold": 3}, "no option threshold"),
        ({"healthy_threshold": 0}, "healthy_threshold is 0"),
        ({"interval": "often"}, "interval is 'often'"),
    ],
)
async def test_options_that_cannot_work_are_reported(change: dict[str, Any], reported: str) -> None:
    given = {"targets": [{"name": "a", "tcp": {"host": "127.0.0.1", "port": 5}}]} | change
    with pytest.raises(ValueError, match=reported):
        await asyncio.wait_for(health_monitor.main(asyncio.Queue(), given), DEADLINE_SECONDS)


class Site:
    """An endpoint that answers as it is set."""

    def __init__(self) -> None:
        self.status = 200
        self.seconds = 0.0
        self.asked = 0
        self.endless = False
        self.headers = {"Location": "/"}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        await asyncio.sleep(self.seconds)
        if self.endless:
            return await self._without_end(request)
        return web.Response(status=self.status, headers=self.headers, body=b"well")

    async def _without_end(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while request.transport is not None:
            await answer.write(b" " * 1000)
            await asyncio.sleep(0)
        return answer


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, str]]:
    made = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.answer)
    server = Server(app)
    port = await server.start()
    yield made, f"http://127.0.0.1:{port}/lb-check"
    await server.stop()


async def reported(events: asyncio.Queue[Json]) -> Json:
    """The content of the next event."""
    event = await asyncio.wait_for(events.get(), DEADLINE_SECONDS)
    monitor: Json = event["monitor"]
    return monitor


async def test_each_change_of_an_endpoint_is_reported_once(site: tuple[Site, str]) -> None:
    endpoint, url = site
    targets = [{"name": "checkout primary", "service": "checkout", "http": {"url": url}}]
    events: asyncio.Queue[Json] = asyncio.Queue()
    async with running(health_monitor.main, events, {"targets": targets, **QUICK}):
        first = await reported(events)
        endpoint.status = 302
        second = await reported(events)
        asked = endpoint.asked
        await until(lambda: endpoint.asked > asked + 5)
        assert events.empty()
    assert (first["target"], first["service"]) == ("checkout primary", "checkout")
    assert [first["previous"], first["state"], second["previous"], second["state"]] == [
        "unknown",
        "healthy",
        "healthy",
        "unhealthy",
    ]
    assert second["observed"] == "answers 302"


async def test_targets_do_not_wait_for_each_other(site: tuple[Site, str]) -> None:
    endpoint, url = site
    endpoint.seconds = 60
    slow = {"name": "slow", "http": {"url": url}}
    dead = {"name": "dead", "tcp": {"host": "127.0.0.1", "port": free_port()}, "interval": 0.01}
    events: asyncio.Queue[Json] = asyncio.Queue()
    async with running(health_monitor.main, events, {"targets": [slow, dead], **QUICK, "timeout": DEADLINE_SECONDS}):
        assert ((await reported(events))["target"], endpoint.asked) in {("dead", 0), ("dead", 1)}


async def look(kind: str, **given: Any) -> Seen:
    """One probe, in the time that ``patience`` gives it."""
    target = health_monitor._target_from({"name": "a", kind: given}, 1, given.pop("patience", 2))
    return await asyncio.wait_for(asyncio.ensure_future(target.look()), DEADLINE_SECONDS)


async def test_a_slow_endpoint_is_degraded(site: tuple[Site, str]) -> None:
    endpoint, url = site
    endpoint.seconds = 0.2
    assert (await look("http", url=url, degraded_after=0.1)).health == "degraded"
    assert (await look("http", url=url)).health == "healthy"
    assert (await look("http", patience=0.05, url=url)).how == "no answer: TimeoutError"


async def test_other_statuses_may_be_healthy(site: tuple[Site, str]) -> None:
    endpoint, url = site
    endpoint.status = 401
    assert (await look("http", url=url, statuses=[200, 401])).health == "healthy"


async def test_an_endless_answer_is_read_up_to_the_limit(
    site: tuple[Site, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_monitor, "MOST_ANSWER_BYTES", 1000)
    endpoint, url = site
    endpoint.endless = True
    assert (await look("http", url=url, patience=DEADLINE_SECONDS)).health == "healthy"


async def test_an_answer_is_not_inflated(site: tuple[Site, str]) -> None:
    endpoint, url = site
    endpoint.headers = {"Content-Encoding": "gzip"}
    assert (await look("http", url=url)).health == "healthy"


async def test_an_endpoint_that_does_not_answer_is_unhealthy() -> None:
    port = free_port()
    assert (await look("http", url=f"http://127.0.0.1:{port}/")).health == "unhealthy"
    assert (await look("tcp", host="127.0.0.1", port=port)).health == "unhealthy"


async def test_a_port_that_accepts_connections_is_healthy(site: tuple[Site, str]) -> None:
    port = int(site[1].split(":")[2].split("/")[0])
    assert (await look("tcp", host="127.0.0.1", port=port)).health == "healthy"


@pytest.fixture(scope="module")
def aws() -> Iterator[dict[str, str]]:
    """How to reach an AWS in memory."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield {"endpoint_url": f"http://{host}:{port}", "region": "us-east-1"}
    moto.stop()


@pytest.fixture
def client(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes clients of that AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    return lambda service: boto3.client(service, endpoint_url=aws["endpoint_url"], region_name=aws["region"])


async def test_an_instance_is_healthy_while_it_runs(client: Any, aws: dict[str, str]) -> None:
    ec2 = client("ec2")
    instance = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    assert (await look("ec2_instance", id=instance, **aws)).health == "healthy"
    ec2.stop_instances(InstanceIds=[instance])
    assert (await look("ec2_instance", id=instance, **aws)).health == "unhealthy"


async def test_a_database_is_healthy_while_it_can_be_used(client: Any, aws: dict[str, str]) -> None:
    rds = client("rds")
    rds.create_db_instance(DBInstanceIdentifier="checkout", DBInstanceClass="db.t3.micro", Engine="postgres")
    assert await look("rds_instance", id="checkout", **aws) == Seen("healthy", "it is available")
    rds.stop_db_instance(DBInstanceIdentifier="checkout")
    assert (await look("rds_instance", id="checkout", **aws)).health == "unhealthy"


async def test_a_target_group_is_judged_by_its_targets(client: Any, aws: dict[str, str]) -> None:
    elb, ec2 = client("elbv2"), client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = elb.create_target_group(Name="app", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    arn = made["TargetGroupArn"]
    assert (await look("target_group", arn=arn, **aws)).health == "unknown"
    instance = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance}])
    assert (await look("target_group", arn=arn, **aws)).health == "healthy"


@pytest.mark.parametrize("kind", ["ec2_instance", "rds_instance"])
async def test_i7_what_does_not_exist_is_unknown(client: Any, aws: dict[str, str], kind: str) -> None:
    assert (await look(kind, id="i-0123456789abcdef0", **aws)).health == "unknown"


async def test_i7_an_api_that_does_not_answer_leaves_things_unknown(client: Any) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    seen = await look("rds_instance", id="checkout", endpoint_url=nowhere, region="us-east-1")
    assert seen == Seen("unknown", "it cannot be found out: EndpointConnectionError")


async def test_a_backend_set_is_judged_by_its_backends(tmp_path: Path) -> None:
    async with build_lab(tmp_path, Options(parts=["oci"])) as lab:
        oci = lab.info["oci"]
        checkout = oci["load_balancers"]["checkout"]
        given = {
            "load_balancer_id": checkout["id"],
            "name": checkout["backend_set"],
            "config_file": oci["config_file"],
            "service_endpoint": oci["endpoint"],
        }
        assert (await look("oci_backend_set", **given)).health == "healthy"
        assert (await look("oci_backend_set", **given | {"name": "other"})).health == "unknown"
        assert (await look("oci_backend_set", **given | {"config_file": str(tmp_path / "none")})).health == "unknown"
