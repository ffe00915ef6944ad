# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What AWS and Keycloak publish about locking a failed site, call by call, by the real AWS CLI.

The calls and their parameters are those of Keycloak's guide to a Lambda function that locks, and of its benchmark's
scripts that set it up, fail back and remove it; the words are ours.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from lab.process import RunningLab

AWS_CLI = Path(__file__).parents[3] / ".cache" / "aws-cli" / "bin"

#: Runs a script, and returns what it prints.
Script: TypeAlias = Callable[[str], list[str]]

SET_UP = """
topic=$(aws sns create-topic --name "$check" --tags "Key=HealthCheckId,Value=$check" --query TopicArn --output text)
aws cloudwatch put-metric-alarm --alarm-name "$check" --alarm-actions "$topic" --actions-enabled \\
    --namespace AWS/Route53 --metric-name HealthCheckStatus --dimensions "Name=HealthCheckId,Value=$check" \\
    --statistic Minimum --comparison-operator LessThanThreshold --threshold 1.0 --period 60 --evaluation-periods 1
trust='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"}}]}'
role=$(aws iam create-role --role-name "$check" --assume-role-policy-document "$trust" --query Role.Arn --output text)
may='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["route53:UpdateHealthCheck"],
    "Resource": "*"}]}'
policy=$(aws iam create-policy --policy-name "$check" --policy-document "$may" --query Policy.Arn --output text)
aws iam attach-role-policy --role-name "$check" --policy-arn "$policy"
aws iam attach-role-policy --role-name "$check" --policy-arn "$managed"
echo 'def handler(event, context): pass' > lambda.py
zip -q -FS --junk-paths function.zip lambda.py
function=$(aws lambda create-function --function-name "$check" --zip-file fileb://function.zip \\
    --handler lambda.handler --runtime python3.11 --role "$role" --query FunctionArn --output text)
aws lambda add-permission --function-name "$check" --statement-id function-with-sns \\
    --action lambda:InvokeFunction --principal sns.amazonaws.com --source-arn "$topic" > permission.json
aws sns subscribe --protocol lambda --topic-arn "$topic" --notification-endpoint "$function" > subscription.json
"""
REMOVE = """
aws lambda delete-function --function-name "$check"
policy=$(aws iam list-policies --scope Local --query "Policies[?PolicyName=='$check'].Arn" --output text)
aws iam detach-role-policy --role-name "$check" --policy-arn "$policy"
aws iam detach-role-policy --role-name "$check" --policy-arn "$managed"
aws iam delete-policy --policy-arn "$policy"
aws iam delete-role --role-name "$check"
ours="Dimensions[0].Name=='HealthCheckId' && Dimensions[0].Value=='$check'"
alarms=$(aws cloudwatch describe-alarms --query "MetricAlarms[?$ours].AlarmName" --output text)
aws cloudwatch delete-alarms --alarm-names $alarms
for topic in $(aws sns list-topics --query 'Topics[].TopicArn' --output text); do
    tag=$(aws sns list-tags-for-resource --resource-arn "$topic" \\
        --query "Tags[?Key=='HealthCheckId'].Value" --output text)
    if [ -n "$tag" ]; then aws sns delete-topic --topic-arn "$topic"; fi
done
"""
FAIL_BACK = """
found=$(aws route53 list-health-checks --output text \\
    --query "HealthChecks[?HealthCheckConfig.FullyQualifiedDomainName=='primary.shop.example.com'].Id")
aws route53 update-health-check --health-check-id $found --resource-path /lb-check \\
    --query HealthCheck.HealthCheckConfig.ResourcePath --output text
"""


@pytest.fixture
def script(lab: RunningLab, primary: str, tmp_path: Path) -> Script:
    """Runs a script where people's clients are set up to talk to the lab; it ends at the first call that fails."""
    settings = f"set -e; . '{lab.directory}/env.sh'; PATH='{AWS_CLI}':$PATH; check={primary}"
    managed = "managed=arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"

    def run(text: str) -> list[str]:
        words = ["/bin/sh", "-c", f"{settings}; {managed}\n{text}"]
        outcome = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout.split()

    return run


def test_the_function_that_locks_is_set_up_and_removed_as_published(
    script: Script, sns: Any, client: Callable[..., Any], primary: str
) -> None:
    script(SET_UP)
    (subscription,) = sns.list_subscriptions()["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"].rpartition(":")[2]) == ("lambda", primary)
    attached = client("iam").list_attached_role_policies(RoleName=primary)["AttachedPolicies"]
    assert {policy["PolicyName"] for policy in attached} == {primary, "AWSLambdaBasicExecutionRole"}
    script(REMOVE)
    assert client("iam").list_roles()["Roles"] == []
    assert [topic["TopicArn"].rpartition(":")[2] for topic in sns.list_topics()["Topics"]] == ["failover"]


def test_a_failback_as_published_puts_the_path_back(script: Script, route53: Any, primary: str) -> None:
    route53.update_health_check(HealthCheckId=primary, ResourcePath="/lb-check-failed-over")
    assert script(FAIL_BACK) == ["/lb-check"]
    assert route53.get_health_check(HealthCheckId=primary)["HealthCheck"]["HealthCheckVersion"] == 3


def test_an_alarm_that_a_function_is_subscribed_to_goes_on_changing_its_state(
    set_site: Callable[..., None], cloudwatch: Any, sns: Any, aws: dict[str, Any], primary: str, eventually: Any
) -> None:
    function = f"arn:aws:lambda:us-east-1:{aws['account_id']}:function:{primary}"
    sns.subscribe(TopicArn=aws["sns_topic_arn"], Protocol="lambda", Endpoint=function)
    cloudwatch.put_metric_alarm(
        AlarmName="primary",
        AlarmActions=[aws["sns_topic_arn"]],
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=[{"Name": "HealthCheckId", "Value": primary}],
        Statistic="Minimum",
        ComparisonOperator="LessThanThreshold",
        Threshold=1,
        Period=60,
        EvaluationPeriods=1,
    )
    for running, state in ((False, "ALARM"), (True, "OK")):
        set_site("primary", running=running)
        eventually(lambda state=state: cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == state)


def test_policies_that_aws_manages_exist_and_others_do_not(
    client: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    iam = client("iam")
    assert iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")["Policy"]["PolicyName"]
    assert refusal(iam.get_policy, PolicyArn="arn:aws:iam::aws:policy/NoSuchAccess") == (404, "NoSuchEntity")
