# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Keycloak's guides for Route 53, set up by the role aws_setup, and then verified as in the guides, and further.

The primary site stops: users get to the backup, and the primary's health check is pinned to /lb-check-failed-over. The
primary starts again: nobody gets there. An operator fails back: users do, and the health check has its path again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import dns.resolver
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.aws_setup_run import SetUp, fencing_variables
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account, lock_by_alarm
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import RunningRulebook, eventually, needs_java

from lab.ports import free_port
from lab.process import RunningLab

#: Seconds of the lab that are minutes to its checkers: enough for a site that answers to count as healthy.
_WHILE = 3
_TOPIC, _QUEUE = "checkout-failover", "checkout-failover"


class Chain:
    """A service that the guides' commands could have set up: aliases of the sites' own names, and one alarm."""

    def __init__(self, account: Account, playbooks: Playbooks) -> None:
        self.account, self._playbooks = account, playbooks
        self._zone, self._sites = account.info["zone"], account.info["sites"]
        self.name = str(fencing_variables(account)["aws_setup_record"])
        self.service: Json = fencing_variables(account) | {
            # As the guide has it, but for its threshold of 1: the backup would be unhealthy after one lost probe; where
            # both sites are, Route 53 answers with the primary, locked or not.
            "aws_setup_check_interval": 30,
            "aws_setup_sites": {site: self._site(name) for site, name in _NAMES.items()},
        }

    def _site(self, name: str) -> Json:
        own, address = f"{name}.{self.name}", self._sites[name]["address"]
        record = {"Name": own, "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": address}]}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        self.account.client("route53").change_resource_record_sets(HostedZoneId=self._zone["id"], ChangeBatch=batch)
        alias = {"answers": [own], "alias_zone_id": self._zone["id"], "alias_evaluate_target_health": True}
        return {**alias, "ip_address": address, "fqdn": own}

    def set_up(self, **options: Any) -> None:
        """Run the role."""
        self.service |= options
        SetUp(self._playbooks, self.service).succeeds()

    @property
    def topic(self) -> str:
        """The ARN of the topic that the role makes."""
        return f"arn:aws:sns:us-east-1:{self.account.info['account_id']}:{_TOPIC}"

    def check(self, site: str = "primary") -> Json:
        """The health check that the role has made for a site."""
        every = self.account.lab.control("GET", "/aws/health-checks")["health_checks"]
        return next(one for one in every if one["Tags"].get("Name") == f"checkout {site}")

    def seen(self, site: str = "primary") -> Json:
        """The same with the verdict of the checkers."""
        reported: Json = self.account.lab.control("GET", f"/aws/health-checks/{self.check(site)['Id']}")
        return reported

    def path(self) -> str:
        """The path that the checkers request from the primary site."""
        return str(self.check()["HealthCheckConfig"]["ResourcePath"])

    def leads_to(self, name: str) -> bool:
        """Whether users get to a site."""
        resolver, where = dns.resolver.Resolver(configure=False), self.account.info["dns"]
        resolver.nameservers, resolver.port = [where["host"]], where["port"]
        return [str(one) for one in resolver.resolve(self.name, "A")] == [self._sites[name]["address"]]

    def stays_out(self) -> None:
        """The primary site gets no traffic for a while, long enough for its checkers to see that it answers."""
        end = time.monotonic() + _WHILE
        while time.monotonic() < end:
            assert self.leads_to("backup")
            assert not self.seen()["Healthy"]

    def fail_back(self) -> None:
        """What the operator does when the sites are synchronised."""
        where = self.account.info["dns"]
        service = {
            "aws_auth": self.account.auth,
            "failover_health_check_ids": [self.check()["Id"]],
            "failover_records": [{"zone": self._zone["name"], "name": self.name, "type": "A"}],
            "failover_dns_servers": [f"{where['host']}:{where['port']}"],
            "failover_secondary_url": self._sites["backup"]["check_url"],
            "failback_gates": [{"name": "primary answers", "http": {"url": self._sites["primary"]["check_url"]}}],
            "failback_wait_timeout": 60,
        }
        inventory = self._playbooks.inventory({"checkout": service})
        # An alarm's lock belongs to no procedure's run, so a person first confirms that no run is in progress.
        for name, extra in (("acknowledge", {"acknowledge_reason": "the sites are synchronised"}), ("failback", {})):
            outcome = self._playbooks.run(name, inventory=inventory, extra=extra)
            assert outcome.returncode == 0, outcome.output


_NAMES = {"primary": "primary", "secondary": "backup"}
Listening = Callable[[Chain, Path], AbstractContextManager[Any]]


@contextmanager
def rulebook_at_queue(chain: Chain, home: Path) -> Iterator[RunningRulebook]:
    """The controller reads the queue that the role makes."""
    account = chain.account
    chain.set_up(aws_setup_delivery="sqs")
    url = account.client("sqs").get_queue_url(QueueName=_QUEUE)["QueueUrl"]
    variables = {
        "sqs_queue_url": url,
        "sqs_topics": [chain.topic],
        "sqs_endpoint_url": account.info["endpoint_url"],
        "sqs_region": "us-east-1",
        "sqs_profile": account.info["profile"],
        "route53_lock_trust_alias_targets": True,
    }
    names = {"AWS_CONFIG_FILE": "config_file", "AWS_SHARED_CREDENTIALS_FILE": "credentials_file"}
    files = {variable: account.info[name] for variable, name in names.items()}
    with lock_by_alarm(account, "route53_lock", home, variables, environment=files) as running:
        yield running
        running.wait_for_playbooks()


@contextmanager
def rulebook_at_endpoint(chain: Chain, home: Path) -> Iterator[RunningRulebook]:
    """SNS delivers over HTTPS; the endpoint has to be there to confirm."""
    account, port = chain.account, free_port()
    variables = {
        "sns_port": port,
        "sns_topics": [chain.topic],
        "sns_hosts": r"localhost:[0-9]+",
        "sns_ca_file": account.info["ca_file"],
        "sns_certfile": account.info["endpoint_certificate"],
        "sns_keyfile": account.info["endpoint_key"],
        "route53_lock_trust_alias_targets": True,
    }
    with lock_by_alarm(account, "route53_lock_sns", home, variables) as running:
        chain.set_up(aws_setup_delivery="https", aws_setup_endpoint=f"https://localhost:{port}/")
        sns = account.client("sns")
        named = {"TopicArn": chain.topic}
        eventually(lambda: sns.get_topic_attributes(**named)["Attributes"]["SubscriptionsConfirmed"] == "1")
        yield running
        running.wait_for_playbooks()


@contextmanager
def function_in_the_cloud(chain: Chain, home: Path) -> Iterator[None]:
    """The Lambda function, deployed by the role, which may do what its own role allows and nothing else."""
    del home
    lab = chain.account.lab
    chain.set_up(aws_setup_delivery="lambda", aws_setup_function_environment={"TRUST_ALIAS_TARGETS": True})
    lab.control("PUT", "/aws/authorization", {"enforced": True})
    yield
    assert {one["outcome"] for one in lab.control("GET", "/aws/functions")} == {"succeeded"}


@pytest.fixture
def chain(aws_lab: RunningLab, playbooks: Playbooks) -> Chain:
    return Chain(Account(aws_lab), playbooks)


@pytest.mark.parametrize(
    "listening",
    [
        pytest.param(rulebook_at_queue, marks=needs_java, id="queue"),
        pytest.param(rulebook_at_endpoint, marks=needs_java, id="https"),
        pytest.param(function_in_the_cloud, id="lambda"),
    ],
)
def test_the_guide_is_verified_as_it_says(chain: Chain, tmp_path: Path, listening: Listening) -> None:
    with listening(chain, tmp_path):
        eventually(lambda: chain.seen()["Healthy"] and chain.seen("secondary")["Healthy"])
        assert chain.leads_to("primary")

        chain.account.set_primary(running=False)
        eventually(lambda: chain.leads_to("backup"))
        eventually(lambda: chain.path().startswith("/lb-check-failed-over"))

        chain.account.set_primary(running=True)
        chain.stays_out()
    chain.fail_back()
    assert chain.path() == "/lb-check"
    assert chain.leads_to("primary")
