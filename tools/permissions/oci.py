# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The statements of OCI policies: for each playbook, and for everything else that needs permissions.

Source for the verb of each operation: Oracle's policy references, "Details for Verb + Resource-Type Combinations" of
Load Balancing, Notifications, Monitoring, API Gateway and the Core Services. The reference of Load Balancing lists the
operations of listeners and backend sets under ``use``. It does not list the operations of rule sets.
"""

from __future__ import annotations

from tools.permissions.model import OciPolicy, OciStatement

_READ_OPERATIONS = ("GetLoadBalancer", "GetBackendSetHealth", "GetWorkRequest", "ListWorkRequests")
_SWITCH_OPERATIONS = ("UpdateListener", "UpdateLoadBalancer")
_PART_OPERATIONS = tuple(
    f"{verb}{part}" for part in ("BackendSet", "RuleSet", "Listener") for verb in ("Create", "Update", "Delete")
)

_READ = OciStatement(
    "read load-balancers",
    "web",
    "read the load balancer with its listeners, rule sets and tags, the health of backend sets, and work requests",
    _READ_OPERATIONS,
)
_USE = OciStatement(
    "use load-balancers",
    "web",
    "attach and detach the rule set or the page's backend set, record in tags who holds the page, and everything that "
    "`read` allows",
    (*_READ_OPERATIONS, *_SWITCH_OPERATIONS),
)
_PARTS = OciStatement(
    "use load-balancers",
    "web",
    "create and remove listeners, backend sets and rule sets of the load balancer, and run the rehearsal",
    (*_READ_OPERATIONS, *_SWITCH_OPERATIONS, *_PART_OPERATIONS),
)
_SETUP = (
    _PARTS,
    OciStatement(
        "use api-gateways",
        "web",
        "read the gateway, and add and remove its deployments (with `manage api-deployments`)",
        ("GetGateway", "CreateDeployment", "DeleteDeployment"),
    ),
    OciStatement(
        "manage api-deployments",
        "web",
        "create, update and remove the deployment that answers with the page",
        ("ListDeployments", "GetDeployment", "CreateDeployment", "UpdateDeployment", "DeleteDeployment"),
    ),
    OciStatement(
        "read api-workrequests",
        "web",
        "wait for the work requests of the gateway, and report why one failed",
        ("GetWorkRequest", "ListWorkRequestErrors"),
    ),
    OciStatement(
        "manage alarms",
        "web",
        "create, update and remove the alarm, and that of the rehearsal",
        ("ListAlarms", "GetAlarm", "CreateAlarm", "UpdateAlarm", "DeleteAlarm"),
    ),
    OciStatement(
        "read metrics",
        "web",
        "let the alarm read the metric of load balancers (OCI requires it to create or read the alarm)",
        ("GetAlarm", "CreateAlarm", "UpdateAlarm"),
        condition="target.metrics.namespace='oci_lbaas'",
    ),
    OciStatement(
        "manage ons-topics",
        "web",
        "create, update and remove the topic and its subscriptions, and request the confirmation of an endpoint again",
        (
            *("ListTopics", "GetTopic", "CreateTopic", "UpdateTopic", "DeleteTopic"),
            *("GetSubscription", "CreateSubscription", "UpdateSubscription", "DeleteSubscription"),
            "ResendSubscriptionConfirmation",
        ),
    ),
    OciStatement("inspect ons-subscriptions", "web", "list the topic's subscriptions", ("ListSubscriptions",)),
    *(
        OciStatement(
            f"inspect {kind}",
            "network",
            "check whether the load balancer's subnets have a route to the page",
            (operation,),
            optional="The run warns that the routes were not checked.",
        )
        for kind, operation in (("subnets", "GetSubnet"), ("vcns", "GetVcn"), ("route-tables", "GetRouteTable"))
    ),
)

_DRIFT = (
    _READ,
    OciStatement(
        "read alarms",
        "web",
        "check whether the alarm exists and has the settings of its set-up (`drift_oci_alarms`)",
        ("ListAlarms", "GetAlarm"),
    ),
    OciStatement(
        "read metrics",
        "web",
        "read the alarm (OCI requires it to read one)",
        ("GetAlarm",),
        condition="target.metrics.namespace='oci_lbaas'",
    ),
    OciStatement("read ons-topics", "web", "check whether the alarm's topic exists", ("ListTopics", "GetTopic")),
    OciStatement("inspect ons-subscriptions", "web", "check whether messages have receivers", ("ListSubscriptions",)),
)

_PAGE = "if the page is on an OCI load balancer"

#: The generated files.
FILES = (
    *(
        OciPolicy(name, f"`{name}`, {_PAGE}", (_USE,))
        for name in ("enter_maintenance", "exit_maintenance", "maintenance_by_alarm", "failover", "failback")
    ),
    OciPolicy("failover_by_alarm", f"`failover_by_alarm`, {_PAGE}", (_USE,)),
    *(OciPolicy(name, f"`{name}`, {_PAGE}", (_READ,)) for name in ("preflight", "status")),
    OciPolicy("drill", f"`drill` without effect, {_PAGE}", (_READ,)),
    OciPolicy("drift", f"`drift`, {_PAGE}; for repairs also the files of `enter_maintenance` and `setup`", _DRIFT),
    OciPolicy("setup", "`setup`, and the role `maintenance_setup`", _SETUP),
    OciPolicy(
        "oci_notification",
        "notifications by a topic of OCI",
        (OciStatement("use ons-topics", "ops", "publish the outcome of a run", ("PublishMessage",)),),
    ),
    OciPolicy("gate_oci_backend_set", "gates of the kind `oci_backend_set`, with their `oci`", (_READ,)),
    OciPolicy("event_source_health_monitor", "rulebooks that probe backend sets", (_READ,)),
    OciPolicy("oci_maintenance", "the OCI Function `oci_maintenance`", (_USE,), who="dynamic-group maintenance"),
)
