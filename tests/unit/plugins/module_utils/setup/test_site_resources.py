# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the role aws_setup does about target groups, databases and capacity, above all what it leaves unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_resources import places, plan_resources

Json = dict[str, Any]

OURS = {"tidegate-setup": "shop"}
REGION, AWAY = "eu-west-1", "eu-central-1"
GROUP_ARN = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/web/943f017f100becff"
BALANCER_ARN = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:loadbalancer/app/web/50dc6c495c0c9188"
POLICY_ARN = (
    f"arn:aws:autoscaling:{REGION}:123456789012:scalingPolicy:1:autoScalingGroupName/web:policyName/shop-failover"
)
TARGET_GROUP = {"name": "web", "vpc_id": "vpc-1"}
REPLICA = {"identifier": "shop-away", "region": AWAY}
DATABASE: Json = {"identifier": "shop", "replicas": [REPLICA]}
CREATE: Json = {"engine": "postgres", "instance_class": "db.t3.micro", "allocated_storage": 20, "username": "shop"}
CAPACITY: Json = {
    "group": "web",
    "launch_template": {"name": "web"},
    "zones": [f"{REGION}a", f"{REGION}b"],
    "target_groups": ["web"],
    "min": 1,
    "max": 4,
}


def options(**changes: Any) -> Json:
    return {"state": "present", "service": "shop", "region": REGION, "notify": [], **changes}


def found(away: Json | None = None, **home: Any) -> Json:
    kinds: Json = dict.fromkeys(("target_groups", "load_balancers", "databases", "groups", "alarms"), ())
    caller = {"account": "123456789012", "arn": "arn:aws:iam::123456789012:user/sre"}
    return {
        "caller": caller,
        "places": [{"region": REGION, **kinds, **home}, {"region": AWAY, **kinds, **(away or {})}],
    }


def target_group(**changes: Any) -> Json:
    check: Json = {"protocol": "HTTP", "port": "traffic-port", "path": "/lb-check", "interval": 10, "timeout": 5}
    check |= {"healthy_threshold": 3, "unhealthy_threshold": 2, "codes": "200"}
    fixed: Json = {"protocol": "HTTP", "port": 80, "vpc_id": "vpc-1", "target_type": "instance"}
    return {
        "name": "web",
        "arn": GROUP_ARN,
        **fixed,
        "health_check": check,
        "load_balancer_arns": [],
        "tags": OURS,
        **changes,
    }


def database(identifier: str = "shop", **changes: Any) -> Json:
    return {
        "identifier": identifier,
        "arn": f"arn:aws:rds:{REGION}:123456789012:db:{identifier}",
        "multi_az": False,
        "backup_retention": 7,
        "source": "",
        "pending": [],
        "tags": OURS,
        **changes,
    }


def group(**changes: Any) -> Json:
    steps = [
        {"lower_bound": 0.0, "upper_bound": 20.0, "adjustment": 50},
        {"lower_bound": 20.0, "upper_bound": None, "adjustment": 100},
    ]
    policy: Json = {"name": "shop-failover", "arn": POLICY_ARN, "type": "StepScaling", "steps": steps}
    policy |= {"adjustment_type": "PercentChangeInCapacity", "min_adjustment": 1, "warmup": 120}
    return {
        "name": "web",
        "min": 1,
        "max": 4,
        "desired": 2,
        "instances": 2,
        "zones": [f"{REGION}a", f"{REGION}b"],
        "subnets": [],
        "target_group_arns": [GROUP_ARN],
        "health_check_type": "ELB",
        "grace_period": 300,
        "cooldown": 77,
        "termination_policies": ["OldestInstance"],
        "suspended": ["AZRebalance"],
        "metrics": ["GroupInServiceInstances"],
        "launch_template": {"id": "lt-1", "name": "web", "version": "3"},
        "tags": OURS,
        "policies": [policy],
        **changes,
    }


def refusal(options: Json, found: Json) -> str:
    with pytest.raises(RefusedError, match=r"^Nothing was changed\.") as raised:
        plan_resources(options, found)
    return str(raised.value)


def test_each_region_is_read_once_and_what_has_none_is_refused_by_name() -> None:
    everything = options(target_groups=[TARGET_GROUP], databases=[DATABASE], capacity=[CAPACITY])
    home, away = places(everything)[1], places(everything)[0]
    assert (home["region"], home["databases"], home["groups"], home["target_groups"]) == (
        REGION,
        ["shop"],
        ["web"],
        ["web"],
    )
    assert away["databases"] == ["shop-away"]
    for state in ("present", "absent"):
        assert refusal({**everything, "region": "", "state": state}, found()).count("has no Region") == 3


class TestTargetGroups:
    def test_a_new_one_has_the_health_check_of_the_options_and_its_defaults(self) -> None:
        wanted = options(target_groups=[{**TARGET_GROUP, "health_check": {"path": "/up", "codes": None}}])
        (made,) = plan_resources(wanted, found())["target_groups"]["present"]
        assert (made["health_check"]["path"], made["health_check"]["codes"], made["port"]) == ("/up", "200", 80)

    def test_one_that_is_as_it_should_be_is_not_written(self) -> None:
        plan = plan_resources(options(target_groups=[TARGET_GROUP]), found(target_groups=[target_group()]))
        assert (plan["target_groups"]["present"], plan["why"]) == ([], [])

    def test_what_differs_is_named(self) -> None:
        wanted = options(target_groups=[{**TARGET_GROUP, "health_check": {"interval": 30}}])
        plan = plan_resources(wanted, found(target_groups=[target_group()]))
        assert plan["why"] == ["target group web: interval from 10 to 30"]

    def test_the_alarm_names_the_load_balancer_and_what_is_reported_of_it(self) -> None:
        wanted = options(
            target_groups=[{**TARGET_GROUP, "load_balancer": "web"}],
            notify=[f"arn:aws:sns:{REGION}:1:sre", f"arn:aws:sns:{AWAY}:1:sre"],
        )
        there = found(target_groups=[target_group()], load_balancers=[{"name": "web", "arn": BALANCER_ARN}])
        (alarm,) = plan_resources(wanted, there)["alarms"]
        assert alarm["dimensions"] == {
            "TargetGroup": "targetgroup/web/943f017f100becff",
            "LoadBalancer": "app/web/50dc6c495c0c9188",
        }
        assert alarm["alarm_actions"] == [f"arn:aws:sns:{REGION}:1:sre"]
        as_made = {**alarm, "threshold": 1.0}
        assert (
            plan_resources(wanted, {**there, "places": [{**there["places"][0], "alarms": [as_made]}]})["alarms"] == []
        )

    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ({"load_balancer": "web"}, "There is no load balancer 'web'"),
            ({"vpc_id": None}, "has no vpc_id"),
            ({"name": "-web-"}, "no hyphen at its ends"),
            ({"health_check": {"interval": 5, "timeout": 5}}, "a timeout below it"),
            ({"health_check": {"healthy_threshold": 1}}, "takes 2 to 10"),
        ],
    )
    def test_what_aws_would_refuse_is_refused_before(self, entry: Json, message: str) -> None:
        assert message in refusal(options(target_groups=[{**TARGET_GROUP, **entry}]), found())

    @pytest.mark.parametrize(
        ("there", "message"),
        [
            ({"tags": {}}, "this role did not make it"),
            ({"port": 8080}, "port from 8080 to 80, and AWS cannot change that"),
        ],
    )
    def test_what_cannot_be_changed_is_refused(self, there: Json, message: str) -> None:
        assert message in refusal(options(target_groups=[TARGET_GROUP]), found(target_groups=[target_group(**there)]))

    def test_one_that_a_listener_uses_is_not_deleted(self) -> None:
        wanted = options(state="absent", target_groups=[TARGET_GROUP])
        assert "Take it out of the listeners" in refusal(
            wanted, found(target_groups=[target_group(load_balancer_arns=[BALANCER_ARN])])
        )
        plan = plan_resources(wanted, found(target_groups=[target_group()]))
        assert plan["target_groups"]["absent"] == [{"name": "web", "region": REGION}]

    def test_the_same_one_twice_is_refused(self) -> None:
        assert "is listed twice" in refusal(options(target_groups=[TARGET_GROUP, TARGET_GROUP]), found())


class TestDatabases:
    def test_no_password_gets_into_the_plan(self) -> None:
        entry = {**DATABASE, "create": {**CREATE, "password": "correct-horse"}}
        plan = plan_resources(options(databases=[entry]), found())
        assert "correct-horse" not in str(plan)
        assert plan["databases"]["present"][0]["storage_encrypted"]

    def test_a_replica_in_another_region_names_its_source_by_arn(self) -> None:
        plan = plan_resources(options(databases=[DATABASE]), found(databases=[database()]))
        (made,) = plan["databases"]["present"]
        assert (made["source"], made["source_region"]) == (f"arn:aws:rds:{REGION}:123456789012:db:shop", REGION)
        names = {alarm["name"]: alarm for alarm in plan["alarms"]}
        assert names["shop-shop-away-replica-lag"]["missing_data"] == "breaching"
        assert len(names) == 5

    def test_an_alarm_without_a_threshold_is_left_out(self) -> None:
        entry = {**DATABASE, "alarms": {"cpu": 0, "free_storage": 0}}
        plan = plan_resources(options(databases=[entry]), found(databases=[database()]))
        assert [alarm["name"] for alarm in plan["alarms"]] == ["shop-shop-away-replica-lag"]

    def test_a_database_of_others_gets_replicas_and_is_not_changed(self) -> None:
        there = found(databases=[database(tags={})])
        assert plan_resources(options(databases=[DATABASE]), there)["databases"]["present"][0]["kind"] == "replica"
        assert "this role did not make it" in refusal(options(databases=[{**DATABASE, "multi_az": True}]), there)

    def test_multi_az_is_turned_on_and_not_while_other_changes_wait(self) -> None:
        wanted = options(databases=[{"identifier": "shop", "multi_az": True}])
        (change,) = plan_resources(wanted, found(databases=[database()]))["databases"]["present"]
        assert (change["kind"], change["multi_az"]) == ("change", True)
        assert "would apply them at once" in refusal(wanted, found(databases=[database(pending=["DBInstanceClass"])]))
        under_way = found(databases=[database(pending=["MultiAZ"])])
        assert plan_resources(wanted, under_way)["databases"]["present"] == []

    def test_what_a_failover_has_moved_is_left_as_it_is(self) -> None:
        promoted = {"databases": [database("shop-away")]}
        plan = plan_resources(options(databases=[DATABASE]), found(promoted, databases=[database()]))
        assert plan["databases"]["present"] == []
        assert "'shop-away' has been promoted" in plan["notes"][0]
        follows = found(promoted, databases=[database(source="arn:aws:rds:eu-central-1:123456789012:db:shop-away")])
        plan = plan_resources(options(databases=[DATABASE]), follows)
        assert (plan["databases"]["present"], plan["alarms"]) == ([], [])
        assert "a failover has moved the writer" in plan["notes"][0]

    @pytest.mark.parametrize(
        ("home", "away", "message"),
        [
            ([], [], "There is no database 'shop'"),
            ([database(backup_retention=0)], [], "keeps no automated backups"),
            ([database()], [database("shop-away", tags={})], "this role did not make it"),
            ([database()], [database("shop-away", source="other")], "follows other and not shop"),
        ],
    )
    def test_what_is_not_as_the_options_say_is_refused(self, home: list[Json], away: list[Json], message: str) -> None:
        assert message in refusal(options(databases=[DATABASE]), found({"databases": away}, databases=home))

    def test_what_is_missing_to_make_one_is_named(self) -> None:
        assert "create has no password" in refusal(options(databases=[{**DATABASE, "create": CREATE}]), found())

    def test_only_what_still_follows_its_source_is_deleted(self) -> None:
        wanted = options(state="absent", databases=[DATABASE])
        replica = {"databases": [database("shop-away", source="arn:aws:rds:eu-west-1:123456789012:db:shop")]}
        plan = plan_resources(wanted, found(replica, databases=[database()]))
        assert plan["databases"]["absent"] == [{"identifier": "shop-away", "region": AWAY}]
        assert "deletes no database that is no replica" in plan["notes"][0]
        plan = plan_resources(wanted, found({"databases": [database("shop-away")]}, databases=[database()]))
        assert plan["databases"]["absent"] == []


class TestCapacity:
    there = found(target_groups=[target_group()], groups=[group()])

    def test_one_that_is_as_it_should_be_is_not_written(self) -> None:
        assert plan_resources(options(capacity=[CAPACITY]), self.there)["capacity"]["present"] == []

    @pytest.mark.parametrize("kept", [None, 0.0])
    @pytest.mark.parametrize("wanted", [None, 0])
    def test_a_first_step_from_the_threshold_on_is_the_same_with_and_without_a_bound(
        self, kept: float | None, wanted: int | None
    ) -> None:
        """The module that writes policies leaves a bound of 0 out, and AWS keeps none then."""
        known = group()
        known["policies"][0]["steps"][0]["lower_bound"] = kept
        steps = [
            {"lower_bound": wanted, "upper_bound": 20, "adjustment": 50},
            {"lower_bound": 20, "adjustment": 100},
        ]
        entry = {**CAPACITY, "scaling": {"steps": steps}}
        there = found(target_groups=[target_group()], groups=[known])
        assert plan_resources(options(capacity=[entry]), there)["capacity"]["present"] == []

    def test_a_new_one_gets_the_policy_of_a_failover(self) -> None:
        plan = plan_resources(options(capacity=[CAPACITY]), found(target_groups=[target_group()]))
        made, policy = plan["capacity"]["present"]
        assert (made["desired"], made["target_group_arns"]) == (1, [GROUP_ARN])
        assert [step["scaling_adjustment"] for step in policy["steps"]] == [50, 100]

    def test_the_alarms_start_the_policy_and_report_lost_instances(self) -> None:
        load, lost = plan_resources(options(capacity=[CAPACITY]), self.there)["alarms"]
        assert (load["alarm_actions"], load["dimensions"]) == ([POLICY_ARN], {"AutoScalingGroupName": "web"})
        assert (lost["metric"], lost["threshold"], lost["missing_data"]) == ("GroupInServiceInstances", 1, "breaching")

    def test_load_can_be_requests_of_each_target(self) -> None:
        entry = {**CAPACITY, "min": 0, "scaling": {"metric": "requests", "threshold": 1000}}
        (load,) = plan_resources(options(capacity=[entry]), self.there)["alarms"]
        assert (load["metric"], load["statistic"]) == ("RequestCountPerTarget", "Sum")
        assert load["dimensions"] == {"TargetGroup": "targetgroup/web/943f017f100becff"}

    def test_what_differs_is_corrected_and_nothing_else_reset(self) -> None:
        (made,) = plan_resources(options(capacity=[{**CAPACITY, "max": 8}]), self.there)["capacity"]["present"]
        assert made["why"] == "Auto Scaling group web: max from 4 to 8"
        assert (made["desired"], made["cooldown"], made["suspended"]) == (2, 77, ["AZRebalance"])
        assert made["termination_policies"] == ["OldestInstance"]

    def test_a_group_of_mixed_instances_that_is_as_it_should_be_is_not_written(self) -> None:
        there = found(target_groups=[target_group()], groups=[group(mixed_instances=True)])
        assert plan_resources(options(capacity=[CAPACITY]), there)["capacity"]["present"] == []

    def test_i1_a_group_of_mixed_instances_is_not_rewritten_without_its_policy(self) -> None:
        there = found(target_groups=[target_group()], groups=[group(mixed_instances=True)])
        refused = refusal(options(capacity=[{**CAPACITY, "max": 8}]), there)
        assert "'web' has a mixed instances policy, which this role would remove" in refused
        assert "max from 4 to 8" in refused

    def test_a_group_that_a_failover_has_scaled_is_left_as_it_is(self) -> None:
        held = found(target_groups=[target_group()], groups=[group(min=4, tags={**OURS, "tidegate-capacity": "{}"})])
        plan = plan_resources(options(capacity=[CAPACITY]), held)
        assert plan["capacity"]["present"] == []
        assert "has been scaled for a failover" in plan["notes"][0]

    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ({"zones": [f"{REGION}a"]}, "is in one zone only"),
            ({"subnets": ["subnet-1", "subnet-2"]}, "needs either zones or subnets"),
            ({"launch_template": None}, "needs a launch_template"),
            ({"desired": 9}, "Give numbers in that order"),
            ({"target_groups": []}, "has no target_groups"),
            ({"target_groups": ["other"]}, "names the target group 'other', which does not exist"),
        ],
    )
    def test_what_could_not_serve_alone_is_refused(self, entry: Json, message: str) -> None:
        assert message in refusal(options(capacity=[{**CAPACITY, **entry}]), self.there)

    def test_a_target_group_that_is_made_in_the_same_run_is_there(self) -> None:
        plan = plan_resources(options(target_groups=[TARGET_GROUP], capacity=[CAPACITY]), found())
        assert plan["capacity"]["present"][0]["target_group_arns"] == ["to-come"]

    def test_instances_are_not_terminated(self) -> None:
        wanted = options(state="absent", capacity=[CAPACITY])
        assert "terminates no instances" in refusal(wanted, self.there)
        plan = plan_resources(wanted, found(groups=[group(desired=0, instances=0)]))
        assert plan["capacity"]["absent"] == [{"group": "web", "region": REGION}]

    @pytest.mark.parametrize("state", ["present", "absent"])
    @pytest.mark.parametrize("description", ["mine", "The group web is full. tidegate-setup: shop-web"])
    def test_alarms_of_others_are_refused(self, description: str, state: str) -> None:
        """Also groups of a service whose name begins with this service's name: shop-web may have a group capacity."""
        alarms = [{"name": "shop-web-capacity", "description": description}]
        there = found(target_groups=[target_group()], groups=[group(desired=0, instances=0)], alarms=alarms)
        assert "The alarm 'shop-web-capacity'" in refusal(options(state=state, capacity=[CAPACITY]), there)

    def test_an_alarm_that_notifies_nobody_is_reported(self) -> None:
        description = "The group web is full. tidegate-setup: shop"
        alarms = [{"name": "shop-web-capacity", "description": description, "actions_enabled": False}]
        there = found(target_groups=[target_group()], groups=[group()], alarms=alarms)
        notes = plan_resources(options(capacity=[CAPACITY]), there)["notes"]
        assert ["The actions of the alarm 'shop-web-capacity' are disabled" in note for note in notes] == [True]
