# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Every error code. A code never changes its meaning; a code that is no longer used is removed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """An error code.

    :ivar name: the code in messages. It consists of words, so that people can read it out.
    :ivar means: what has happened, in a sentence or two.
    :ivar to_do: what to do next.
    :ivar example: a message, without the code that follows it.
    """

    name: str
    means: str
    to_do: str
    example: str


#: Headings of the page, each with its codes.
GROUPS: dict[str, tuple[Code, ...]] = {
    "Nothing was started": (
        Code(
            "TG-NO-HOSTS",
            "The run has no service to work on: no inventory, an empty group `services`, or a `--limit` that leaves "
            "none of it. Nothing was done.",
            "Give the inventory with `-i`, and name services of it in `--limit`. To work without an inventory, give "
            "the extra variables that the message names.",
            "Nothing was done: --limit web1 leaves no host of the group 'services'. Name some of these, or leave out "
            "the limit to mean all of them: checkout, search.",
        ),
        Code(
            "TG-NO-TASKS",
            "Options of the command line leave out tasks that the playbook needs. Nothing was done.",
            "Leave out `--tags`, `--skip-tags` and `--start-at-task`. To continue an aborted run, run the playbook "
            "again.",
            "Nothing was done: no task of this playbook has a tag, so --tags or --skip-tags leaves out all of them. "
            "Leave out these options, the job tags and skip tags in AWX, and the section tags of ansible.cfg.",
        ),
        Code(
            "TG-VARIABLES",
            "Variables of the service are missing, contradict each other, are of the wrong type, or have a name that "
            "no role knows; or a Python library that they need is missing. Nothing was done for this service.",
            "Correct what each line of the message names, then run `preflight`.",
            "maintenance_verify_url holds a user or a password, and it is printed. Nothing was changed. Give an "
            "address without, and add 401 to maintenance_verify_service_status if it asks for a login.",
        ),
        Code(
            "TG-OPTION",
            "An option of a module or a filter is missing, has a value that it cannot have, or contradicts another "
            "one. Nothing was done.",
            "Correct the option that the message names. The documentation of the module lists what it takes.",
            "notify takes no options. It reads the variables of the role notify.",
        ),
        Code(
            "TG-CONNECTION",
            "The extra variable `ansible_connection` would take the tasks of this collection to another machine. "
            "They run where Ansible runs. Nothing was done.",
            "Leave the extra variable out. Set the connection of users' own tasks in the inventory.",
            "Nothing was done: the extra var ansible_connection is 'ssh'. It counts for all tasks of the run, and "
            "those of this role have to run where Ansible runs. Leave it out.",
        ),
        Code(
            "TG-LIBRARY",
            "The Python that runs the module cannot import a library that it needs. Nothing was done.",
            "Install it into that Python; the message names both. The page [requirements](requirements.md) lists what "
            "each part needs.",
            "Failed to import the required Python library (oci) on controller's Python /usr/bin/python3.",
        ),
        Code(
            "TG-FILE",
            "A file of the user's tasks is not there, or cannot be loaded. Nothing was done.",
            "Correct its path or its content. A relative path begins at the folder of the inventory.",
            "The step 'promote' has tasks /etc/ansible/promote.yml, and there is no such file.",
        ),
        Code(
            "TG-STEPS",
            "The list of steps cannot be taken: an unknown name, an incomplete step, or the wrong order. Nothing was "
            "done.",
            "Correct `failover_steps` or `failback_steps`. The message names the step.",
            "The step 'unlock' must come after 'gates'; the steps are unlock, gates.",
        ),
        Code(
            "TG-GATE-DEFINITION",
            "A gate is defined in a way in which it could not be evaluated, or none is defined. Nothing was done.",
            "Correct the definition of the gate that the message names.",
            "More than one gate is called 'database'. Give each gate a unique name.",
        ),
        Code(
            "TG-FRONT",
            "The front of the service is not described, or its description cannot be used. Nothing was changed.",
            "Describe it in `maintenance_fronts`, each front with exactly one kind.",
            "maintenance_fronts[0] names nothing. Each front has exactly one kind, which is one of: "
            "oci_load_balancer, alb.",
        ),
        Code(
            "TG-WRONG-OBJECT",
            "The named object is not of the kind that the module works on. Nothing was changed.",
            "Give the id of an object of the kind that the message names. An id that was copied from another column "
            "of the console is the usual cause.",
            "load_balancer_id is 'ocid1.instance.oc1..a', which is not the OCID of a load balancer. Expected "
            "something that begins with 'ocid1.loadbalancer.'.",
        ),
        Code(
            "TG-NOT-OURS",
            "An object of this name exists, and this collection did not create it. Nothing was changed.",
            "Choose another name. If the object is to be managed from here, set `adopt: true`; `state: absent` then "
            "deletes it.",
            "Topic 'oncall' exists, and oci_maintenance_alarm did not create it: its freeform tag tidegate-setup "
            "is not 'oci_maintenance_alarm'. Nothing was changed. Choose another name, or set adopt: true to let this "
            "module manage it. state: absent deletes what was adopted.",
        ),
        Code(
            "TG-ALARM",
            "An alarm arrived, and no action is defined for its state or its target. Nothing was done.",
            "A recovered alarm needs no action. Otherwise complete the map of alarms (the variable `alarms`).",
            "Nothing was done: the alarm checkout-backends is recovered, and only firing and still_firing lead to "
            "anything. The recovery of an alarm never releases a lock.",
        ),
        Code(
            "TG-OVERRIDE",
            "An override has no reason, names nothing, or names something that does not exist. Nothing was changed.",
            "Name what to skip, and give the reason. The reason is recorded.",
            "override has no reason. Say why the lock is released without proof.",
        ),
        Code(
            "TG-PREFLIGHT",
            "The playbook `preflight` has found blockers: a failover or a failback of this service would fail. "
            "Nothing was changed.",
            "Remove each blocker that the message lists as an error, then run `preflight` again.",
            "NOT READY for failover and failback.",
        ),
    ),
    "Another run, and automation": (
        Code(
            "TG-HELD-BY-ANOTHER",
            "Another run holds the lock of the service. That run is in progress, or it was aborted. The message names "
            "its id, who began it and when. This run did nothing.",
            "If that run is in progress, wait for it. If it was aborted, run `acknowledge` with the command that the "
            "message prints, then run this again.",
            "The service is locked by run 20261121T030405Z-3f9a1c2e of operator:alice since 2026-11-21T03:04:05Z, "
            "and its state does not record the purpose: that run has only just begun, or it was aborted, or the "
            "module r53_healthcheck_lock was used alone. If that run was aborted, acknowledge it with "
            "`ansible-playbook tidegate.failover.acknowledge -i inventory.yml -l checkout "
            "-e acknowledge_reason=...`, and then run this again. If it is still in progress, wait for it to end.",
        ),
        Code(
            "TG-CLAIM-LOST",
            "While this run was in progress, another run took over the service or somebody released its lock. This "
            "run stopped where it was.",
            "Find out who took over, and why. Do not begin another run before that.",
            "This run (20261121T030405Z-3f9a1c2e) no longer holds the service: its lock has been released. It did "
            "nothing more. Find out who took over, and why.",
        ),
        Code(
            "TG-CONFLICT",
            "Somebody else changed the object since it was read, or is changing it now. Their change was not "
            "overwritten.",
            "Run this again. If it happens each time, find out which automation changes the object.",
            "Somebody else changed the route since it was read.",
        ),
        Code(
            "TG-AUTOMATIC-OFF",
            "`failover_automatic_allowed` is false, so an alarm or a monitor may not begin a run. Nothing was done.",
            "A person begins the run, with `failover_trigger=manual`; or allow automatic runs.",
            "Automatic runs are switched off (failover_automatic_allowed is false). A person may begin the run: "
            "failover_trigger=manual.",
        ),
        Code(
            "TG-SUPPRESSED",
            "Automation is suppressed for this service until a time, which a person has set. Nothing was done.",
            "Begin the run as a person, or wait until that time.",
            "Automation is suppressed until 2026-11-21T06:00:00Z. A person may begin the run.",
        ),
        Code(
            "TG-COOLDOWN",
            "The service was failed over a short time ago and nobody has acknowledged that, so it is not failed over "
            "automatically again. Nothing was done.",
            "Check which site serves and why it failed over. Then run `acknowledge`, or begin the run as a person.",
            "It was failed over at 2026-11-21T03:04:05Z, and nobody has acknowledged that. Until "
            "2026-11-21T04:04:05Z (failover_cooldown is 3600 s) it is not failed over automatically again. Run "
            "the playbook tidegate.failover.acknowledge, or begin the run as a person.",
        ),
        Code(
            "TG-LAST-RUN-FAILED",
            "The last failover of the service did not succeed, so no automatic run follows it. Nothing was done.",
            "Read the record of that run, find out which site serves, and begin the next run as a person.",
            "Its last failover did not succeed, so a person has to begin the next one: failover_trigger=manual.",
        ),
        Code(
            "TG-STATE-UNREADABLE",
            "The tag that holds the state of the service cannot be parsed: somebody has edited it. No automatic run "
            "begins.",
            "Check which site serves, then run `acknowledge`, which writes the tag again.",
            "The service's state cannot be parsed: its tag tidegate-failover has 'x'. A person has to check it, and "
            "to run the playbook tidegate.failover.acknowledge, which writes it again.",
        ),
        Code(
            "TG-CLOCK",
            "The clock of this machine differs from the clock of AWS, or cannot be compared with it. So the age of "
            "evidence cannot be judged, and no lock is released.",
            "Correct the clock (NTP), or let the `Date` header through the proxy; then run this again.",
            "The responses of AWS have no Date header, so it is not known whether this machine's clock is right. "
            "Check whether a proxy on the way removes that header. Until then the evidence for a failback cannot be "
            "judged.",
        ),
    ),
    "Sites, locks and evidence": (
        Code(
            "TG-LAST-SITE",
            "No other site is known to serve. Without this site, users could be left without any. Nothing was changed.",
            "Find out why the other site is not known to serve. If you must take this site out all the same, add "
            """`-e '{"failover_override": {"checks": ["last serving site"], "reason": "CHG-1234, who agreed"}}'`.""",
            "The other site is not known to serve, and locking this one out would leave none. Route 53 reports: 0 "
            "of 8 checkers see it healthy. To fail over all the same, set failover_override to {checks: [last "
            "serving site], reason: ...}.",
        ),
        Code(
            "TG-GATES",
            "At least one gate has not passed, so it is not proven that the site may take traffic. The lock stays. "
            "If this happens before the first step, nothing was changed.",
            "For each failed gate the message states what was observed, what was expected, and what to do. Do that, "
            "then run this again. To skip a gate, add "
            """`-e '{"failback_override": {"gates": ["replication"], "reason": "CHG-1234, copied by hand"}}'`.""",
            "The site is not ready for traffic. 1 of 2 gates passed. 'replication' failed: observed 40 s behind; "
            "expected at most 5 s.",
        ),
        Code(
            "TG-EVIDENCE",
            "Evidence to release the lock is missing, too old, of another lock, or of another definition of a gate. "
            "The lock stays.",
            "Evaluate the gates again and release the lock right after that.",
            "Lock 20261121T030405Z-3f9a1c2e is not released: there is no evidence for 'replication'. Evaluate the "
            "gates, or give an override that names each gate it skips, with a reason.",
        ),
        Code(
            "TG-OTHER-LOCK",
            "The lock is not the expected one: somebody has locked, unlocked or taken over meanwhile. Nothing was "
            "changed.",
            "Read the lock with `r53_healthcheck_info`, find out who placed it, then decide again.",
            "The lock is 20261121T040000Z-aaaaaaaa, and the lock to release is 20261121T030405Z-3f9a1c2e. Somebody "
            "has locked the health check since, or changed it. A newer lock is never released by the id of an older "
            "one.",
        ),
        Code(
            "TG-PART-LOCKED",
            "The first health check of the site is not locked, but another health check or a routing control of the "
            "site is. The site serves only in part. Nothing was changed.",
            "Fail over, which locks the whole site, then fail back. Or release the remaining locks with an override.",
            "Health check 233e180f is not locked, and others of the site are: 8c4f1b2a by 20261121T030405Z-3f9a1c2e. "
            "So the site serves only in part, and no gate proves anything for these locks. Fail over, which locks "
            "the whole site, and then fail back; or release these locks with r53_healthcheck_lock, state=unlocked "
            "and an override.",
        ),
        Code(
            "TG-PATH-NOT-KNOWN",
            "Something other than this collection pinned the path of the health check and did not keep the original "
            "path. Nothing was changed.",
            "Give `restore_path`, the path that the health check should have when it is not locked.",
            "Its path '/failed' was pinned by something that did not keep the original path, so a lock that replaces "
            "it could not keep it either. Give restore_path.",
        ),
        Code(
            "TG-SWITCHED-BY-HAND",
            "Only one of Disabled and Inverted is set at the health check. So it counts as healthy, whatever a lock "
            "does. Nothing was changed.",
            "Set both or neither of them at the health check, then run this again.",
            "It is Disabled and not Inverted: it counts as healthy whatever its endpoint does, so a pinned path "
            "would not lock it, and what it should be afterwards is not known. Either take that back, or set "
            "Inverted too, which makes it always unhealthy and so locks it.",
        ),
        Code(
            "TG-FENCE-FAILS",
            "With `method: path` the lock would not hold: the endpoint answers the pinned path with success. Nothing "
            "was changed.",
            "Use `method: auto` or `invert`, or let the endpoint answer that path with 404.",
            "method is path, but the endpoint answers it with 200, so that would lock nothing. Use method: auto or "
            "invert, or let the endpoint answer that path with 404.",
        ),
        Code(
            "TG-NOT-CLAIMABLE",
            "The first health check of the service cannot carry the id of a run. Nothing was changed.",
            "Put a health check of type HTTP or HTTPS first. No record needs to use it.",
            "Health check 233e180f can hold no claim. It is of type TCP, which has no path, and a run claims a "
            "service in the path of its first health check. Put one of type HTTP or HTTPS first.",
        ),
        Code(
            "TG-ROUTING-CONTROL",
            "The health check follows a routing control, and Route 53 lets nobody update it. Nothing was changed.",
            "Lock the site by its routing control: `routing_control_lock`, or `failover_routing_controls` in a "
            "failover.",
            "It is of type RECOVERY_CONTROL, which Route 53 lets nobody update, so it can be neither locked nor "
            "unlocked. Its routing control "
            "arn:aws:route53-recovery-control::111122223333:controlpanel/a/routingcontrol/b switches it. Lock the "
            "site by that: with the module routing_control_lock, or in a failover with "
            "failover_routing_controls.site. Do not name this health check to be locked. The first one of a service "
            "must be of type HTTP or HTTPS, because it carries the claim of a run; no record needs to use it.",
        ),
        Code(
            "TG-NO-TAGS-LEFT",
            "The object has the most tags or annotations that it can have, and one more is needed to record who holds "
            "it.",
            "Remove tags that nothing needs, then run this again. What is locked stays locked.",
            "The state was not written: there is no room for the tag tidegate-failover on health check "
            "233e180f-f023-45a3-954e-415303f21eab. It has 10 tags of others; remove one. What is locked stays locked.",
        ),
        Code(
            "TG-CLUSTER",
            "None of the five endpoints of the routing control cluster has carried out the call.",
            "Check `cluster_endpoints`, the network path to them, and the permissions. If the response was lost, "
            "read the state of the routing control before you decide again.",
            "Cannot turn off routing control primary: none of the 5 endpoints of the cluster has carried it out. "
            "Check cluster_endpoints, the network path to them, and the policy.",
        ),
    ),
    "Steps of a procedure": (
        Code(
            "TG-FENCE",
            "The run could not prove that the failed site has stopped taking writes, so nothing was promoted. The "
            "earlier steps were undone.",
            "Stop the writers of the failed site, then run this again. To continue all the same, name each fence in "
            "`failover_fence_override`, with a reason.",
            "No fence is proven, so the failed site might still take writes. 0 of 1 gates passed. To continue all "
            "the same, name each fence in failover_fence_override: {fences: [...], reason: ...}.",
        ),
        Code(
            "TG-WAIT",
            "DNS resolvers did not return the expected answer in the time allowed. The message states whether steps "
            "were undone.",
            "Query the name from outside. Records with a long TTL need a longer time.",
            "0 of 1 gates passed. 'dns' failed: observed 192.0.2.10; expected 198.51.100.10.",
        ),
        Code(
            "TG-VERIFY",
            "Users do not get the expected answer from the site that should serve now. No step was undone.",
            "Check the site now. The message states what answered at the address of users.",
            "0 of 1 gates passed. 'verify' failed: observed 502; expected 200.",
        ),
        Code(
            "TG-SOAK",
            "After the traffic had returned, a gate failed during the soak time of the failback.",
            "Check the primary site now. With `failback_soak_action: relock` the site was locked again; the record "
            "states that.",
            "1 of 2 gates passed. 'errors' failed: observed 12 %; expected at most 1 %.",
        ),
        Code(
            "TG-YOUR-TASKS",
            "A file of the user's tasks failed in a step or a gate. The message has the reason that Ansible reported.",
            "Correct the cause in that reason. The message also states whether the earlier steps were undone.",
            "promote: The database refused the connection. Everything that had been done was undone.",
        ),
        Code(
            "TG-RESOURCE",
            "A resource in `failover_resources` would not be moved, so the procedure does not begin.",
            "The message names the resource and what is wrong with it. Correct that.",
            "failover_resources, rds: There is no database instance orders-b. Check its name, region and account.",
        ),
        Code(
            "TG-WRITER",
            "The databases do not replicate as the variables describe. A person must find out which one is the "
            "writer. Nothing was promoted.",
            "Find out which database has current data. Then correct `failover_resources`, or build the replica again.",
            "orders-a is a replica of orders-c, not of orders-b. Find out who the writer is.",
        ),
        Code(
            "TG-REPLICATION",
            "The replication is broken or cannot be set up, so a promotion would lose data. Nothing was promoted.",
            "Repair it, or make a new replica.",
            "The replication of orders-b is error, so it does not have what was written since. It was not promoted. "
            "Repair the replication or make a new replica; type=unplanned promotes it as it is.",
        ),
        Code(
            "TG-CAPACITY",
            "AWS could not give the Auto Scaling group the instances that were requested.",
            "Check its scaling activities: quotas, instance types and subnets are the usual causes. Then run this "
            "again.",
            "Auto Scaling group orders-b has 1 of 4 instances in service. You have requested more vCPU capacity than "
            "your current limit. Check its scaling activities.",
        ),
        Code(
            "TG-CHANGED-BY-HAND",
            "Somebody changed the Auto Scaling group since a run of this collection did. Nothing was changed.",
            "Find out why. Set the group by hand to the right values, or delete the tag that the message names.",
            "Auto Scaling group orders-a has 2 instances (1 to 4). Run 20261121T030405Z-3f9a1c2e found 4 instances "
            "(2 to 8) and gave it 0 instances (0 to 0). Somebody else has changed it since. Find out why; then set "
            "it by hand to one of these, or delete its tag tidegate-capacity to take it as it is.",
        ),
        Code(
            "TG-UNHEALTHY",
            "The target group that should get the traffic has no healthy target. The weights were not changed.",
            "Check its targets and their health check, or set `allow_unhealthy`.",
            "Target group orders-b has no healthy target. Users would get errors there. Check its targets and their "
            "health check, or set allow_unhealthy.",
        ),
        Code(
            "TG-NO-SITE",
            "No site gets traffic from the accelerator, and it is not clear which one should. Nothing was changed.",
            "Find out which site has current data, and bring that site in.",
            "orders: no site gets traffic from the accelerator (primary: dial 0). None was brought in, because "
            "bring_in is never. Find out which site has current data, and bring that one in.",
        ),
        Code(
            "TG-RECORD",
            "The record of a run could not be written to its file. This has no effect on what the run did.",
            "Check that the folder exists and can be written to. The record itself is in the result of the run.",
            "The record could not be kept in /var/lib/tidegate/records/checkout.jsonl: Permission denied. The record "
            "itself is in the result of this run; check that the folder may be written to.",
        ),
        Code(
            "TG-NOTIFY",
            "Nobody was notified: the notification targets or the record are not valid.",
            "Correct what each line of the message names.",
            "Nobody was notified, because notify_record is no record of a run.",
        ),
        Code(
            "TG-DRILL",
            "The drill was refused, was stopped, or has found a reason why a failover would fail.",
            "The message states what was not proven and whether the way back succeeded. If it begins with THE WAY "
            "BACK FAILED, act now: traffic is not where it was.",
            "Drill of failover, without effect refused. Nothing was done.",
        ),
        Code(
            "TG-DRIFT",
            "The service differs from what its locks, holds and variables describe.",
            "Each line names what was found and what was expected. Findings that can be repaired name the command.",
            "The lock of health check 233e180f was released by hand.",
        ),
        Code(
            "TG-NOT-KNOWN",
            "The status of a service could not be read completely.",
            "The message names the part and the reason. Everything that could be read is in the result.",
            "its variables cannot be used: 'zone' is undefined",
        ),
        Code(
            "TG-REHEARSAL",
            "Resources that an aborted rehearsal had left could not be removed.",
            "Remove by hand the resources that the message names.",
            "Listener tidegate-rehearsal could not be removed.",
        ),
    ),
    "The maintenance page": (
        Code(
            "TG-USERS-SEE",
            "The page was switched, but users do not get the expected answer. The switch was not undone.",
            "Check that `maintenance_verify_url` leads through these fronts, and that the page or the service is up.",
            "In maintenance: shop answers on https. But users do not get the page. Observed: 502. Expected: 503 from "
            "the page. The page stays up. Check that maintenance_verify_url leads through these fronts, that the "
            "server of the page is up, and that maintenance_verify_status is what it answers.",
        ),
        Code(
            "TG-PAGE-DEAD",
            "The page has no running backend or instance. Nothing was changed.",
            "Start one, then run this again.",
            "Backend set 'maintenance-page', which is to serve the page, cannot answer users: 0 of 1 backends are "
            "healthy. Users would get a 502 of the load balancer. Nothing was changed. Start a backend of it, or end "
            "its drain or offline.",
        ),
        Code(
            "TG-PAGE-RULE",
            "The rule set would not show the page to users: no redirect, a permanent one, or one that leads back. "
            "Nothing was changed.",
            "Correct the rule set as the message describes. `oci_maintenance_page` creates a suitable one.",
            "Rule set 'maintenance' redirects with 301. Browsers keep that answer, so users would still be sent to "
            "the page after maintenance. Change its response code to 302 or 307.",
        ),
        Code(
            "TG-PAGE-TAKEN",
            "Another page is already on this listener or route. Nothing was changed.",
            "End that maintenance first, or name the same page.",
            "Listener 'https' shows, or is to show, the page of backend set 'sorry'. One listener can have one page "
            "in place. End that maintenance first, or give that backend set.",
        ),
        Code(
            "TG-WRONG-LISTENER",
            "The selected listeners cannot show a page, or it is not clear which listeners are meant. Nothing was "
            "changed.",
            "Name the right listeners in `listeners`; the message lists the possible ones.",
            "Listener 'tcp' has the protocol TCP. It passes bytes on, and can neither redirect nor answer HTTP "
            "requests, so it cannot show a maintenance page. Listeners that can: https. Name those in listeners.",
        ),
        Code(
            "TG-HOLDS-UNREADABLE",
            "The tags that record who holds the page were edited, so it is not known who holds it. Nothing was "
            "changed.",
            "Find out who needs the page. To end maintenance all the same, run with `state: disabled` and `force: "
            "true`.",
            "The free-form tags tidegate-holds of the load balancer should record who holds its maintenance page, "
            "but cannot be read; somebody has edited them. So it is unknown who holds the page. To end maintenance "
            "all the same and clear these tags, run with state: disabled and force: true.",
        ),
        Code(
            "TG-NO-RULES-LEFT",
            "The listener of the Application Load Balancer has no room for the rules of the page. Nothing was changed.",
            "Free the priorities that the message names, or allow `move_rules`.",
            "The page needs 2 rules before all others, and the priorities up to 50000 are in use. Free some of them.",
        ),
    ),
    "Signing in, and the services": (
        Code(
            "TG-SIGN-IN",
            "The credentials are missing, expired, incomplete or not known to the service.",
            "Get new credentials, or correct `profile` and the options that sign in. Check the clock too: a service "
            "refuses requests with a wrong time.",
            "Cannot read health check 233e180f: Unable to locate credentials. Give access_key and secret_key, or "
            "profile, or run where a role is.",
        ),
        Code(
            "TG-ACCESS",
            "The service accepts the credentials, but they do not allow this action.",
            "Allow the action that the message names. The page [permissions](permissions.md) has a policy for "
            "each playbook.",
            "Cannot read load balancer ocid1.loadbalancer.oc1..a: OCI answered 403 NotAllowed: Authorization failed. "
            "A policy must allow this user or principal to 'use load-balancers' there.",
        ),
        Code(
            "TG-NOT-FOUND",
            "The object does not exist, or these credentials may not see it.",
            "Check its name or id, the region or compartment, and that the credentials are of the account that owns "
            "it.",
            "There is no alarm checkout-backends. Check its name and region.",
        ),
        Code(
            "TG-RELATED",
            "The request refers to something that does not exist or that these credentials may not see.",
            "Check what the request names: certificates, tag namespaces, subnets.",
            "Cannot update listener https: OCI answered 400 RelatedResourceNotAuthorizedOrNotFound.",
        ),
        Code(
            "TG-UNREACHABLE",
            "No connection could be made, so nothing was carried out.",
            "Check the region, the endpoint, the proxy, and the network path.",
            "Cannot read health check 233e180f: no connection to https://route53.example.com (timed out). Check "
            "region, endpoint_url, aws_ca_bundle and the network path to it.",
        ),
        Code(
            "TG-WRONG-ENDPOINT",
            "The answer did not come from the service, but from a proxy, a login page, or a wrong endpoint.",
            "Check the option that the message names, and proxies on the way.",
            "Cannot read health check 233e180f: what answered at https://route53.example.com is not AWS as it is "
            "known (its answer cannot be parsed). Check endpoint_url, and proxies on the way.",
        ),
        Code(
            "TG-THROTTLED",
            "AWS refuses further calls for now: the account has made more calls than its limit allows.",
            "Run this again later. Find out what else makes calls; Route 53 allows five a second for each account.",
            "Cannot lock health check 233e180f: AWS answered 400 Throttling: Rate exceeded.",
        ),
        Code(
            "TG-UNAVAILABLE",
            "The service failed, or the connection broke. The call may have been carried out all the same.",
            "Run this again. The run first reads what was carried out.",
            "Cannot lock health check 233e180f: the connection to https://route53.example.com broke (reset by peer).",
        ),
        Code(
            "TG-TIMEOUT",
            "The time allowed by `wait_timeout` ran out. What was accepted until then may still take effect.",
            "Run this again: the new run continues from there. Or allow more time.",
            "The wait_timeout of 60 s ran out after 7 attempts in a row that did not go through. The last one: AWS "
            "answered 503.",
        ),
        Code(
            "TG-REJECTED",
            "The service rejected the request itself. To send it again would not help.",
            "Correct what the service names. If all options are right, report it as a defect.",
            "Cannot read health check 233e180f-f023-45a3-954e-415303f21eab: AWS answered 405 405: nothing else. That "
            "was not Route 53. Check endpoint_url, and proxies on the way.",
        ),
        Code(
            "TG-WORK-REQUEST",
            "OCI accepted the change, but the change failed inside the service. The resource is unchanged.",
            "Read the reason in the message; the console shows the work request by its id.",
            "Work request ocid1.workrequest.oc1..a (UpdateListener) ended FAILED: no capacity. It changed nothing.",
        ),
    ),
    "Everything else": (
        Code(
            "TG-REFUSED",
            "The present state of the object does not allow the requested change. Nothing was written for it.",
            "The message states what was observed, what was expected, and what to do.",
            "Auto Scaling group orders-b is being deleted (Delete in progress). Name another one.",
        ),
        Code(
            "TG-FAILED",
            "The run has failed for a reason that has no code of its own.",
            "The message states what was observed, what was expected, and what to do.",
            "no step was taken",
        ),
        Code(
            "TG-DEFECT",
            "This collection itself broke. What had been done until then is not undone.",
            "Check what was done, then report the message.",
            "This collection itself broke with KeyError (decision.py, line 12). This is a defect: report it with "
            "these words. What had been done until then is not undone; check it before you run this again.",
        ),
    ),
}

CODES: dict[str, Code] = {code.name: code for group in GROUPS.values() for code in group}
