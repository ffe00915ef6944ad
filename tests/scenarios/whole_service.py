# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A service with everything that moves in AWS: a load balancer, instances, a database, names, an accelerator, a lock.

Users reach it in three ways: by the load balancer, by the name whose records fail over by health checks, and by a name
that is switched.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import boto3
import dns.exception
import dns.resolver
import requests
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually
from botocore.config import Config

from lab.process import RunningLab

#: The names of the three ways.
BALANCED, FAILED_OVER, SWITCHED = "load balancer", "failover name", "switched name"
WAYS = (BALANCED, FAILED_OVER, SWITCHED)
#: Where a client cannot connect, or nothing of the service answers.
NOTHING = "nothing"
_RUN_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
_GROUP, _WRITER, _REPLICA, _NEW_REPLICA = "standby", "orders-a", "orders-b", "orders-c"


class WholeService:
    """All of it, at the primary site at first.

    :ivar resources: the variable ``failover_resources``.
    :ivar gate: the gate that proves that the database of the returning site has caught up.
    """

    def __init__(self, lab: RunningLab) -> None:
        self.lab, self._aws = lab, lab.info["aws"]
        self.sites: dict[str, Json] = self._aws["sites"]
        self.switched_name = f"static.{self._aws['zone']['name']}"
        self._listener, self._host = self._make_balancer()
        self._forward_to("primary")
        self._make_group()
        self._make_databases()
        self._point_name_at("primary")
        lag = {"db_instance": _NEW_REPLICA, "source": _REPLICA, "max_lag_seconds": 0, "aws": self.auth}
        self.gate: Json = {"name": "caught up", "rds_replica_lag": lag}
        self.database: Json = {"replica": _REPLICA, "source": _WRITER, "returning": {"replica": _NEW_REPLICA}}
        self.resources = self._resources()

    @property
    def auth(self) -> Json:
        """How to sign in to the lab's AWS."""
        return {name: self._aws[name] for name in ("endpoint_url", "access_key", "secret_key", "region")}

    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client."""
        return _client(service, region or self._aws["region"], *(self._aws[name] for name in _SIGN_IN))

    # What there is.

    def _make_balancer(self) -> tuple[str, str]:
        """Its listener and its host name; both sites are behind it."""
        made = self.lab.control(
            "PUT", "/aws/load-balancers/shop", {"groups": {"shop-a": ["primary"], "shop-b": ["backup"]}}
        )
        self._groups = {name: made["target_group_arns"][f"shop-{name}"] for name in "ab"}
        return made["listener_arn"], made["dns_name"]

    def _forward_to(self, site: str) -> None:
        weighted = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in self._weights(site).items()]
        forward = [{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}]
        self.client("elbv2").modify_listener(ListenerArn=self._listener, DefaultActions=forward)

    def _weights(self, site: str) -> dict[str, int]:
        return {self._groups["a"]: 100 * (site == "primary"), self._groups["b"]: 100 * (site == "secondary")}

    def _make_group(self) -> None:
        scaling, image = self.client("autoscaling"), {"ImageId": _image(self.client("ec2")), "InstanceType": "t3.micro"}
        scaling.create_launch_configuration(LaunchConfigurationName=_GROUP, **image)
        size = {"MinSize": 0, "MaxSize": 4, "DesiredCapacity": 0}
        names = {"AutoScalingGroupName": _GROUP, "LaunchConfigurationName": _GROUP}
        tag = {"Key": "team", "Value": "web", "PropagateAtLaunch": True}
        scaling.create_auto_scaling_group(**names, **size, AvailabilityZones=["us-east-1a"], Tags=[tag])

    def _make_databases(self) -> None:
        rds = self.client("rds")
        owner = {"MasterUsername": "owner", "MasterUserPassword": "of-no-account", "AllocatedStorage": 20}
        common = {"Engine": "postgres", "DBInstanceClass": "db.m5.large", **owner}
        rds.create_db_instance(DBInstanceIdentifier=_WRITER, **common)
        rds.create_db_instance_read_replica(DBInstanceIdentifier=_REPLICA, SourceDBInstanceIdentifier=_WRITER)
        rds.create_db_instance(DBInstanceIdentifier="sessions", MultiAZ=True, **common)
        self._zones = self._zones_of_sessions()
        self._wait_until_available(_REPLICA)
        self.measure(_REPLICA, 2.0)

    def _zones_of_sessions(self) -> tuple[str, str]:
        (found,) = self.client("rds").describe_db_instances(DBInstanceIdentifier="sessions")["DBInstances"]
        return found["AvailabilityZone"], found["SecondaryAvailabilityZone"]

    def _point_name_at(self, site: str) -> None:
        values = [{"Value": self.sites[site]["address"]}]
        record = {"Name": self.switched_name, "Type": "A", "TTL": 1, "ResourceRecords": values}
        self.client("route53").change_resource_record_sets(
            HostedZoneId=self._aws["zone"]["id"],
            ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]},
        )

    def _resources(self) -> Json:
        values = {site: {"values": [self.sites[name]["address"]]} for site, name in _SITES.items()}
        accelerated = self._aws["global_accelerator"]["groups"]
        groups = {site: {"endpoint_group_arn": accelerated[name]} for site, name in _SITES.items()}
        return {
            "rds": [self.database],
            "autoscaling": [{"group": _GROUP, "capacity": {"min": 1, "desired": 2}}],
            "alb": [{"listener_arn": self._listener, "weights": {site: self._weights(site) for site in _SITES}}],
            "dns": [{"zone": self._aws["zone"]["name"], "name": self.switched_name, "type": "A", **values}],
            "global_accelerator": [{"name": "checkout", **groups}],
        }

    @property
    def undoable(self) -> Json:
        """The same with a database that can be moved back: a Multi-AZ instance in place of the replica."""
        zones = dict(zip(_SITES, self._zones, strict=True))
        return {**self.resources, "rds": [{"instance": "sessions", "writer": zones}]}

    # What happens to it.

    def measure(self, replica: str, seconds: float) -> None:
        """Publish the lag of a replica to CloudWatch."""
        value = {"MetricName": "ReplicaLag", "Value": seconds, "Unit": "Seconds"}
        named = {"Dimensions": [{"Name": "DBInstanceIdentifier", "Value": replica}]}
        self.client("cloudwatch").put_metric_data(Namespace="AWS/RDS", MetricData=[value | named])

    def set_site(self, name: str, **state: Any) -> None:
        """Start or stop a site."""
        self.lab.control("PUT", f"/aws/sites/{name}", state)

    def rebuild(self) -> None:
        """Make the replica that a failback returns to, as a person does, and let it catch up."""
        rds = self.client("rds")
        rds.create_db_instance_read_replica(DBInstanceIdentifier=_NEW_REPLICA, SourceDBInstanceIdentifier=_REPLICA)
        self._wait_until_available(_NEW_REPLICA)
        self.measure(_NEW_REPLICA, 0.0)

    def _wait_until_available(self, name: str) -> None:
        eventually(lambda: bool(self._instance(name)["DBInstanceStatus"] == "available"))

    def put_back(self, kind: str) -> None:
        """Bring the resource of one kind of :attr:`undoable` back to the primary site, by hand."""
        putting: dict[str, Callable[[], None]] = {
            "rds": self._put_back_sessions,
            "autoscaling": self._put_back_group,
            "alb": lambda: self._forward_to("primary"),
            "dns": lambda: self._point_name_at("primary"),
            "global_accelerator": self._put_back_accelerator,
        }
        putting[kind]()

    def _put_back_sessions(self) -> None:
        if self._zones_of_sessions() != self._zones:
            self.client("rds").reboot_db_instance(DBInstanceIdentifier="sessions", ForceFailover=True)
            eventually(lambda: self._zones_of_sessions() == self._zones)
        self._wait_until_available("sessions")

    def _put_back_group(self) -> None:
        scaling, name = self.client("autoscaling"), {"AutoScalingGroupName": _GROUP}
        scaling.update_auto_scaling_group(**name, MinSize=0, MaxSize=4, DesiredCapacity=0)
        (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[_GROUP])["AutoScalingGroups"]
        added = [tag for tag in group["Tags"] if tag["Key"] != "team"]
        if added:
            scaling.delete_tags(Tags=added)

    def _put_back_accelerator(self) -> None:
        group = self._aws["global_accelerator"]["groups"]["primary"]
        accelerator = self.client("globalaccelerator", "us-west-2")
        accelerator.update_endpoint_group(EndpointGroupArn=group, TrafficDialPercentage=100)

    # How it stands.

    def everything(self) -> Json:
        """All that a procedure may change, and what lies beside it. The ids of runs are left out."""
        scaling, elbv2 = self.client("autoscaling"), self.client("elbv2")
        (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[_GROUP])["AutoScalingGroups"]
        (listener,) = elbv2.describe_listeners(ListenerArns=[self._listener])["Listeners"]
        records = self.client("route53").list_resource_record_sets(HostedZoneId=self._aws["zone"]["id"])
        found = {
            "rds": {name: self._instance(name) for name in self._names()},
            "autoscaling": {name: group[name] for name in ("MinSize", "DesiredCapacity", "MaxSize", "Tags")}
            | {"suspended": group["SuspendedProcesses"]},
            "alb": listener["DefaultActions"],
            "dns": records["ResourceRecordSets"],
            "global_accelerator": self._dials(),
            "lock": {name: self._check(check) for name, check in self._aws["health_checks"].items()},
            "routing controls": self.controls(),
        }
        reported: Json = json.loads(_RUN_ID.sub("the run", self._nameless(found)))
        return reported

    def _nameless(self, found: Json) -> str:
        """Without the parts of ARNs that are drawn again for each service."""
        text = json.dumps(found, default=str)
        for name, arn in {"listener": self._listener, **self._groups}.items():
            text = text.replace(arn, name)
        return text

    def _names(self) -> list[str]:
        return [one["DBInstanceIdentifier"] for one in self.client("rds").describe_db_instances()["DBInstances"]]

    def _instance(self, name: str) -> Json:
        (found,) = self.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        fields = ("DBInstanceStatus", "AvailabilityZone", "ReadReplicaSourceDBInstanceIdentifier", "TagList")
        return {field: found.get(field) for field in fields}

    def _dials(self) -> Json:
        accelerator, reported = self.client("globalaccelerator", "us-west-2"), {}
        for name, arn in self._aws["global_accelerator"]["groups"].items():
            group = accelerator.describe_endpoint_group(EndpointGroupArn=arn)["EndpointGroup"]
            reported[name] = [group["TrafficDialPercentage"], group["EndpointDescriptions"]]
        return reported

    def _check(self, check: str) -> Json:
        found = self.lab.control("GET", f"/aws/health-checks/{check}")
        config = found["HealthCheckConfig"]
        states = [value for key, value in found["Tags"].items() if key.startswith("tidegate-failover")]
        phases = [word for state in states for word in state.split() if word.startswith("phase=")]
        named = ("ResourcePath", "Disabled", "Inverted", "Port", "IPAddress")
        return {name: config.get(name) for name in named} | {"phases": phases, "name": found["Tags"].get("Name")}

    def controls(self) -> Json:
        """The states of the routing controls."""
        found: Json = self.lab.control("GET", "/aws/routing-controls")
        return found

    def is_locked(self) -> bool:
        """Whether the primary site is, by its health check."""
        return "lock=" in str(self._check(self._aws["health_checks"]["primary"])["ResourcePath"])

    def is_replica(self) -> bool:
        """Whether the database at the other site is still one."""
        return bool(self._instance(_REPLICA)["ReadReplicaSourceDBInstanceIdentifier"])

    # What users get.

    def gets(self, way: str) -> str:
        """What a user gets by one of the ways: the name of a site, or :data:`NOTHING`."""
        try:
            answer = self._ask(way)
        except (requests.RequestException, dns.exception.DNSException):
            return NOTHING
        return answer.text.removeprefix("Served by ").strip(" .\n") if answer.ok else NOTHING

    def _ask(self, way: str) -> requests.Response:
        if way == BALANCED:
            return requests.get(f"http://{self._aws['load_balancers']}/", headers={"Host": self._host}, timeout=5)
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [self._aws["dns"]["host"]], self._aws["dns"]["port"]
        name = self._aws["record"]["name"] if way == FAILED_OVER else self.switched_name
        address = str(next(iter(resolver.resolve(name, "A"))))
        return requests.get(f"http://{address}:{self.sites['primary']['port']}/", timeout=5)

    def all_get(self, site: str) -> bool:
        """Whether all users get to a site."""
        return all(self.gets(way) == site for way in WAYS)


_SITES: Mapping[str, str] = {"primary": "primary", "secondary": "backup"}
#: So many answers of one site in a row are no accident.
_SURE = 5
_SIGN_IN = ("endpoint_url", "access_key", "secret_key")


@cache
def _client(service: str, region: str, endpoint: str, key: str, secret: str) -> Any:
    keys = {"aws_access_key_id": key, "aws_secret_access_key": secret}
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=20)
    return boto3.client(service, region_name=region, endpoint_url=endpoint, config=config, **keys)


@cache
def _image(ec2: Any) -> str:
    """Any image; the lab's are always the same, and many."""
    return str(ec2.describe_images()["Images"][0]["ImageId"])


class Users:
    """Request by all ways without a pause until stopped.

    :ivar answers: what they got, in order, by way.
    """

    def __init__(self, service: WholeService) -> None:
        self._service = service
        self._enough = threading.Event()
        self.answers: dict[str, list[str]] = {way: [] for way in WAYS}
        self._threads = [threading.Thread(target=self._ask, args=(way,)) for way in WAYS]

    def __enter__(self) -> Users:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, way: str) -> None:
        while not self._enough.wait(0.1):
            self.answers[way].append(self._service.gets(way))

    def counts(self) -> dict[str, Counter[str]]:
        """How often each of them got what."""
        return {way: Counter(answers) for way, answers in self.answers.items()}

    def after(self, site: str) -> dict[str, set[str]]:
        """What they got once a site had served them for the first time."""
        return {way: set(answers[answers.index(site) :]) for way, answers in self.answers.items() if site in answers}

    def wait_for_all(self, site: str) -> None:
        """Until by every way a few more answers have come, the last of which are of a site."""
        enough = {way: len(answers) + _SURE for way, answers in self.answers.items()}
        eventually(lambda: all(self._has_got(way, site, count) for way, count in enough.items()))

    def _has_got(self, way: str, site: str, count: int) -> bool:
        answers = self.answers[way]
        return len(answers) >= count and set(answers[-_SURE:]) == {site}
