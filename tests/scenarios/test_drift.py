# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Changes by hand at a service are found, and repaired only if the repair is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import oci
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.alb_run import LoadBalancer
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World, eventually
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route_run import RouteMaintenance
from ansible_collections.tidegate.failover.tests.scenarios.test_capacity_and_weights import Balanced
from ansible_collections.tidegate.failover.tests.scenarios.test_failover_of_databases import Shop

from lab.process import RunningLab, running_lab


def kinds(outcome: Outcome) -> dict[str, list[str]]:
    """What was found, by service."""
    stats = re.search(r'"?tidegate_drift"?: (\{.*?\n {4}\})|tidegate_drift.*?(\{.*\})', outcome.output, re.DOTALL)
    assert stats, outcome.output
    found = re.findall(r'^ +"(\w+): (no drift|\w+)[ .]', outcome.output, re.MULTILINE)
    by_service: dict[str, list[str]] = {}
    for service, kind in found:
        by_service.setdefault(service, []).extend([] if kind == "no drift" else [kind])
    return by_service


class Watched:
    """The playbook ``drift`` beside a lab."""

    def __init__(self, lab: RunningLab, run: Callable[..., Outcome]) -> None:
        self.lab, self._run = lab, run

    def __call__(self, *arguments: str, **extra: Any) -> Outcome:
        self.lab.control("DELETE", "/requests")
        return self._run("drift", *arguments, **({"drift_settle": 0} | extra))

    def finds(self, *found: str, **extra: Any) -> Outcome:
        """Nothing is named to be put back, so nothing is written, and the run ends non-zero."""
        outcome = self(**extra)
        assert (kinds(outcome), self.lab.writes()) == ({"checkout": list(found)}, []), outcome.output
        assert (outcome.returncode == 0) == (not found), outcome.output
        return outcome

    def puts_back(self, kind: str) -> None:
        """Found, predicted, put back, and not found again."""
        self.finds(kind)
        predicted = self("--check", drift_repair=[kind])
        assert ("Put back. Check mode" in predicted.output, self.lab.writes()) == (True, []), predicted.output
        done = self(drift_repair=[kind])
        assert (done.returncode, self.lab.writes() != []) == (0, True), done.output
        self.finds(drift_repair=[kind])


@pytest.fixture
def watched(world: World) -> Watched:
    return Watched(world.lab, world.run)


def client(world: World, service: str) -> Any:
    auth = world.checkout["aws_auth"]
    return boto3.client(
        service,
        endpoint_url=auth["endpoint_url"],
        region_name=auth["region"],
        aws_access_key_id=auth["access_key"],
        aws_secret_access_key=auth["secret_key"],
    )


def fail_over(world: World, **more: Any) -> None:
    world.set_site("primary", running=False)
    eventually(lambda: world.lab.control("GET", f"/aws/health-checks/{world.backup_check}")["HealthyShare"] == 1)
    outcome = world.run("failover", failover_type="unplanned", **more)
    assert outcome.returncode == 0, outcome.output


def test_a_lock_that_somebody_releases_is_found_and_locked_again_with_its_id(world: World, watched: Watched) -> None:
    watched.finds()
    fail_over(world)
    watched.finds()
    lock, settings = world.lock_id(), world.settings()
    client(world, "route53").update_health_check(
        HealthCheckId=world.check, ResourcePath="/lb-check", Disabled=False, Inverted=False
    )
    watched.puts_back("lock_opened")
    assert (world.lock_id(), world.settings()["ResourcePath"]) == (lock, settings["ResourcePath"])


def test_a_lock_is_not_put_back_where_no_other_site_serves(world: World, watched: Watched) -> None:
    fail_over(world)
    client(world, "route53").update_health_check(
        HealthCheckId=world.check, ResourcePath="/lb-check", Disabled=False, Inverted=False
    )
    world.set_site("backup", running=False)
    outcome = watched(drift_repair=["lock_opened"])
    assert (outcome.returncode == 0, watched.lab.writes()) == (False, []), outcome.output
    assert "Not put back: " in outcome.output


def test_a_health_check_that_is_pinned_or_disabled_by_hand_is_found(world: World, watched: Watched) -> None:
    route53 = client(world, "route53")
    route53.update_health_check(HealthCheckId=world.check, ResourcePath="/lb-check-failed-over")
    assert "It is locked by something else than this collection" in watched.finds("health_check_changed").output
    route53.update_health_check(HealthCheckId=world.check, ResourcePath="/lb-check", Disabled=True)
    watched.finds("health_check_changed")
    route53.update_health_check(HealthCheckId=world.check, ResourcePath="/other", Disabled=False)
    watched.finds("health_check_changed", drift_check_path="/lb-check")


def test_what_cannot_be_read_is_found_and_is_not_called_the_same(world: World, watched: Watched) -> None:
    world.checkout["failover_health_check_ids"] = ["00000000-0000-4000-8000-000000000000"]
    watched.finds("not_observed")
    world.checkout["failover_health_check_ids"] = [world.check]
    world.lab.control(
        "PUT", "/aws/denied", {"actions": ["route53:ListTagsForResources", "route53:ListTagsForResource"]}
    )
    watched.finds("not_observed")


def test_findings_may_be_warnings_alone(world: World, watched: Watched) -> None:
    client(world, "route53").update_health_check(HealthCheckId=world.check, Disabled=True)
    outcome = watched(drift_fail_on=["lock_opened"])
    assert outcome.returncode == 0, outcome.output
    assert re.search(r"\[WARNING\]: checkout: health_check_changed", outcome.output), outcome.output
    wrong = watched(drift_repair=["health_check_changed"])
    assert wrong.returncode != 0
    assert "drift_repair names 'health_check_changed'. It can name lock_opened" in wrong.output


def test_an_alarm_without_actions_is_found_and_enabled(world: World, watched: Watched) -> None:
    alarm = {"name": "primary-is-down", "topic": world.lab.info["aws"]["sns_topic_arn"]}
    world.checkout["drift_alarms"] = [alarm]
    cloudwatch, sns = client(world, "cloudwatch"), client(world, "sns")
    watched.finds("alarm_missing", "subscription_missing")
    settings = {"Namespace": "AWS/Route53", "MetricName": "HealthCheckStatus", "Statistic": "Minimum", "Period": 60}
    cloudwatch.put_metric_alarm(
        AlarmName=alarm["name"],
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        Dimensions=[{"Name": "HealthCheckId", "Value": world.check}],
        AlarmActions=[alarm["topic"]],
        **settings,
    )
    queue = client(world, "sqs").create_queue(QueueName="alarms")["QueueUrl"]
    arn = client(world, "sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    subscribed = sns.subscribe(TopicArn=alarm["topic"], Protocol="sqs", Endpoint=arn["QueueArn"])
    world.checkout["drift_alarms"] = [alarm | {"endpoint": "alarms"}]
    watched.finds()
    cloudwatch.disable_alarm_actions(AlarmNames=[alarm["name"]])
    watched.puts_back("alarm_disabled")
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    watched.finds("subscription_missing")


def test_a_rule_of_an_alb_that_is_removed_is_found_and_put_back(
    aws_lab: RunningLab, playbooks: Playbooks, aws_auth: Json
) -> None:
    balancer = LoadBalancer(aws_lab)
    services = {"checkout": {"aws_auth": aws_auth, "maintenance_fronts": [{"alb": balancer.front}]}}
    inventory = playbooks.inventory(services)
    watched = Watched(aws_lab, lambda *words, **extra: playbooks.run(*words, inventory=inventory, extra=extra))
    watched.finds()
    entered = playbooks.run("enter_maintenance", inventory=inventory, extra={"maintenance_owner": "change:CHG-1"})
    assert entered.returncode == 0, entered.output
    watched.finds()
    rules = [rule for rule in balancer.settings()[0] if not rule["IsDefault"]]
    ours = min(rules, key=lambda rule: int(rule["Priority"]))
    balancer.elbv2.delete_rule(RuleArn=ours["RuleArn"])
    assert balancer.gets("/cart") == "primary"
    watched.puts_back("page_dropped")
    assert balancer.gets("/cart") == "page"


def test_a_rule_set_that_a_controller_drops_is_found_and_put_back(
    lab: RunningLab, playbooks: Playbooks, checkout: Json, load_balancer: Json
) -> None:
    inventory = playbooks.inventory({"checkout": checkout})
    watched = Watched(lab, lambda *words, **extra: playbooks.run(*words, inventory=inventory, extra=extra))
    watched.finds()
    entered = playbooks.run("enter_maintenance", inventory=inventory, extra={"maintenance_owner": "change:CHG-1"})
    assert entered.returncode == 0, entered.output
    watched.finds()
    path = f"/oci/loadBalancers/{load_balancer['id']}"
    up = lab.control("GET", path)["document"]
    dropped = json.loads(json.dumps(up))
    dropped["listeners"]["https"]["ruleSetNames"] = []
    lab.control("PUT", path, dropped)
    # Nobody gets the page, which is found at the service's own address too.
    assert kinds(watched())["checkout"] == ["page_dropped", "page_gone"]
    # A wrong answer to users is requested again for half a minute; once is enough here.
    watched(drift_repair=["page_dropped"], drift_verify_url="")
    assert lab.control("GET", path)["document"]["listeners"] == up["listeners"]
    watched.finds()
    gone = json.loads(json.dumps(up))
    gone["listeners"]["https"]["ruleSetNames"] = []
    del gone["ruleSets"][load_balancer["rule_set"]]
    lab.control("PUT", path, gone)
    assert "page_gone" in kinds(watched(drift_verify_url=""))["checkout"]


def test_an_alarm_of_oci_that_is_deleted_disabled_or_suppressed_is_found(
    lab: RunningLab, playbooks: Playbooks, checkout: Json, load_balancer: Json, oci_auth: Json
) -> None:
    options = {
        "name": "checkout-maintenance",
        "compartment_id": lab.info["oci"]["compartment_id"],
        "load_balancer_id": load_balancer["id"],
        "backend_set": load_balancer["backend_set"],
        "rule_set": load_balancer["rule_set"],
        "topic_id": lab.info["oci"]["topic"]["id"],
    }
    inventory = playbooks.inventory({"checkout": checkout | {"drift_oci_alarms": [options]}})
    watched = Watched(lab, lambda *words, **extra: playbooks.run(*words, inventory=inventory, extra=extra))
    watched.finds("alarm_missing")
    task = {"tidegate.failover.oci_maintenance_alarm": {**oci_auth, **options}}
    made = playbooks.run_file(playbooks.file([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    assert made.returncode == 0, made.output
    watched.finds()
    config = oci.config.from_file(oci_auth["config_file_location"], oci_auth["config_profile_name"])
    monitoring: Any = oci.monitoring.MonitoringClient(config, service_endpoint=oci_auth["service_endpoint"])
    (alarm,) = monitoring.list_alarms(options["compartment_id"], display_name=options["name"]).data
    disabled = oci.monitoring.models.UpdateAlarmDetails(is_enabled=False)
    monitoring.update_alarm(alarm.id, disabled)
    watched.puts_back("alarm_disabled")
    assert monitoring.get_alarm(alarm.id).data.is_enabled
    now = datetime.now(UTC)
    window = oci.monitoring.models.Suppression(
        description="CHG-1234",
        time_suppress_from=now - timedelta(hours=1),
        time_suppress_until=now + timedelta(hours=1),
    )
    monitoring.update_alarm(alarm.id, oci.monitoring.models.UpdateAlarmDetails(suppression=window))
    assert "(CHG-1234), so it notifies nobody" in watched.finds("alarm_suppressed").output
    monitoring.remove_alarm_suppression(alarm.id)
    watched.finds()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("drift-routes"), "--parts", "cloudfoundry") as lab:
        yield lab


def test_a_route_that_a_deployment_takes_back_is_found_and_leads_to_the_page_again(
    platform: RunningLab, playbooks: Playbooks
) -> None:
    route = RouteMaintenance(platform)
    auth = {"api_url": route.info["api_url"], "client_id": route.info["client"]["name"]}
    front = {"route_guid": route.route, "responder_app": "maintenance"}
    service = {
        "cf_auth": auth | {"client_secret": route.info["client"]["secret"]},
        "maintenance_fronts": [{"cloud_foundry": front}],
    }
    inventory = playbooks.inventory({"checkout": service})
    kept = ("app", "weight", "port", "protocol")
    served = [{name: one[name] for name in kept if one[name] is not None} for one in route.raw()["destinations"]]
    watched = Watched(platform, lambda *words, **extra: playbooks.run(*words, inventory=inventory, extra=extra))
    watched.finds()
    entered = playbooks.run("enter_maintenance", inventory=inventory)
    assert entered.returncode == 0, entered.output
    platform.control("PUT", f"/cloudfoundry/routes/{route.route}", {"destinations": served})
    watched.puts_back("page_dropped")
    assert route.destinations() == route.page()
    platform.control("PUT", "/cloudfoundry/apps/maintenance", {"running": False})
    watched.finds("page_gone")


def test_a_replica_that_is_gone_is_found(
    aws_lab: RunningLab, playbooks: Playbooks, aws_auth: Json, tmp_path: Path
) -> None:
    shop = Shop(aws_lab, playbooks, aws_auth, tmp_path)
    watched = Watched(aws_lab, shop.run)
    watched.finds()
    shop.rds.promote_read_replica(DBInstanceIdentifier="orders-b")
    assert "orders-b is no replica" in watched.finds("replica_lost").output
    shop.rds.delete_db_instance(DBInstanceIdentifier="orders-b", SkipFinalSnapshot=True)
    watched.finds("replica_lost")


def test_capacity_that_is_lost_is_found(world: World, watched: Watched, aws_auth: Json) -> None:
    world.checkout["failover_resources"] = Balanced(aws_auth, world.lab.info["aws"]["sites"]).resources()
    autoscaling = client(world, "autoscaling")
    watched.finds()
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="standby", MaxSize=1)
    watched.finds("capacity_lost")
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="standby", MaxSize=4)
    fail_over(world)
    watched.finds()
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="standby", MinSize=0, DesiredCapacity=0)
    outcome = watched()
    assert set(kinds(outcome)["checkout"]) == {"capacity_lost"}, outcome.output
