# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The IAM policies: for each playbook, and for each further kind of resource that a service may have.

Source for the resources of each action: the Service Authorization Reference, "Actions, resources, and condition keys",
of each service. The steps that move resources declare their actions (``permissions``); all other actions are here.
"""

from __future__ import annotations

from collections.abc import Iterable

from tools.permissions.model import Policy, Statement
from tools.permissions.steps import permissions_of_steps

_STEPS = permissions_of_steps()
_ACCOUNT, _REGION = "123456789012", "us-east-1"
ALL = "*"

# Examples, which users replace with their own values.
PRIMARY = "arn:aws:route53:::healthcheck/233e180f-f023-45a3-954e-415303f21eab"
SECONDARY = "arn:aws:route53:::healthcheck/11111111-f023-45a3-954e-415303f21eab"
ZONE = "arn:aws:route53:::hostedzone/Z0123456789EXAMPLE"
CHANGES = "arn:aws:route53:::change/*"
ALARM_TOPIC = f"arn:aws:sns:{_REGION}:{_ACCOUNT}:checkout-failover"
PEOPLE_TOPIC = f"arn:aws:sns:{_REGION}:{_ACCOUNT}:on-call"
QUEUES = f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:checkout-failover*"
QUEUE = f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:checkout-failover"
TARGET_GROUPS = f"arn:aws:elasticloadbalancing:{_REGION}:{_ACCOUNT}:targetgroup/checkout-*/*"
ALARMS = f"arn:aws:cloudwatch:*:{_ACCOUNT}:alarm:checkout-*"
ALARM = f"arn:aws:cloudwatch:{_REGION}:{_ACCOUNT}:alarm:checkout-primary-down"
LISTENER = f"arn:aws:elasticloadbalancing:{_REGION}:{_ACCOUNT}:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
RULES = f"{LISTENER.replace(':listener/', ':listener-rule/')}/*"
GROUP = f"arn:aws:autoscaling:{_REGION}:{_ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/checkout-standby"
INSTANCES = f"arn:aws:rds:*:{_ACCOUNT}:db:orders-*"
CLUSTERS = f"arn:aws:rds:*:{_ACCOUNT}:cluster:orders-*"
GLOBAL_CLUSTER = f"arn:aws:rds::{_ACCOUNT}:global-cluster:orders"
GROUPS_OF_INSTANCES = tuple(f"arn:aws:rds:*:{_ACCOUNT}:{kind}:*" for kind in ("og", "pg", "subgrp"))
ACCELERATOR = f"arn:aws:globalaccelerator::{_ACCOUNT}:accelerator/1234abcd-abcd-1234-abcd-1234abcdefgh"
ENDPOINT_GROUPS = f"{ACCELERATOR}/listener/*/endpoint-group/*"
_PANEL = f"arn:aws:route53-recovery-control::{_ACCOUNT}:controlpanel/0123456bbbbbbb0123456bbbbbb0123456"
SITE_CONTROL = f"{_PANEL}/routingcontrol/abcdefg1234567"
CONTROLS = f"{_PANEL}/routingcontrol/*"
CLUSTER = f"arn:aws:route53-recovery-control::{_ACCOUNT}:cluster/9999aaaa-1111-2222-3333-444455556666"
FUNCTION_ARN = f"arn:aws:lambda:{_REGION}:{_ACCOUNT}:function:checkout-failover"
FUNCTION_ROLE = f"arn:aws:iam::{_ACCOUNT}:role/checkout-failover"
FUNCTION_LOG = f"arn:aws:logs:{_REGION}:{_ACCOUNT}:log-group:/aws/lambda/checkout-failover"
FUNCTION_ALARM = f"arn:aws:cloudwatch:{_REGION}:{_ACCOUNT}:alarm:checkout-failover-errors"
DEAD_LETTERS = f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:checkout-failover-failed"
LOG = f"arn:aws:logs:{_REGION}:{_ACCOUNT}:log-group:/aws/lambda/tidegate-route53-lock:*"

_LOCK = "r53_healthcheck_lock"
_INFO = "r53_healthcheck_info"
_STATE = "failover_state"
_PREFLIGHT = "failover_preflight"

_READ = Statement(
    "ReadHealthChecks",
    (
        *("route53:GetHealthCheck", "route53:ListTagsForResources"),
        # Only for a health check that the response of ListTagsForResources leaves out.
        "route53:ListTagsForResource",
    ),
    (PRIMARY, SECONDARY),
    "read the health checks of both sites, with the tags that record who locked them and the progress of a run",
    (_LOCK, _INFO, _PREFLIGHT, _STATE),
)
_STATUS = Statement(
    "ReadCheckers",
    ("route53:GetHealthCheckStatus",),
    (PRIMARY, SECONDARY),
    "read what the checkers of Route 53 observe, to find out whether another site serves",
    (_LOCK, _INFO, _PREFLIGHT),
)
_READ_MANY = Statement(
    "ReadManyHealthChecks",
    ("route53:ListHealthChecks",),
    (ALL,),
    "read more than four health checks with a few calls, and find health checks by tag or name",
    (_LOCK, _INFO, _PREFLIGHT),
    optional="Each health check that is named by its id is read by a separate call.",
)
_SWITCH = Statement(
    "LockAndUnlock",
    ("route53:UpdateHealthCheck",),
    (PRIMARY,),
    "lock the primary site and unlock it",
    (_LOCK,),
)
_WRITE = Statement(
    "WriteTags",
    ("route53:ChangeTagsForResource",),
    (PRIMARY,),
    "record who locked the site and why, and the progress of the run",
    (_LOCK, _STATE),
)
_RECORDS = Statement(
    "ReadRecords",
    ("route53:ListResourceRecordSets",),
    (ZONE,),
    "find out which health checks the service's records use, so that the last site that serves is never locked",
    (_LOCK, _PREFLIGHT),
)
_ZONE_BY_NAME = Statement(
    "FindZone",
    ("route53:ListHostedZonesByName",),
    (ALL,),
    "find the hosted zone of a record whose `zone` is a name; not needed where it is the zone's id",
    (_LOCK, _PREFLIGHT),
)
_ZONES = Statement(
    "FindZones",
    ("route53:ListHostedZones",),
    (ALL,),
    "find the records of a health check; not needed where `lock_records` or the map of alarms names them",
    (_LOCK,),
)
_TRY = Statement(
    "TryToLock",
    ("route53:UpdateHealthCheck",),
    (PRIMARY,),
    "check whether the site may be locked, with an empty update of an old version, which Route 53 refuses",
    (_PREFLIGHT,),
)
_FUNCTIONS = Statement(
    "FindFunctions",
    ("cloudwatch:DescribeAlarmsForMetric",),
    (ALL,),
    "find the alarms on a health check, to warn of a Lambda function that would change the health check too",
    (_PREFLIGHT,),
    optional="`preflight` warns that it cannot check whether an alarm leads to a function.",
)
_SUBSCRIBERS = Statement(
    "FindSubscribers",
    ("sns:ListSubscriptionsByTopic",),
    (ALARM_TOPIC,),
    "check whether the topics of these alarms lead to such a function",
    (_PREFLIGHT,),
    optional="`preflight` warns that it cannot check whether an alarm leads to a function.",
)

_BALANCERS = tuple(
    f"elasticloadbalancing:Describe{what}" for what in ("LoadBalancers", "Listeners", "Rules", "Tags", "TargetHealth")
)
_FRONT = ("alb_maintenance_mode", "alb_maintenance_mode_info")
_READ_FRONT = Statement(
    "ReadLoadBalancer",
    _BALANCERS,
    (ALL,),
    "read the load balancer, its listeners and rules, the tags that record who holds the page, and the health of "
    "targets if an alarm requires that",
    _FRONT,
)
_COUNT_RULES = Statement(
    "CountRules",
    ("elasticloadbalancing:DescribeAccountLimits",),
    (ALL,),
    "refuse a page for which the load balancer has too many rules",
    ("alb_maintenance_mode",),
    optional="The module warns that the number of rules was not checked.",
)
_MOVE_RULES = Statement(
    "ChangeRules",
    tuple(f"elasticloadbalancing:{what}" for what in ("ModifyRule", "DeleteRule", "SetRulePriorities")),
    (RULES,),
    "change and remove the rules of the page, and put them before the listener's other rules",
    ("alb_maintenance_mode",),
)
_PUT_UP = Statement(
    "CreateRules",
    ("elasticloadbalancing:CreateRule",),
    (LISTENER,),
    "show the page",
    ("alb_maintenance_mode",),
)
_TAG_FRONT = Statement(
    "HoldPage",
    ("elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"),
    (LISTENER, RULES),
    "record who holds the page in the tags of the listener, and tag the rules of the page, also when they are created",
    ("alb_maintenance_mode",),
)
_PAGE = (_READ_FRONT, _COUNT_RULES, _PUT_UP, _MOVE_RULES, _TAG_FRONT)

_READ_ALARMS = Statement(
    "ReadAlarms",
    ("cloudwatch:DescribeAlarms",),
    (ALL,),
    "check whether an alarm exists, still has its actions, and is enabled",
    ("failover_alarms",),
)
_READ_SUBSCRIPTIONS = Statement(
    "ReadSubscriptions",
    ("sns:ListSubscriptionsByTopic",),
    (ALARM_TOPIC,),
    "check whether the alarm's messages still have a receiver",
    ("failover_alarms",),
)
_ENABLE_ALARMS = Statement(
    "EnableAlarms",
    ("cloudwatch:EnableAlarmActions",),
    (ALARM,),
    "enable the actions of an alarm again (`drift_repair: [alarm_disabled]`)",
    ("failover_alarms",),
)

_SWITCHED = (_READ, _READ_MANY, _STATUS, _RECORDS, _ZONE_BY_NAME, _SWITCH, _WRITE)
_OBSERVING = (_READ, _READ_MANY, _STATUS, _RECORDS, _ZONE_BY_NAME, _TRY, _FUNCTIONS, _SUBSCRIBERS)
_ALL_OF_IT, _TO_SEE_IT = "what is changed, and gates", "what is only observed, and gates"

#: By playbook, for what it does itself.
PLAYBOOKS: tuple[Policy, ...] = (
    Policy(
        "preflight",
        "`preflight`",
        _OBSERVING,
        _TO_SEE_IT,
    ),
    Policy("status", "`status`", (_READ, _READ_MANY, _STATUS), _TO_SEE_IT),
    Policy("failover", "`failover`", _SWITCHED, _ALL_OF_IT),
    Policy("failback", "`failback`", _SWITCHED, _ALL_OF_IT),
    Policy("acknowledge", "`acknowledge`", (_READ, _READ_MANY, _SWITCH, _WRITE)),
    Policy(
        "drill",
        "`drill` without effect (with effect also the files of each playbook in `drill_of`)",
        _OBSERVING,
        _TO_SEE_IT,
    ),
    Policy(
        "drift",
        "`drift`; for repairs with `drift_repair` also the files of `failover` and `enter_maintenance`",
        (_READ, _READ_MANY, _STATUS, _READ_ALARMS, _READ_SUBSCRIPTIONS, _ENABLE_ALARMS),
        _TO_SEE_IT,
    ),
    Policy("failover_by_alarm", "`failover_by_alarm`", _SWITCHED, _ALL_OF_IT),
    Policy(
        "lock_by_alarm",
        "`lock_by_alarm`",
        (_READ, _READ_MANY, _STATUS, _RECORDS, _ZONE_BY_NAME, _ZONES, _SWITCH, _WRITE),
    ),
    *(
        Policy(name, f"`{name}`, if the page is on an Application Load Balancer", _PAGE)
        for name in ("enter_maintenance", "exit_maintenance", "maintenance_by_alarm")
    ),
)


def _of_step(kind: str, *, reads: bool, besides: Iterable[str] = ()) -> tuple[str, ...]:
    """The actions that a step declares: those that read, or all others."""
    marks = ("Describe", "Get", "List")
    left = [action for action in _STEPS[kind] if action not in besides]
    return tuple(action for action in left if action.partition(":")[2].startswith(marks) is reads)


_RDS = ("rds_failover",)
_LAG = Statement(
    "ReadReplicaLag",
    ("cloudwatch:GetMetricStatistics",),
    (ALL,),
    "measure the replication lag of a replica before it is promoted",
    _RDS,
)
_READ_DATABASES = Statement(
    "ReadDatabases",
    _of_step("rds", reads=True, besides=_LAG.actions),
    (INSTANCES, CLUSTERS, GLOBAL_CLUSTER),
    "find the writer, and wait until it has moved",
    _RDS,
)
_DATABASES = (
    Statement(
        "PromoteReplica",
        ("rds:AddTagsToResource", "rds:PromoteReadReplica"),
        (INSTANCES,),
        "promote a read replica, and tag it with the id of the run",
        _RDS,
    ),
    Statement(
        "FailOverInstance",
        ("rds:RebootDBInstance",),
        (INSTANCES,),
        "reboot a Multi-AZ instance with failover",
        _RDS,
    ),
    Statement(
        "FailOverCluster", ("rds:FailoverDBCluster",), (CLUSTERS,), "make another member of a cluster its writer", _RDS
    ),
    Statement(
        "MoveGlobalCluster",
        ("rds:SwitchoverGlobalCluster", "rds:FailoverGlobalCluster"),
        (GLOBAL_CLUSTER, CLUSTERS),
        "move the writer of an Aurora global database to another Region",
        _RDS,
    ),
)

_READ_GROUP = Statement(
    "ReadGroup",
    tuple(action for action in _of_step("autoscaling", reads=True) if action.startswith("autoscaling:")),
    (ALL,),
    "read the group, its scheduled actions, and why launches fail",
    ("autoscaling_capacity",),
)
_READ_TARGETS = Statement(
    "ReadTargetHealth",
    ("elasticloadbalancing:DescribeTargetHealth",),
    (ALL,),
    "wait until new instances are healthy in their target groups",
    ("autoscaling_capacity",),
)
_READ_WEIGHTS = Statement(
    "ReadWeights",
    _of_step("alb", reads=True),
    (ALL,),
    "read the rule or the listener, and the health of the target groups that it forwards to",
    ("alb_weights",),
)
_DNS = ("r53_record_switch",)
_READ_NAMES = Statement(
    "ReadRecords",
    ("route53:ListResourceRecordSets",),
    (ZONE,),
    "read the records that are switched, and compare them first",
    _DNS,
)
_NAMED_ZONE = Statement(
    "FindZone",
    ("route53:ListHostedZonesByName",),
    (ALL,),
    "find the hosted zone of a target whose `zone` is a name; not needed where it is the zone's id",
    _DNS,
)
_READ_ACCELERATOR = Statement(
    "ReadAccelerator",
    _of_step("global_accelerator", reads=True),
    (ACCELERATOR, ENDPOINT_GROUPS),
    "read the endpoint groups of both sites, and wait until a change is deployed",
    ("global_accelerator_site",),
)
_MOVE_TRAFFIC = Statement(
    "MoveTraffic",
    _of_step("global_accelerator", reads=False),
    (ENDPOINT_GROUPS,),
    "turn the traffic dial, or remove endpoints and put them back",
    ("global_accelerator_site",),
)
PLAYBOOKS = (*PLAYBOOKS, Policy("site_by_alert", "`site_by_alert`", (_READ_ACCELERATOR, _MOVE_TRAFFIC)))
_ARC = ("routing_control_lock",)
_READ_CONTROLS = Statement(
    "ReadRoutingControls",
    ("route53-recovery-cluster:GetRoutingControlState",),
    (CONTROLS,),
    "read the routing controls of all sites, so that the last one is never turned off",
    _ARC,
)
_ENDPOINTS = Statement(
    "FindClusterEndpoints",
    ("route53-recovery-control-config:DescribeCluster",),
    (CLUSTER,),
    "find the cluster's endpoints; not needed where `cluster_endpoints` names them, as recommended for outages",
    _ARC,
)
#: For further resources of a service, which playbooks then need too.
ADDITIONS = (
    Policy("rds", "databases (`failover_resources.rds`)", (_READ_DATABASES, _LAG, *_DATABASES)),
    Policy("rds_read", "the same, only observed", (_READ_DATABASES, _LAG)),
    Policy(
        "rds_rebuild",
        "the task that makes the new replica before a failback (`rds_failover` with `rebuild`)",
        (
            Statement(
                "ReadInstances",
                ("rds:DescribeDBInstances",),
                (INSTANCES,),
                "find the present writer, and check whether the new replica exists",
                _RDS,
            ),
            Statement(
                "RebuildReplica",
                ("rds:CreateDBInstanceReadReplica",),
                (INSTANCES, *GROUPS_OF_INSTANCES),
                "create a replica of the present writer at the site that will take traffic again",
                _RDS,
            ),
        ),
    ),
    Policy(
        "autoscaling",
        "capacity (`failover_resources.autoscaling`)",
        (
            _READ_GROUP,
            _READ_TARGETS,
            Statement(
                "ScaleGroup",
                _of_step("autoscaling", reads=False),
                (GROUP,),
                "change minimum, desired number and maximum, suspend and resume processes, and keep the old values "
                "in a tag",
                ("autoscaling_capacity",),
            ),
        ),
    ),
    Policy("autoscaling_read", "the same, only observed", (_READ_GROUP, _READ_TARGETS)),
    Policy(
        "alb",
        "weights of target groups (`failover_resources.alb`)",
        (
            _READ_WEIGHTS,
            Statement(
                "ChangeWeights",
                _of_step("alb", reads=False),
                (LISTENER, RULES),
                "change the weights of the rule, or of the listener's default action",
                ("alb_weights",),
            ),
        ),
    ),
    Policy("alb_read", "the same, only observed", (_READ_WEIGHTS,)),
    Policy(
        "dns",
        "names without health-check failover (`failover_resources.dns`)",
        (
            _READ_NAMES,
            _NAMED_ZONE,
            Statement(
                "SwitchRecords",
                ("route53:ChangeResourceRecordSets",),
                (ZONE,),
                "replace the records of these names, and no others",
                _DNS,
                condition={
                    "ForAllValues:StringEquals": {
                        "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["static.example.com"]
                    }
                },
            ),
            Statement(
                "WaitForNameServers",
                ("route53:GetChange",),
                (CHANGES,),
                "wait until all name servers of Route 53 have the new records",
                _DNS,
            ),
        ),
    ),
    Policy("dns_read", "the same, only observed", (_READ_NAMES, _NAMED_ZONE)),
    Policy(
        "global_accelerator",
        "accelerators (`failover_resources.global_accelerator`)",
        (
            _READ_ACCELERATOR,
            _MOVE_TRAFFIC,
        ),
    ),
    Policy("global_accelerator_read", "the same, only observed", (_READ_ACCELERATOR,)),
    Policy(
        "routing_control",
        "ARC routing controls (`failover_routing_controls`)",
        (
            _READ_CONTROLS,
            _ENDPOINTS,
            Statement(
                "TurnOffAndOn",
                ("route53-recovery-cluster:UpdateRoutingControlStates",),
                (SITE_CONTROL,),
                "turn the site off and on, and override no safety rule",
                _ARC,
                condition={"Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": "false"}},
            ),
        ),
    ),
    Policy("routing_control_read", "the same, only observed", (_READ_CONTROLS, _ENDPOINTS)),
    Policy(
        "routing_control_override",
        "safety rules that a run overrides by name",
        (
            Statement(
                "OverrideSafetyRules",
                ("route53-recovery-cluster:UpdateRoutingControlStates",),
                (SITE_CONTROL,),
                "switch the site although a safety rule of ARC refuses it; give this to few people",
                _ARC,
                condition={"Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": "true"}},
            ),
        ),
    ),
    Policy("alb_maintenance", "a page on an Application Load Balancer (`maintenance_fronts`: `alb`)", _PAGE),
    Policy("alb_maintenance_read", "the same, only observed", (_READ_FRONT, _COUNT_RULES)),
    Policy(
        "sns_notification",
        "notifications by a topic of SNS",
        (
            Statement(
                "TellPeople",
                ("sns:Publish",),
                (PEOPLE_TOPIC,),
                "publish the outcome of a run",
                ("sns_notification",),
            ),
        ),
    ),
    Policy(
        "gate_rds_replica_lag",
        "gates of the kind `rds_replica_lag`, with the credentials of their `aws`",
        (
            Statement(
                "ReadReplica",
                ("rds:DescribeDBInstances",),
                (INSTANCES,),
                "find the source of the replica, and check whether it replicates",
            ),
            Statement("ReadReplicaLag", ("cloudwatch:GetMetricStatistics",), (ALL,), "read the replication lag"),
        ),
    ),
    Policy(
        "gate_cloudwatch_alarm",
        "gates of the kind `cloudwatch_alarm`, with the credentials of their `aws`",
        (
            Statement(
                "ReadAlarms",
                ("cloudwatch:DescribeAlarms",),
                (ALL,),
                "read the state of alarms, including composite alarms, which a narrower resource would hide",
            ),
        ),
    ),
    Policy(
        "event_source_sqs",
        "rulebooks that read a queue",
        (
            Statement(
                "ReceiveAlarms",
                ("sqs:ReceiveMessage", "sqs:DeleteMessage"),
                (QUEUE,),
                "read alarms from the queue, and remove handled alarms",
            ),
        ),
    ),
    Policy(
        "event_source_health_monitor",
        "rulebooks that probe resources",
        (
            Statement("ProbeInstances", ("ec2:DescribeInstanceStatus",), (ALL,), "probe targets of the kind `ec2`"),
            Statement("ProbeDatabases", ("rds:DescribeDBInstances",), (INSTANCES,), "probe targets of the kind `rds`"),
            Statement(
                "ProbeTargetGroups",
                ("elasticloadbalancing:DescribeTargetHealth",),
                (ALL,),
                "probe targets of the kind `target_group`",
            ),
        ),
    ),
)

#: For the role aws_setup. Health checks get their ids when they are created, so a policy cannot name them before.
SETUP = Policy(
    "aws_setup",
    "role `aws_setup`",
    (
        Statement(
            "ReadHealthChecks",
            ("route53:ListHealthChecks", "route53:ListTagsForResource", "route53:ListTagsForResources"),
            (ALL,),
            "find the health checks that this role has created",
            ("r53_healthcheck",),
        ),
        Statement(
            "CreateHealthChecks",
            ("route53:CreateHealthCheck",),
            (ALL,),
            "create a health check for each site",
            ("r53_healthcheck",),
        ),
        Statement(
            "KeepHealthChecks",
            (
                *("route53:GetHealthCheck", "route53:UpdateHealthCheck", "route53:DeleteHealthCheck"),
                "route53:ChangeTagsForResource",
            ),
            ("arn:aws:route53:::healthcheck/*",),
            "tag, correct and remove these health checks",
            ("r53_healthcheck",),
        ),
        Statement(
            "ReadRecords",
            ("route53:ListResourceRecordSets",),
            (ZONE,),
            "read the failover records",
            ("aws_setup_info",),
        ),
        Statement(
            "FindZoneByName",
            ("route53:ListHostedZonesByName",),
            (ALL,),
            "find the hosted zone of `aws_setup_zone`",
            ("aws_setup_info",),
        ),
        Statement("FindZone", ("route53:ListHostedZones",), (ALL,), "find that zone for the records that are created"),
        Statement(
            "MakeRecords",
            ("route53:ChangeResourceRecordSets",),
            (ZONE,),
            "create, update and remove the failover records",
        ),
        Statement(
            "ReadTopic",
            ("sns:GetTopicAttributes", "sns:ListTagsForResource"),
            (ALARM_TOPIC,),
            "check whether the topic exists, and who owns it",
            ("aws_setup_info",),
        ),
        Statement(
            "ReadQueues",
            ("sqs:GetQueueUrl", "sqs:ListQueueTags"),
            (QUEUES,),
            "check whether the queues exist, and who owns them",
            ("aws_setup_info",),
        ),
        Statement("ListTopics", ("sns:ListTopics",), (ALL,), "check whether the topic exists"),
        Statement(
            "MakeTopic",
            tuple(
                f"sns:{what}"
                for what in (*("ListSubscriptionsByTopic", "CreateTopic", "TagResource", "Subscribe", "DeleteTopic"),)
            ),
            (ALARM_TOPIC,),
            "create and remove the topic with its subscription",
        ),
        Statement("Unsubscribe", ("sns:Unsubscribe",), (ALL,), "remove the subscription"),
        Statement(
            "MakeQueues",
            tuple(
                f"sqs:{what}"
                for what in (*("GetQueueAttributes", "CreateQueue", "TagQueue", "SetQueueAttributes", "DeleteQueue"),)
            ),
            (QUEUES,),
            "create and remove the queue and its dead-letter queue (`aws_setup_delivery: sqs`)",
        ),
        Statement(
            "ReadAlarms",
            ("cloudwatch:DescribeAlarms",),
            (ALL,),
            "check whether the alarm exists",
            ("aws_setup_info",),
        ),
        Statement(
            "MakeAlarm",
            ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
            (ALARM,),
            "create, update and remove the alarm",
        ),
    ),
)

#: For the parts of that role for target groups, databases and capacity.
SETUP_RESOURCES = Policy(
    "aws_setup_resources",
    "role `aws_setup` with `aws_setup_target_groups`, `aws_setup_databases` or `aws_setup_capacity`, besides "
    "`aws_setup.json`",
    (
        Statement(
            "ReadTargetGroups",
            tuple(f"elasticloadbalancing:Describe{what}" for what in ("TargetGroups", "Tags", "LoadBalancers")),
            (ALL,),
            "read the target groups, who owns them, and which load balancers use them",
            ("aws_setup_info",),
        ),
        Statement(
            "CompareTargetGroups",
            ("elasticloadbalancing:DescribeTargetGroupAttributes",),
            (ALL,),
            "compare a target group with its expected settings",
        ),
        Statement(
            "MakeTargetGroups",
            tuple(
                f"elasticloadbalancing:{what}"
                for what in ("CreateTargetGroup", "ModifyTargetGroup", "AddTags", "DeleteTargetGroup")
            ),
            (TARGET_GROUPS,),
            "create, update and remove target groups with their health checks",
        ),
        Statement(
            "ReadDatabases",
            ("rds:DescribeDBInstances",),
            (ALL,),
            "read the databases and replicas",
            ("aws_setup_info",),
        ),
        Statement(
            "MakeDatabases",
            tuple(
                f"rds:{what}"
                for what in (
                    *("CreateDBInstance", "ModifyDBInstance", "CreateDBInstanceReadReplica"),
                    *("AddTagsToResource", "DeleteDBInstance"),
                )
            ),
            (INSTANCES, *GROUPS_OF_INSTANCES),
            "create and correct databases and replicas, and remove replicas",
        ),
        Statement(
            "ReadGroups",
            ("autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribePolicies"),
            (ALL,),
            "read the Auto Scaling groups and policies",
            ("aws_setup_info",),
        ),
        Statement(
            "MakeGroups",
            tuple(
                f"autoscaling:{what}"
                for what in (
                    *("CreateAutoScalingGroup", "UpdateAutoScalingGroup", "CreateOrUpdateTags"),
                    *("AttachLoadBalancerTargetGroups", "DetachLoadBalancerTargetGroups", "SuspendProcesses"),
                    *("ResumeProcesses", "EnableMetricsCollection", "PutScalingPolicy", "DeleteAutoScalingGroup"),
                )
            ),
            (GROUP,),
            "create, update and remove the group with its step-scaling policy",
        ),
        Statement(
            "UseLaunchTemplate",
            ("ec2:DescribeLaunchTemplates", "ec2:RunInstances"),
            (ALL,),
            "let the group start instances by its launch template; narrow RunInstances by the template's ARN",
        ),
        Statement(
            "FirstOfItsKind",
            ("iam:CreateServiceLinkedRole",),
            (f"arn:aws:iam::{_ACCOUNT}:role/aws-service-role/*",),
            "create the service-linked roles of Auto Scaling and RDS, once in an account",
        ),
        Statement(
            "MakeAlarms",
            ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
            (ALARMS,),
            "create, update and remove the alarms of these three parts",
        ),
    ),
)

#: For the function that locks by an alarm.
FUNCTION = Policy(
    "route53_lock",
    "the Lambda function `route53_lock`",
    (
        Statement(
            "ReadHealthChecks",
            (
                *("route53:GetHealthCheck", "route53:GetHealthCheckStatus", "route53:ListTagsForResources"),
                "route53:ListTagsForResource",
            ),
            (PRIMARY, SECONDARY),
            "check whether the site fails, and whether another site serves",
        ),
        Statement(
            "LockThese",
            ("route53:UpdateHealthCheck", "route53:ChangeTagsForResource"),
            (PRIMARY,),
            "lock these sites, and record who did it and why",
        ),
        Statement("ReadRecords", ("route53:ListResourceRecordSets",), (ZONE,), "find out which sites the records name"),
        Statement(
            "FindZones",
            ("route53:ListHostedZones", "route53:ListHostedZonesByName"),
            (ALL,),
            "find the records; with `LOCK_RECORDS` only the second action is needed, or none if zones are ids",
        ),
        Statement("Log", ("logs:CreateLogStream", "logs:PutLogEvents"), (LOG,), "write the log"),
        Statement(
            "HandOverFailures",
            ("sqs:SendMessage",),
            (DEAD_LETTERS,),
            "send alarms that could not be handled to the dead-letter queue; not needed if the function has none",
        ),
    ),
)

#: For the part of the role that deploys that function.
SETUP_FUNCTION = Policy(
    "aws_setup_function",
    "role `aws_setup` with `aws_setup_delivery: lambda` and no `aws_setup_function_arn`, besides `aws_setup.json`",
    (
        Statement(
            "ReadFunction",
            ("lambda:GetFunction", "lambda:GetPolicy", "lambda:ListTags"),
            (FUNCTION_ARN, f"{FUNCTION_ARN}:*"),
            "check whether the function exists, who owns it, and who may call it",
            ("aws_setup_info",),
        ),
        Statement(
            "ReadRole",
            ("iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy"),
            (FUNCTION_ROLE,),
            "check whether its role exists, who owns it, and what it allows",
            ("aws_setup_info",),
        ),
        Statement(
            "FindLogGroup",
            ("logs:DescribeLogGroups",),
            (ALL,),
            "check whether its log group exists",
            ("aws_setup_info",),
        ),
        Statement(
            "ReadLogGroup",
            ("logs:ListTagsLogGroup",),
            (FUNCTION_LOG,),
            "check who owns the log group",
            ("aws_setup_info",),
        ),
        Statement(
            "MakeLogGroup",
            ("logs:CreateLogGroup", "logs:TagResource", "logs:PutRetentionPolicy", "logs:DeleteLogGroup"),
            (FUNCTION_LOG, f"{FUNCTION_LOG}:*"),
            "create and remove the log group, and set its retention",
        ),
        Statement(
            "MakeRole",
            tuple(
                f"iam:{what}"
                for what in (
                    *("CreateRole", "TagRole", "UpdateAssumeRolePolicy", "UpdateRole", "PutRolePolicy"),
                    *("ListAttachedRolePolicies", "ListInstanceProfilesForRole", "DeleteRolePolicy", "DeleteRole"),
                )
            ),
            (FUNCTION_ROLE,),
            "create, update and remove the role with its policy",
        ),
        Statement(
            "PassRole",
            ("iam:PassRole",),
            (FUNCTION_ROLE,),
            "give the function this role and no other role",
            condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        ),
        Statement(
            "MakeFunction",
            tuple(
                f"lambda:{what}"
                for what in (
                    *("CreateFunction", "TagResource", "GetFunctionConfiguration", "UpdateFunctionConfiguration"),
                    *("UpdateFunctionCode", "AddPermission", "RemovePermission", "DeleteFunction"),
                )
            ),
            (FUNCTION_ARN, f"{FUNCTION_ARN}:*"),
            "create, update and remove the function, and let the topic call it",
        ),
        Statement(
            "MakeErrorsAlarm",
            ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
            (FUNCTION_ALARM,),
            "create, update and remove the alarm on errors of the function",
        ),
    ),
)

#: The generated files.
FILES = (*PLAYBOOKS, *ADDITIONS, SETUP, SETUP_RESOURCES, SETUP_FUNCTION)
