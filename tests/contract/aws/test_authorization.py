# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What policies of IAM allow while they are enforced, and how each service refuses the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.process import RunningLab

Client = Callable[..., Any]
Statement = dict[str, Any]

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:failover"
GROUP = f"arn:aws:globalaccelerator::{ACCOUNT}:accelerator/a/listener/b/endpoint-group/c"
CONTROL = f"arn:aws:route53-recovery-control::{ACCOUNT}:controlpanel/a/routingcontrol/b"
LISTENER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:listener/app/shop/1/2"
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


class Alice:
    """A user with a policy.

    :ivar arn: the user's name in messages.
    """

    arn = f"arn:aws:iam::{ACCOUNT}:user/alice"

    def __init__(self, lab: RunningLab, client: Client) -> None:
        self._lab, self._client = lab, client
        self._at: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self.may()

    def may(self, *statements: Statement) -> None:
        document = {"Version": "2012-10-17", "Statement": statements}
        key = self._lab.control("PUT", "/aws/principals/alice", {"policies": [document]})
        self._keys = {"aws_access_key_id": key["access_key"], "aws_secret_access_key": key["secret_key"]}

    def turn_to(self, endpoint: str, region: str) -> None:
        """Ask there from now on."""
        self._at = {"endpoint_url": endpoint, "region_name": region}

    def __call__(self, service: str, operation: str, **parameters: Any) -> Any:
        return getattr(self._client(service, **self._keys, **self._at), operation)(**parameters)

    def refused(self, service: str, operation: str, **parameters: Any) -> tuple[int, str, str]:
        """Status, code and message of a call that must be refused."""
        with pytest.raises(ClientError) as error:
            self(service, operation, **parameters)
        answer = error.value.response
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


@pytest.fixture
def backup(aws: dict[str, Any]) -> str:
    """Id of the health check of the other site."""
    return str(aws["health_checks"]["backup"])


@pytest.fixture
def alice(lab: RunningLab, client: Client) -> Alice:
    return Alice(lab, client)


@pytest.fixture
def user(lab: RunningLab, client: Client) -> Any:
    """A client of Route 53 of an IAM user whose policies are enforced."""
    lab.control("PUT", "/aws/authorization", {"enforced": True})
    iam = client("iam")
    iam.create_user(UserName="bob")
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    return client("route53", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])


def reported(action: str, resource: str) -> str:
    """The message of AWS if no policy allows an action."""
    where = f" on resource: {resource}" if resource else ""
    return (
        f"User: {Alice.arn} is not authorized to perform: {action}{where} because no identity-based policy allows the "
        f"{action} action"
    )


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "refusal"),
    [
        ("cloudwatch", "describe_alarms_for_metric", {"MetricName": "m", "Namespace": "n"}, (403, "AccessDenied")),
        ("elbv2", "describe_rules", {"ListenerArn": LISTENER}, (403, "AccessDenied")),
        ("autoscaling", "describe_auto_scaling_groups", {}, (403, "AccessDenied")),
        ("ec2", "describe_instance_status", {}, (403, "UnauthorizedOperation")),
    ],
)
def test_without_a_policy_a_call_on_no_resource_is_refused(
    alice: Alice, service: str, operation: str, parameters: Any, refusal: tuple[int, str]
) -> None:
    status, code, message = alice.refused(service, operation, **parameters)
    assert (status, code) == refusal
    prefix = {"elbv2": "elasticloadbalancing"}.get(service, service)
    name = "".join(word.capitalize() for word in operation.split("_"))
    assert service == "ec2" or message == reported(f"{prefix}:{name}", "")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "resource", "refusal"),
    [
        (
            "route53",
            "get_health_check",
            {"HealthCheckId": "a1"},
            "route53:GetHealthCheck",
            "arn:aws:route53:::healthcheck/a1",
            (403, "AccessDenied"),
        ),
        ("sns", "list_subscriptions_by_topic", {"TopicArn": TOPIC}, "SNS:ListSubscriptionsByTopic", TOPIC, None),
        (
            "sqs",
            "get_queue_url",
            {"QueueName": "alarms"},
            "sqs:GetQueueUrl",
            f"arn:aws:sqs:us-east-1:{ACCOUNT}:alarms",
            (403, "AccessDenied"),
        ),
        (
            "rds",
            "promote_read_replica",
            {"DBInstanceIdentifier": "orders-b"},
            "rds:PromoteReadReplica",
            f"arn:aws:rds:us-east-1:{ACCOUNT}:db:orders-b",
            (403, "AccessDenied"),
        ),
        (
            "globalaccelerator",
            "describe_endpoint_group",
            {"EndpointGroupArn": GROUP},
            "globalaccelerator:DescribeEndpointGroup",
            GROUP,
            (400, "AccessDeniedException"),
        ),
        (
            "route53-recovery-cluster",
            "get_routing_control_state",
            {"RoutingControlArn": CONTROL},
            "route53-recovery-cluster:GetRoutingControlState",
            CONTROL,
            (400, "AccessDeniedException"),
        ),
        (
            "route53-recovery-control-config",
            "describe_cluster",
            {"ClusterArn": f"arn:aws:route53-recovery-control::{ACCOUNT}:cluster/a"},
            "route53-recovery-control-config:DescribeCluster",
            f"arn:aws:route53-recovery-control::{ACCOUNT}:cluster/a",
            (403, "AccessDeniedException"),
        ),
    ],
)
def test_the_refusal_names_action_and_resource_as_the_service_does(
    alice: Alice,
    service: str,
    operation: str,
    parameters: Any,
    action: str,
    resource: str,
    refusal: tuple[int, str] | None,
) -> None:
    expected = (*(refusal or (403, "AuthorizationError")), reported(action, resource))
    assert alice.refused(service, operation, **parameters) == expected


def test_a_statement_allows_what_its_resource_names_and_nothing_else(alice: Alice, primary: str, backup: str) -> None:
    alice.may(allow("route53:Get*", f"arn:aws:route53:::healthcheck/{primary}"))
    assert alice("route53", "get_health_check", HealthCheckId=primary)["HealthCheck"]["Id"] == primary
    assert alice.refused("route53", "get_health_check", HealthCheckId=backup)[1] == "AccessDenied"
    assert alice.refused("route53", "update_health_check", HealthCheckId=primary)[1] == "AccessDenied"


def test_a_call_on_no_resource_needs_a_statement_on_all(alice: Alice, primary: str) -> None:
    alice.may(allow("route53:*", f"arn:aws:route53:::healthcheck/{primary}"))
    assert alice.refused("route53", "list_health_checks")[1] == "AccessDenied"
    alice.may(allow("route53:listhealthchecks"))
    assert alice("route53", "list_health_checks")["HealthChecks"]


def test_each_resource_of_a_call_has_to_be_allowed(alice: Alice, primary: str, backup: str) -> None:
    asked = {"ResourceType": "healthcheck", "ResourceIds": [primary, backup]}
    alice.may(allow("route53:ListTagsForResources", f"arn:aws:route53:::healthcheck/{primary}"))
    assert f"healthcheck/{backup}" in alice.refused("route53", "list_tags_for_resources", **asked)[2]
    alice.may(allow("route53:ListTagsForResources", "arn:aws:route53:::healthcheck/*"))
    assert len(alice("route53", "list_tags_for_resources", **asked)["ResourceTagSets"]) == 2


def test_a_deny_wins_and_says_so(alice: Alice) -> None:
    alice.may(allow("route53:*"), allow("route53:List*", Effect="Deny"))
    message = alice.refused("route53", "list_health_checks")[2]
    assert message.endswith("route53:ListHealthChecks with an explicit deny in an identity-based policy")


def test_records_can_be_narrowed_by_their_names(alice: Alice, aws: dict[str, Any]) -> None:
    names = {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["static.shop.example.com"]}
    zone = f"arn:aws:route53:::hostedzone/{aws['zone']['id']}"
    condition = {"ForAllValues:StringEquals": names}
    alice.may(allow("route53:ChangeResourceRecordSets", zone, Condition=condition))

    def change(name: str) -> Any:
        record = {"Name": name, "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        return {"HostedZoneId": aws["zone"]["id"], "ChangeBatch": batch}

    alice("route53", "change_resource_record_sets", **change("Static.shop.example.com."))
    assert alice.refused("route53", "change_resource_record_sets", **change("other.shop.example.com"))[0] == 403


def test_overriding_a_safety_rule_can_be_kept_from_those_who_may_switch(alice: Alice, aws: dict[str, Any]) -> None:
    arn = aws["routing_controls"]["controls"]["primary"]
    no_overrides = {"Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": False}}
    alice.may(allow("route53-recovery-cluster:UpdateRoutingControlStates", arn, Condition=no_overrides))
    alice.turn_to(**aws["routing_controls"]["endpoints"][0])
    off = {"UpdateRoutingControlStateEntries": [{"RoutingControlArn": arn, "RoutingControlState": "Off"}]}

    def switch(**more: Any) -> Any:
        return {**off, **more}

    rule = {"SafetyRulesToOverride": [f"arn:aws:route53-recovery-control::{ACCOUNT}:controlpanel/a/safetyrule/b"]}
    service, operation = "route53-recovery-cluster", "update_routing_control_states"
    assert alice.refused(service, operation, **switch(**rule))[1] == "AccessDeniedException"
    assert alice(service, operation, **off)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_rule_with_tags_needs_to_be_allowed_both(alice: Alice) -> None:
    given = {"ListenerArn": LISTENER, "Priority": 1, "Conditions": [], "Actions": [FIXED]}
    given["Tags"] = [{"Key": "a", "Value": "b"}]
    alice.may(allow("elasticloadbalancing:CreateRule", LISTENER))
    message = alice.refused("elbv2", "create_rule", **given)[2]
    rules = LISTENER.replace("listener/", "listener-rule/")
    assert message.startswith(reported("elasticloadbalancing:AddTags", f"{rules}/*"))


def document_of(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_policies_of_a_user_of_her_groups_and_managed_ones_count(
    lab: RunningLab, user: Any, client: Client, refusal: Callable[..., tuple[int, str]]
) -> None:
    iam = client("iam")
    list_checks, count = allow("route53:ListHealthChecks"), allow("route53:GetHealthCheckCount")
    arn = iam.create_policy(PolicyName="list", PolicyDocument=document_of(list_checks))["Policy"]["Arn"]
    iam.create_group(GroupName="sre")
    iam.attach_group_policy(GroupName="sre", PolicyArn=arn)
    assert refusal(user.list_health_checks) == (403, "AccessDenied")
    iam.add_user_to_group(GroupName="sre", UserName="bob")
    assert user.list_health_checks()["HealthChecks"]
    assert refusal(user.get_health_check_count) == (403, "AccessDenied")
    iam.put_user_policy(UserName="bob", PolicyName="count", PolicyDocument=document_of(count))
    assert user.get_health_check_count()["HealthCheckCount"] == 2
    lab.control("PUT", "/aws/authorization", {"enforced": False})
    assert user.list_hosted_zones()["HostedZones"]


def test_a_session_has_the_policies_of_its_role(lab: RunningLab, client: Client) -> None:
    lab.control("PUT", "/aws/authorization", {"enforced": True})
    iam = client("iam")
    role = iam.create_role(RoleName="locker", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    made = client("sts").assume_role(RoleArn=role, RoleSessionName="run")["Credentials"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    session = client("route53", **keys, aws_session_token=made["SessionToken"])
    with pytest.raises(ClientError, match=f"User: arn:aws:sts::{ACCOUNT}:assumed-role/locker/run is not authorized"):
        session.list_health_checks()
    document = document_of(allow("route53:ListHealthChecks"))
    iam.put_role_policy(RoleName="locker", PolicyName="list", PolicyDocument=document)
    assert session.list_health_checks()["HealthChecks"]


def test_what_the_lab_does_not_know_of_policies_is_refused_and_not_left_out(alice: Alice) -> None:
    unknown = {"Effect": "Allow", "Action": "route53:*", "NotResource": "*"}
    alice.may(unknown)
    assert alice.refused("route53", "list_health_checks")[1] == "MalformedPolicyDocument"
    alice.may(allow("route53:*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}))
    assert alice.refused("route53", "list_health_checks")[1] == "MalformedPolicyDocument"
