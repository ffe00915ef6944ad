# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One lab for all contract tests of its AWS part, as good as new for each; boto3 and DNS clients that talk to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import dns.message
import dns.query
import dns.rdatatype
import pytest
from ansible_collections.tidegate.failover.tests.contract import waiting
from botocore.config import Config
from botocore.exceptions import ClientError
from dns.message import Message

from lab.process import RunningLab, running_lab

Eventually = Callable[[Callable[[], Any]], Any]
Refusal = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), "--parts", "aws") as lab:
        yield lab


@pytest.fixture
def lab(running: RunningLab) -> RunningLab:
    running.reset()
    return running


@pytest.fixture
def aws(lab: RunningLab) -> dict[str, Any]:
    info: dict[str, Any] = lab.info["aws"]
    return info


@pytest.fixture
def client(aws: dict[str, Any]) -> Callable[..., Any]:
    """Makes boto3 clients that neither retry nor validate, so that a test sees the service's own answer."""

    def make(service: str, **overrides: Any) -> Any:
        settings = {
            "endpoint_url": aws["endpoint_url"],
            "region_name": aws["region"],
            "aws_access_key_id": aws["access_key"],
            "aws_secret_access_key": aws["secret_key"],
            "config": Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        }
        return boto3.client(service, **settings | overrides)

    return make


@pytest.fixture
def refusal() -> Refusal:
    """Makes a call that the service must refuse, and returns HTTP status and error code of the refusal."""

    def refused(call: Callable[..., Any], **parameters: Any) -> tuple[int, str]:
        with pytest.raises(ClientError) as error:
            call(**parameters)
        answer = error.value.response
        assert answer["ResponseMetadata"]["RequestId"]
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]

    return refused


@pytest.fixture
def route53(client: Callable[..., Any]) -> Any:
    return client("route53")


@pytest.fixture
def cloudwatch(client: Callable[..., Any]) -> Any:
    return client("cloudwatch")


@pytest.fixture
def sns(client: Callable[..., Any]) -> Any:
    return client("sns")


@pytest.fixture
def sqs(client: Callable[..., Any]) -> Any:
    return client("sqs")


@pytest.fixture
def primary(aws: dict[str, Any]) -> str:
    """Id of the health check of the primary site."""
    check_id: str = aws["health_checks"]["primary"]
    return check_id


@pytest.fixture
def create(route53: Any, aws: dict[str, Any]) -> Callable[..., str]:
    """Creates a health check, of the primary site by default, and returns its id."""
    site = aws["sites"]["primary"]
    made: list[str] = []

    def make(**config: Any) -> str:
        defaults: dict[str, Any] = {"Type": "HTTP", "IPAddress": site["address"], "Port": site["port"]}
        defaults |= {"ResourcePath": "/lb-check", "RequestInterval": 10, "FailureThreshold": 1}
        reference = f"test-{len(made)}"
        chosen = config if config.pop("bare", False) else defaults | config
        check = route53.create_health_check(CallerReference=reference, HealthCheckConfig=chosen)["HealthCheck"]
        made.append(check["Id"])
        return made[-1]

    return make


@pytest.fixture
def config_of(route53: Any) -> Callable[[str], dict[str, Any]]:
    def read(check_id: str) -> dict[str, Any]:
        config: dict[str, Any] = route53.get_health_check(HealthCheckId=check_id)["HealthCheck"]["HealthCheckConfig"]
        return config

    return read


@pytest.fixture
def eventually() -> Eventually:
    """Waits until a condition holds, and returns what it returned."""

    return waiting.eventually


@pytest.fixture
def query(aws: dict[str, Any]) -> Callable[..., Message]:
    """Asks the lab's name server."""

    def ask(name: str = "", record_type: str = "A", send: Any = dns.query.udp) -> Message:
        question = dns.message.make_query(name or aws["record"]["name"], record_type)
        reply: Message = send(question, aws["dns"]["host"], port=aws["dns"]["port"], timeout=5)
        return reply

    return ask


@pytest.fixture
def resolve(query: Callable[..., Message]) -> Callable[..., list[str]]:
    """The addresses, or other data, that DNS answers with, sorted."""

    def values(name: str = "", record_type: str = "A") -> list[str]:
        wanted = dns.rdatatype.from_text(record_type)
        return sorted(
            str(item) for rrset in query(name, record_type).answer if rrset.rdtype == wanted for item in rrset
        )

    return values


@pytest.fixture
def set_site(lab: RunningLab) -> Callable[..., None]:
    """Changes a site: set_site("primary", running=False) or set_site("primary", behaviour="redirect")."""

    def change(name: str, **state: Any) -> None:
        lab.control("PUT", f"/aws/sites/{name}", state)

    return change


@pytest.fixture
def is_healthy(lab: RunningLab) -> Callable[[str], bool]:
    """The verdict on a health check, as the lab's DNS server has it."""

    def ask(check_id: str) -> bool:
        verdict: bool = lab.control("GET", f"/aws/health-checks/{check_id}")["Healthy"]
        return verdict

    return ask


@pytest.fixture
def statuses(route53: Any) -> Callable[[str], list[str]]:
    """What each checker of a health check saw last, in words."""

    def read(check_id: str) -> list[str]:
        observations = route53.get_health_check_status(HealthCheckId=check_id)["HealthCheckObservations"]
        return [observation["StatusReport"]["Status"] for observation in observations]

    return read
