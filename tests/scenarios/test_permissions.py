# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""With a policy of the documentation modules work; without any one of its actions one fails, and names that action."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._site_alerts import site_alert
from ansible_collections.tidegate.failover.tests.scenarios.alb_run import LoadBalancer
from ansible_collections.tidegate.failover.tests.scenarios.permissions_run import (
    Restricted,
    admin,
    run_module,
    statements,
)
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.test_capacity_and_weights import Balanced

from lab.process import RunningLab
from tools.permissions.aws import FILES

SITES: Json = {
    "Sid": "Sites",
    "Effect": "Allow",
    "Action": ["route53:GetHealthCheck", "route53:GetHealthCheckStatus", "route53:ListTagsForResources"],
    "Resource": "arn:aws:route53:::healthcheck/*",
}
NOTHING: Json = {"Sid": "Nothing", "Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": "*"}
#: Statements without which everything works, each of which has a test of its own.
OPTIONAL = {"ReadManyHealthChecks", "FindFunctions", "FindSubscribers", "CountRules"}
#: Actions of calls that come about only when the answer of another one is incomplete, which has a test of its own.
SELDOM = "route53:ListTagsForResource"
LISTENER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
RUN = "20261121T030405Z-3f9a1c2e"
OWNER = {"MasterUsername": "owner", "MasterUserPassword": "of-no-account"}


@dataclass
class Trial:
    """What is done with a policy.

    :ivar calls: modules and their options, in order.
    :ivar examples: what stands in the policy, and what the lab has in its place.
    :ivar afresh: whether calls that were carried out in part cannot just be made again.
    """

    calls: list[tuple[str, Json]]
    examples: dict[str, str] = field(default_factory=dict)
    afresh: bool = False

    def problem(self, auth: Json) -> str:
        """The message of the first call that fails; empty if no call fails."""
        for module, options in self.calls:
            result = run_module(module, **auth, **options)
            reported = json.dumps(result)
            # Some modules do not fail: they are asked what would stop a run, or hold back what they cannot judge.
            if result.get("failed") or _MISSING.search(reported):
                return reported
        return ""


_MISSING = re.compile(r"The permission ([a-z0-9-]+:[A-Za-z]+)")
Prepare = Callable[[RunningLab], Trial]


def _record(lab: RunningLab) -> Json:
    aws = lab.info["aws"]
    return {"zone": aws["zone"]["name"], "name": aws["record"]["name"], "type": "A"}


def _lock(lab: RunningLab, **more: Any) -> Json:
    primary = lab.info["aws"]["health_checks"]["primary"]
    given = {"records": [_record(lab)]} | more
    return {"health_check_ids": [primary], "owner": "operator:alice", "method": "invert", **given}


def failover(lab: RunningLab) -> Trial:
    check = lab.info["aws"]["health_checks"]["primary"]
    return Trial(
        [
            ("r53_healthcheck_lock", {"state": "locked", "lock_id": RUN, **_lock(lab)}),
            ("failover_state", {"health_check_id": check, "run_id": RUN, "phase": "running"}),
        ]
    )


def status(lab: RunningLab) -> Trial:
    return Trial([("r53_healthcheck_info", {"health_check_ids": list(lab.info["aws"]["health_checks"].values())})])


def lock_by_alarm(lab: RunningLab) -> Trial:
    named = {"state": "locked", **_lock(lab, if_last_site="hold_back")}
    found = {**named, "records": [], "find_records": True}
    look = {"_ansible_check_mode": True}
    return Trial([("r53_healthcheck_lock", options) for options in (found | look, named | look, named)])


def preflight(lab: RunningLab) -> Trial:
    aws = lab.info["aws"]
    check = aws["health_checks"]["primary"]
    admin(lab, "cloudwatch").put_metric_alarm(
        AlarmName="primary-is-down",
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=[{"Name": "HealthCheckId", "Value": check}],
        Statistic="Minimum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        AlarmActions=[aws["sns_topic_arn"]],
    )
    # There has to be a version to try that is gone.
    admin(lab, "route53").update_health_check(HealthCheckId=check, FailureThreshold=2)
    service = {"name": "checkout", "health_check_ids": [check], "records": [_record(lab)]}
    return Trial([("failover_preflight", {"services": [service], "thorough": True})])


def drift(lab: RunningLab) -> Trial:
    """What the playbook reads, and the one thing that no other playbook's policy allows to put back."""
    cloudwatch = admin(lab, "cloudwatch")
    topic = lab.info["aws"]["sns_topic_arn"]
    cloudwatch.put_metric_alarm(
        AlarmName="checkout-primary-down",
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Statistic="Minimum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        AlarmActions=[topic],
        ActionsEnabled=False,
    )
    checks = {"health_check_ids": list(lab.info["aws"]["health_checks"].values()), "include_observations": True}
    alarm = {"name": "checkout-primary-down", "topic": topic}
    return Trial(
        [
            ("r53_healthcheck_info", checks),
            ("failover_alarms", {"alarms": [alarm]}),
            ("failover_alarms", {"alarms": [{"name": alarm["name"]}], "actions": "enabled"}),
        ]
    )


def maintenance(lab: RunningLab) -> Trial:
    balancer = LoadBalancer(lab)
    front = {**balancer.front, "exempt_paths": ["/hooks/*"]}
    module = "alb_maintenance_mode"
    changed = {**front, "exempt_paths": ["/hooks/*", "/pay/*"]}
    return Trial(
        [
            ("alb_maintenance_mode_info", {**balancer.front}),
            (module, {"state": "enabled", **front, "owner": "operator:alice"}),
            (module, {"state": "enabled", **changed, "owner": "operator:alice"}),
            (module, {"state": "disabled", **front, "owner": "operator:alice"}),
        ],
        _of_listener(balancer.info["listener_arn"]),
    )


def _of_listener(listener: str) -> dict[str, str]:
    """The listener and its rules in place of those of the example."""

    def rules(arn: str) -> str:
        return f"{arn.replace(':listener/', ':listener-rule/')}/*"

    return {LISTENER: listener, rules(LISTENER): rules(listener)}


def _instance(rds: Any, name: str, **more: Any) -> None:
    given = {"Engine": "postgres", "DBInstanceClass": "db.m5.large", "AllocatedStorage": 20, **OWNER, **more}
    rds.create_db_instance(DBInstanceIdentifier=name, **given)


def databases(lab: RunningLab) -> Trial:
    rds, west = admin(lab, "rds"), admin(lab, "rds", "us-west-2")
    _instance(rds, "orders-a")
    rds.create_db_instance_read_replica(DBInstanceIdentifier="orders-b", SourceDBInstanceIdentifier="orders-a")
    _instance(rds, "orders-m", MultiAZ=True, AvailabilityZone="us-east-1a")
    members = ("orders-1", "orders-2")
    rds.create_db_cluster(DBClusterIdentifier="orders-c", Engine="aurora-postgresql", **OWNER)
    for name in members:
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="aurora-postgresql",
            DBInstanceClass="db.r5.large",
            DBClusterIdentifier="orders-c",
        )
    rds.create_global_cluster(GlobalClusterIdentifier="orders", Engine="aurora-postgresql")
    for client in (rds, west):
        client.create_db_cluster(
            DBClusterIdentifier=f"orders-{client.meta.region_name}",
            Engine="aurora-postgresql",
            GlobalClusterIdentifier="orders",
            **OWNER,
        )
        client.create_db_instance(
            DBInstanceIdentifier=f"orders-{client.meta.region_name}-1",
            Engine="aurora-postgresql",
            DBInstanceClass="db.r5.large",
            DBClusterIdentifier=f"orders-{client.meta.region_name}",
        )
    whole = {"global_cluster": "orders", "writer": {"primary": "us-east-1", "secondary": "us-west-2"}}
    targets: list[Json] = [
        {"replica": "orders-b", "source": "orders-a"},
        {"instance": "orders-m", "writer": {"primary": "us-east-1a", "secondary": "us-east-1b"}},
        {"cluster": "orders-c", "writer": {"primary": members[0], "secondary": members[1]}},
        whole,
    ]
    common = {"run_id": "CHG-1", "wait_timeout": 60}
    return Trial(
        [
            ("rds_failover", {"to": "secondary", "type": "planned", "targets": targets, **common}),
            ("rds_failover", {"to": "primary", "type": "unplanned", "targets": [whole], **common}),
        ]
    )


def rebuilt_replica(lab: RunningLab) -> Trial:
    rds = admin(lab, "rds")
    _instance(rds, "orders-b")
    target = {"replica": "orders-b", "source": "orders-a", "returning": {"replica": "orders-c"}}
    return Trial([("rds_failover", {"rebuild": True, "targets": [target], "wait_timeout": 60})])


def _balanced(lab: RunningLab) -> Json:
    aws = lab.info["aws"]
    auth = {name: aws[name] for name in ("endpoint_url", "access_key", "secret_key", "region")}
    return Balanced(auth, aws["sites"]).resources()


def capacity(lab: RunningLab) -> Trial:
    group = _balanced(lab)["autoscaling"][0]
    admin(lab, "autoscaling").suspend_processes(AutoScalingGroupName="standby", ScalingProcesses=["Launch"])
    admin(lab, "autoscaling").put_scheduled_update_group_action(
        AutoScalingGroupName="standby", ScheduledActionName="night", Recurrence="0 3 * * *", DesiredCapacity=0
    )
    common = {"targets": [group | {"resume_processes": True}], "wait_timeout": 60, "run_id": "CHG-1"}
    arn = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*:autoScalingGroupName/"
    return Trial(
        [("autoscaling_capacity", {"to": to, **common}) for to in ("secondary", "primary")],
        {f"{arn}checkout-standby": f"{arn}standby"},
        afresh=True,
    )


def weights(lab: RunningLab) -> Trial:
    balancer = LoadBalancer(lab)
    elbv2, listener = admin(lab, "elbv2"), balancer.info["listener_arn"]
    groups = [one["TargetGroupArn"] for one in elbv2.describe_target_groups()["TargetGroups"]]
    rule = next(one for one in elbv2.describe_rules(ListenerArn=listener)["Rules"] if not one["IsDefault"])["RuleArn"]

    def of(first: int) -> Json:
        return {groups[0]: first, groups[1]: 100 - first}

    for change, named in ((elbv2.modify_rule, {"RuleArn": rule}), (elbv2.modify_listener, {"ListenerArn": listener})):
        forward = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in of(100).items()]
        actions = [{"Type": "forward", "ForwardConfig": {"TargetGroups": forward}}]
        change(**named, **{"Actions" if "RuleArn" in named else "DefaultActions": actions})
    moved = {"weights": {"primary": of(100), "secondary": of(0)}}
    targets = [{"listener_arn": listener, **moved}, {"rule_arn": rule, **moved}]
    return Trial(
        [("alb_weights", {"to": "secondary", "wait_timeout": 60, "targets": [one]}) for one in targets],
        _of_listener(listener),
    )


def names(lab: RunningLab) -> Trial:
    zone = lab.info["aws"]["zone"]
    name = f"static.{zone['name']}"
    record = {"Name": name, "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    admin(lab, "route53").change_resource_record_sets(HostedZoneId=zone["id"], ChangeBatch=batch)
    target = {"zone": zone["name"], "name": name}
    target |= {"primary": {"values": ["192.0.2.1"]}, "secondary": {"values": ["198.51.100.1"]}}
    options = {"to": "secondary", "targets": [target], "wait_timeout": 60}
    return Trial([("r53_record_switch", options)], {"static.example.com": name})


def accelerator(lab: RunningLab) -> Trial:
    groups = lab.info["aws"]["global_accelerator"]["groups"]
    client = admin(lab, "globalaccelerator", "us-west-2")
    found = client.describe_endpoint_group(EndpointGroupArn=groups["primary"])["EndpointGroup"]["EndpointDescriptions"]
    endpoint = {"endpoint_id": found[0]["EndpointId"]}
    sides = {"primary": groups["primary"], "secondary": groups["backup"]}
    dialled: Json = {"name": "dial"} | {site: {"endpoint_group_arn": arn} for site, arn in sides.items()}
    removed: Json = {**dialled, "name": "endpoint"}
    removed["primary"] = {**dialled["primary"], "endpoints": [endpoint | {"weight": found[0].get("Weight", 128)}]}
    calls = [
        ("global_accelerator_site", {"to": to, "targets": [one], "wait_timeout": 60})
        for one in (dialled, removed)
        for to in ("secondary", "primary")
    ]
    return Trial(calls, _of_accelerator(groups), afresh=True)


def _of_accelerator(groups: Mapping[str, str]) -> dict[str, str]:
    """The lab's accelerator in place of that of the example."""
    root = groups["primary"].partition("/listener/")[0]
    example = "arn:aws:globalaccelerator::123456789012:accelerator/1234abcd-abcd-1234-abcd-1234abcdefgh"
    return {example: root, f"{example}/listener/*/endpoint-group/*": f"{root}/listener/*/endpoint-group/*"}


def alert(lab: RunningLab) -> Trial:
    """What the playbook does by alerts, by the very options that it makes of its map.

    One site goes by its traffic dial, the other one by its endpoints, and each is out once.
    """
    groups = lab.info["aws"]["global_accelerator"]["groups"]
    client = admin(lab, "globalaccelerator", "us-west-2")
    found = client.describe_endpoint_group(EndpointGroupArn=groups["primary"])["EndpointGroup"]
    endpoint = {"endpoint_id": found["EndpointDescriptions"][0]["EndpointId"], "weight": 128}
    sites = {
        "primary": {"site": "a", "endpoint_group_arn": groups["primary"], "endpoints": [endpoint]},
        "secondary": {"site": "b", "endpoint_group_arn": groups["backup"]},
    }
    calls: list[tuple[str, Json]] = []
    for lost, by in ("ba", "ab", "ba"):
        alarm = {"name": "SiteOffline", "accelerator": "sso.example.com", "site": lost, "reporter": by}
        asked = site_alert({"sso.example.com": sites}, alarm, bring_in="always")
        options = {"to": asked["to"], "targets": [asked["target"]], "type": "unplanned", "wait_timeout": 60}
        calls.append(("global_accelerator_site", options | {"if_last_site": "hold_back"}))
    return Trial(calls, _of_accelerator(groups), afresh=True)


_PANEL = "arn:aws:route53-recovery-control::123456789012:controlpanel/0123456bbbbbbb0123456bbbbbb0123456"


def _controls(lab: RunningLab, **more: Any) -> Trial:
    found = lab.info["aws"]["routing_controls"]
    own, other = found["controls"]["primary"], found["controls"]["backup"]
    target = {"routing_control_arns": [own], "other_routing_control_arns": [other], "cluster_arn": found["cluster"]}
    examples = {
        f"{_PANEL}/routingcontrol/abcdefg1234567": own,
        f"{_PANEL}/routingcontrol/*": f"{own.rpartition('/')[0]}/*",
        "arn:aws:route53-recovery-control::123456789012:cluster/9999aaaa-1111-2222-3333-444455556666": found["cluster"],
    }
    return Trial([("routing_control_lock", {"state": "locked", "targets": [target], **more})], examples)


def notification(lab: RunningLab) -> Trial:
    arn = admin(lab, "sns").create_topic(Name="on-call")["TopicArn"]
    return Trial([("sns_notification", {"topic_arn": arn, "subject": "moved", "text": "checkout failed over"})])


PREPARE: Mapping[str, Prepare] = {
    "failover": failover,
    "status": status,
    "lock_by_alarm": lock_by_alarm,
    "preflight": preflight,
    "drift": drift,
    "site_by_alert": alert,
    "enter_maintenance": maintenance,
    "rds": databases,
    "rds_rebuild": rebuilt_replica,
    "autoscaling": capacity,
    "alb": weights,
    "dns": names,
    "global_accelerator": accelerator,
    "routing_control": _controls,
    "sns_notification": notification,
}


@pytest.mark.nightly
@pytest.mark.parametrize("name", list(PREPARE))
def test_a_policy_holds_exactly_what_messages_ask_for_until_everything_works(aws_lab: RunningLab, name: str) -> None:
    """It begins with nothing. Each refusal names what is missing, and with that alone the next run gets further. So
    without any one action something fails and names it, and what is asked for in the end is the policy."""
    trial, restricted = PREPARE[name](aws_lab), Restricted(aws_lab)
    wanted = {(one["Sid"], action) for one in statements(name) for action in one["Action"]}
    granted = {(sid, action) for sid, action in wanted if sid in OPTIONAL or action == SELDOM}
    asked: set[tuple[str, str]] = set()
    while True:
        restricted.may(only(name, granted | asked), trial.examples)
        said = trial.problem(restricted.auth)
        if not said:
            break
        missing = {one for one in wanted - granted - asked if one[1] in _MISSING.findall(said)}
        assert missing, said
        asked |= missing
        if trial.afresh:
            aws_lab.reset()
            trial, restricted = PREPARE[name](aws_lab), Restricted(aws_lab)
    assert asked == wanted - granted


def only(name: str, granted: Iterable[tuple[str, str]]) -> list[Json]:
    """A policy with these actions of its statements and no others."""
    allowed = set(granted)
    left = [
        one | {"Action": [action for action in one["Action"] if (one["Sid"], action) in allowed]}
        for one in statements(name)
    ]
    # IAM takes no policy without a statement.
    return [one for one in left if one["Action"]] or [NOTHING]


def without(name: str, sid: str, *actions: str) -> list[Json]:
    """A policy, without these actions of one statement; without all of it if there are none."""
    everything = [(one["Sid"], action) for one in statements(name) for action in one["Action"]]
    return only(name, [one for one in everything if one[0] != sid or (actions and one[1] not in actions)])


def test_what_is_listed_for_speed_alone_is_read_one_by_one_without_the_permission(aws_lab: RunningLab) -> None:
    ids = list(aws_lab.info["aws"]["health_checks"].values())
    ids += aws_lab.control("POST", "/aws/health-checks", {"count": 4})["ids"]
    restricted = Restricted(aws_lab)
    restricted.may([SITES])
    result = run_module("r53_healthcheck_info", **restricted.auth, health_check_ids=ids)
    assert not result.get("failed"), result
    operations = [one["operation"] for one in aws_lab.requests()]
    assert (operations.count("ListHealthChecks"), operations.count("GetHealthCheck")) == (1, len(ids))


@pytest.mark.parametrize(
    ("name", "sid", "action"),
    [
        ("preflight", "FindFunctions", "cloudwatch:DescribeAlarmsForMetric"),
        ("preflight", "FindSubscribers", "sns:ListSubscriptionsByTopic"),
        ("enter_maintenance", "CountRules", "elasticloadbalancing:DescribeAccountLimits"),
    ],
)
def test_what_is_optional_is_done_without_and_the_missing_permission_is_reported(
    aws_lab: RunningLab, name: str, sid: str, action: str
) -> None:
    trial, restricted = PREPARE[name](aws_lab), Restricted(aws_lab)
    restricted.may(without(name, sid), trial.examples)
    results = [run_module(module, **restricted.auth, **options) for module, options in trial.calls]
    assert not [result for result in results if result.get("failed")]
    assert f"The permission {action}" in json.dumps(results)


def test_every_optional_statement_has_a_test() -> None:
    optional = {one.sid for policy in FILES for one in policy.statements if one.optional}
    assert optional == OPTIONAL


def test_tags_that_the_service_leaves_out_are_asked_for_and_the_permission_for_that_is_named(
    aws_lab: RunningLab,
) -> None:
    empty = '<ListTagsForResourcesResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceTagSets/>'
    aws_lab.add_fault(
        "status",
        operation="ListTagsForResources",
        status=200,
        body=f"{empty}</ListTagsForResourcesResponse>",
        content_type="text/xml",
        times=None,
    )
    trial, restricted = status(aws_lab), Restricted(aws_lab)
    restricted.may(without("status", "ReadHealthChecks", SELDOM), trial.examples)
    assert f"The permission {SELDOM}" in trial.problem(restricted.auth)
    restricted.may(statements("status"), trial.examples)
    assert trial.problem(restricted.auth) == ""
