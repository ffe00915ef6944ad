#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put a maintenance page in front of OCI load balancer listeners, or remove it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_maintenance_mode
short_description: Put a maintenance page in front of OCI load balancer listeners, or remove it
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Attaches a rule set that redirects to a maintenance page to listeners of an OCI load balancer, or detaches it. With
    O(strategy=backend_set) the listeners answer with the page themselves, without a redirect.
  - Nothing else of the listeners changes. The module writes them back exactly as it read them, including fields that
    the installed SDK does not know, and only if nobody changed the load balancer in between. On a conflict the module
    reads and decides again until O(wait_timeout).
  - Each O(owner) has its own hold on the page. The page goes away when the last hold is released, so an alarm that
    recovers never ends a maintenance window that a person opened. Holds are kept in free-form tags of the load balancer
    (C(tidegate-holds-1) and so on), which other tools must not change. In Terraform, list them in C(ignore_changes).
  - For people the module first puts up the page and then records the hold. For an alarm it first records the hold, so
    that the recovery can remove every page that the alarm put up. With O(strategy=backend_set) it always records the
    hold first. If a run is aborted in between, run it again.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_oci
  - tidegate.failover.oci
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description:
      - V(enabled) puts the page up by O(strategy), and records that O(owner) holds it.
      - V(disabled) releases the hold of O(owner), and removes the page if nobody else holds it. Objects that this does
        not change need not exist any more. A warning names a rule set, listener or backend set that is gone.
      - With V(disabled) a name that the load balancer does not have is an error only if there is nothing to release,
        and O(owner) holds a page elsewhere on the load balancer. Then the name is probably a typing error.
    type: str
    required: true
    choices: [enabled, disabled]
  load_balancer_id:
    description:
      - OCID of the load balancer. Network load balancers cannot redirect and are refused.
      - Either this or O(targets) is needed.
    type: str
  listeners:
    description:
      - Names of the listeners to switch. Every listener must exist and be able to show the page, or none is switched.
        With O(state=disabled) the hold on a listener that is gone is released.
      - If OCI then refuses to change one of the listeners, the others are still switched, and the task fails.
    type: list
    elements: str
  backend_set:
    description:
      - Switch every listener whose default backend set this is and that can show the page, whatever the listeners
        are called. If none can, the task fails.
      - A listener whose own redirects lead all of its requests to a listener with the page is left unchanged, because
        its users get the page there. The usual listener that redirects HTTP to HTTPS is an example.
      - A listener that cannot show the page is left out, and a warning names it with the reason. It speaks TCP, has a
        cipher suite that OCI does not accept in an update, redirects one of the page's paths elsewhere, or serves the
        page itself. RV(load_balancers[].left_out) lists both kinds.
      - With O(state=disabled) the page is also removed from listeners where it is still attached or held, even if they
        would now be left out.
      - Listeners that send only some requests to this backend set, by a routing policy or path route set, are not
        switched, because the page would cover more than this backend set. A warning names them.
      - With O(state=disabled), if no listener serves this backend set any more, the listeners on which O(owner) holds
        O(rule_set) are switched. If these serve different backend sets, name them in O(listeners).
    type: str
  rule_set:
    description:
      - Name of the rule set that redirects to the page. It must exist on that load balancer and is never created.
      - It is refused if it redirects nothing, or redirects with 301 or 308, which browsers remember; if it redirects in
        a loop; if another attached rule set redirects the same path; or if it redirects to an address of the load
        balancer where it does not listen.
      - The module searches for redirect loops over all listeners of the load balancer, by port, protocol, virtual host
        name and path. A host name that matches one of the load balancer's host names, wildcards included, counts as
        leading back to it.
      - A warning names requests that still reach the application because no rule covers them, and a port and protocol
        on which the load balancer does not listen. The latter is no error, because another server in front of the load
        balancer may answer there.
      - With O(state=disabled) the module checks none of this, not even whether the rule set exists.
      - Needed with O(strategy=redirect).
    type: str
  strategy:
    description:
      - How users get the page. The documentation of the role
        P(tidegate.failover.maintenance#role) has a table of what each kind of client gets under each strategy.
      - V(redirect) attaches O(rule_set), so that users are redirected to the page. Route 53 counts a redirect as
        healthy, and a program that follows no redirects gets no page.
      - V(backend_set) makes O(maintenance_backend_set) the default backend set of the listeners. They answer every path
        and method themselves, with the status of its backends, which should be 503. Route 53 counts 503 as unhealthy,
        so a record with a health check of this address fails over.
      - V(backend_set) also removes the routing policy and the path route set from the listener, because they would send
        requests past the page. Before that, the module records these settings in the tags of the holds. It restores
        them when the last hold is released. Settings that somebody has changed meanwhile are left unchanged.
      - With V(backend_set) it can happen that no listener uses the backend set of the application any more. Then OCI
        may not report its health. So the condition O(only_if_backends=serving) may never be met, and a person has to
        remove the page. A warning reports that.
      - Rule sets stay attached with V(backend_set). Requests that they redirect elsewhere do not get the page.
      - A page must be removed with the same strategy that put it up.
    type: str
    choices: [redirect, backend_set]
    default: redirect
  maintenance_backend_set:
    description:
      - Name of the backend set that serves the page. It must exist on that load balancer and is never created.
      - It is refused if it is already the default backend set of a listener, if none of its backends takes new users,
        or if all of them have failed. OCI may not check a backend set that no listener uses. If its health is unknown,
        there is a warning.
      - Needed with O(strategy=backend_set). Also needed with O(state=disabled), but then it need not exist any more.
    type: str
  tester_routing_policy:
    description:
      - Name of a routing policy of the load balancer that leads testers to the application while the page is up. It
        replaces the listeners' own routing policy.
      - Each of its rules has to require a header or a cookie that only testers have, for example
        C(http.request.headers[(i 'x-tester')] eq 'some-secret'), and must not lead to O(maintenance_backend_set). A
        rule that requires neither, or that contains a negation, is refused.
      - OCI's routing policies cannot distinguish users by their address, so testers cannot pass by their address.
        Redirect rules match paths only, so with O(strategy=redirect) testers cannot pass at all.
      - Where the page is already up, the routing policy of the first owner stays.
    type: str
  targets:
    description:
      - Many selections at once. Different load balancers are switched in parallel, and selections on one load balancer
        one after the other. A failure on one neither stops nor hides the others.
      - Takes the place of O(load_balancer_id), O(listeners), O(backend_set), O(rule_set), O(strategy),
        O(maintenance_backend_set) and O(tester_routing_policy).
    type: list
    elements: dict
    suboptions:
      load_balancer_id:
        description:
          - OCID of the load balancer.
        type: str
        required: true
      listeners:
        description:
          - Names of the listeners to switch, as in O(listeners). Either these or O(targets[].backend_set).
        type: list
        elements: str
      backend_set:
        description:
          - Switch every listener whose default backend set this is and that can show the page, as in O(backend_set).
        type: str
      rule_set:
        description:
          - Name of the rule set that redirects to the page, as in O(rule_set).
        type: str
      strategy:
        description:
          - How users get the page, as in O(strategy).
        type: str
        choices: [redirect, backend_set]
        default: redirect
      maintenance_backend_set:
        description:
          - Name of the backend set that serves the page, as in O(maintenance_backend_set).
        type: str
      tester_routing_policy:
        description:
          - Name of the routing policy that leads testers to the application, as in O(tester_routing_policy).
        type: str
      region:
        description:
          - The region of this load balancer, if not the task's O(region).
        type: str
      owner:
        description:
          - Who holds the page of this target, if not the task's O(owner). So one task can switch the pages of several
            services, each with its own owner.
        type: str
  owner:
    description:
      - Who holds the page, such as V(operator:alice), V(change:CHG-1234) or V(alarm:checkout-backends). At most 64
        characters. Give the same one when exiting.
      - An owner that is V(alarm) or begins with V(alarm:), in capitals or not, does not change a page that nobody
        holds. With O(state=enabled) the module records no hold on such a page, RV(load_balancers[].held_back) or a
        warning reports it, and the recovery of the alarm does not remove the page. Any other owner may take over or
        remove such a page.
      - If the hold of an alarm cannot be recorded, the page is not put up, and the task fails.
    type: str
    default: operator
  reason:
    description:
      - Why, for the people who find the page up. At most 100 characters. It is kept with a new hold. An existing hold
        keeps its reason.
      - The reason is left out, with a warning, if the load balancer's free-form tags have no room for it. If there is
        still not enough room, listeners are recorded by a mark of five characters. Owners are never shortened.
    type: str
    default: ''
  force:
    description:
      - With O(state=disabled), release the holds of all owners on these listeners. RV(load_balancers[].released) lists
        the owners.
      - Needed where the tags with the holds cannot be read any more. Then all holds of the load balancer are removed.
    type: bool
    default: false
  only_if_backends:
    description:
      - Change something only if the backends are in this state at the moment. Otherwise nothing is changed, the task
        succeeds, and RV(load_balancers[].held_back) gives the reason. Use it where a task follows events, which may be
        late, repeated or wrong.
      - Only backends that take the traffic of new users count. A backend with the flag C(drain), C(offline) or
        C(backup) does not count, even if it is healthy. The module does not use the status that OCI reports for a
        backend set, because it counts all backends, and C(CRITICAL) means only that fewer than half are OK.
      - V(down) if every backend that counts is critical, or no backend counts. So the page goes up if all backends are
        drained, or if only a sorry server (a backup) is left.
      - V(serving) if at least one backend that counts is OK, or in the state C(WARNING), in which it still gets
        requests.
      - A backend set is in neither state while the health of the backends that count is unknown. The same applies when
        its health is about other backends than the load balancer lists, because backends were added or removed just
        now.
      - With O(listeners) their default backend sets count, and all of them must be in this state. The same applies when
        maintenance ends on listeners that do not serve O(backend_set) any more.
      - If such a default backend set has no backends, as behind an ingress controller, the backend sets with backends
        that the listener's routing policy or path route set leads to count. All of them must be in this state.
    type: str
    choices: [down, serving]
  event_time:
    description:
      - The time of the event that this task follows, with a zone, as in V(2026-11-21T03:04:05Z).
      - A new hold counts from this time. With O(state=disabled), a hold of O(owner) that counts from a later time is
        kept, because the event is older than that hold. RV(load_balancers[].held_back) reports it.
      - A time in the future counts as now.
    type: str
  wait_timeout:
    description:
      - Seconds that each target may take, in all, until its changes have succeeded. The module always waits.
      - If the time runs out, the task fails and reports the state of the work request. A change that OCI has accepted
        may still take effect; run the task again to find out.
      - The module gives up after a few attempts if an endpoint never answers.
    type: int
    default: 600
notes:
  - The credentials need a policy such as C(allow group sre to use load-balancers in compartment web). Where the load
    balancer has defined tags, recording a hold may need C(use tag-namespaces) too. The module sends the defined tags as
    it read them. If OCI refuses them, the module sends the hold without them, and then reads them again. If they have
    not changed, there is a warning. Otherwise the task fails and reports what to restore.
  - If OCI shows a field of a listener, but refuses it in an update as unknown, the module leaves the field out. A
    warning reports whether OCI has kept the field. Fields of the API reference are never left out.
  - A change takes one call to read the load balancer and one to write each listener, both again for the hold, and a few
    to wait. A run that finds nothing to do makes one more call, to check that no change is under way that would undo
    the state it found. If a change is under way, the run waits for it. It reads again after a change that ended in the
    last seconds.
seealso:
  - module: tidegate.failover.lb_maintenance_mode_info
  - name: Redirect rules
    description: How rule sets redirect, in Oracle's documentation.
    link: https://docs.oracle.com/en-us/iaas/Content/Balance/Tasks/managingrulesets.htm
"""

EXAMPLES = r"""
- name: Put the maintenance page in front of the application
  tidegate.failover.lb_maintenance_mode:
    state: enabled
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    backend_set: app
    rule_set: maintenance-page
    owner: change:CHG-1234
    reason: Database upgrade

- name: Remove the page again
  tidegate.failover.lb_maintenance_mode:
    state: disabled
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    backend_set: app
    rule_set: maintenance-page
    owner: change:CHG-1234

- name: Answer with the page at every address, except for testers
  tidegate.failover.lb_maintenance_mode:
    state: enabled
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    backend_set: app
    strategy: backend_set
    maintenance_backend_set: sorry
    tester_routing_policy: testers
    owner: change:CHG-1234

- name: Remove the page no matter who holds it
  tidegate.failover.lb_maintenance_mode:
    state: disabled
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    listeners: [https]
    rule_set: maintenance-page
    force: true

- name: Follow an alarm that all backends have failed, if the backends confirm it
  tidegate.failover.lb_maintenance_mode:
    state: enabled
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    backend_set: app
    rule_set: maintenance-page
    owner: alarm:checkout-backends
    only_if_backends: down
    event_time: '2026-11-21T03:04:05Z'

- name: Put the page up on many load balancers at once
  tidegate.failover.lb_maintenance_mode:
    state: enabled
    owner: operator:alice
    reason: Ashburn is unreachable for users
    targets:
      - load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
        backend_set: app
        rule_set: maintenance-page
      - load_balancer_id: ocid1.loadbalancer.oc1.phx.bbbbexample
        region: us-phoenix-1
        listeners: [api, https]
        rule_set: sorry
"""

RETURN = r"""
msg:
  description: What happened, in a sentence.
  returned: always
  type: str
  sample: "In maintenance: 'maintenance-page' is attached to api, https, held by change:CHG-1234."
load_balancers:
  description: What was found and done for each target, in the order given.
  returned: always
  type: list
  elements: dict
  contains:
    load_balancer_id:
      description: The OCID as it was given.
      returned: always
      type: str
      sample: ocid1.loadbalancer.oc1.iad.aaaaexample
    display_name:
      description: The name of the load balancer. V(null) if it could not be read.
      returned: always
      type: str
      sample: checkout
    strategy:
      description: How users get the page.
      returned: always
      type: str
      sample: redirect
    rule_set:
      description: The rule set that shows the page. V(null) with O(strategy=backend_set).
      returned: always
      type: str
      sample: maintenance-page
    maintenance_backend_set:
      description: The backend set that serves the page. V(null) with O(strategy=redirect).
      returned: always
      type: str
      sample: null
    listeners:
      description: The listeners that were to be switched.
      returned: always
      type: list
      elements: str
      sample: [api, https]
    left_out:
      description: The other listeners of O(backend_set). Empty with O(listeners).
      returned: always
      type: list
      elements: dict
      contains:
        listener:
          description: Its name.
          returned: always
          type: str
          sample: http
        reason:
          description: Why it was not switched.
          returned: always
          type: str
          sample: It redirects all requests to https, where its users get the page.
        leads_to:
          description: The listeners where its users get the page. Empty if they do not get it.
          returned: always
          type: list
          elements: str
          sample: [https]
      sample:
        - listener: http
          reason: It redirects all requests to https, where its users get the page.
          leads_to: [https]
        - listener: mail
          reason: It has the protocol TCP, so it can neither redirect nor answer HTTP requests.
          leads_to: []
    warnings:
      description: Findings that did not stop the run. The task prints them as warnings.
      returned: always
      type: list
      elements: str
      sample:
        - The users of listener 'mail' do not get the page. It has the protocol TCP, so it can neither
          redirect nor answer HTTP requests.
    changed:
      description: Whether anything was written for this target, or was accepted and may still take effect.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether this target does not match the requested state.
      returned: always
      type: bool
      sample: false
    msg:
      description: What happened to this target. For a failure, what was observed, what was expected and what to do.
      returned: always
      type: str
      sample: "In maintenance: 'maintenance-page' is attached to api, https, held by change:CHG-1234."
    before:
      description:
        - The rule sets of those listeners, and all holds of the load balancer, as they were found.
        - With O(strategy=backend_set) also V(default_backend_set_name), V(routing_policy_name) and
          V(path_route_set_name). A hold on a page in place has V(maintenance_backend_set), and V(null) as its
          V(rule_set).
      returned: always
      type: dict
      sample:
        listeners: {api: {rule_set_names: []}, https: {rule_set_names: [security-headers]}}
        holds: []
    after:
      description: The same listeners and holds as they are now, or as predicted in check mode.
      returned: always
      type: dict
      sample:
        listeners:
          api: {rule_set_names: [maintenance-page]}
          https: {rule_set_names: [maintenance-page, security-headers]}
        holds:
          - listener: api
            rule_set: maintenance-page
            owner: change:CHG-1234
            since: '2026-11-21T03:04:05Z'
            reason: Database upgrade
    etag:
      description: The version of the load balancer when it was last read. A later write has changed it.
      returned: always
      type: str
      sample: 3f2a9c1e
    held_by:
      description: The owners who hold the page on these listeners now.
      returned: always
      type: list
      elements: str
      sample: ['change:CHG-1234']
    unexplained:
      description: The listeners that show the page although nobody holds it.
      returned: always
      type: list
      elements: str
      sample: []
    released:
      description: The holds that this run released.
      returned: always
      type: list
      elements: dict
      sample: []
    held_back:
      description:
        - Why nothing was changed although the target did not match the requested state. See O(only_if_backends) and
          O(event_time). For an alarm, another reason is that nobody holds the page that is up on all of the listeners.
        - Empty otherwise.
      returned: always
      type: str
      sample: ''
    no_room_for_alarms:
      description:
        - Why an alarm could not record a hold on these listeners next to the existing records, and so would not put the
          page up. The text lists the free-form tags, and how many of them to remove.
        - Empty if any alarm could record a hold, and with O(state=disabled).
      returned: always
      type: str
      sample: ''
    work_requests:
      description: The work requests that carried out the changes, in order, with the seconds that the module waited for
        each.
      returned: always
      type: list
      elements: dict
      sample:
        - id: ocid1.loadbalancerworkrequest.oc1.iad.aaaaexample
          lifecycle_state: SUCCEEDED
          step: "'maintenance-page' attached to api"
          seconds: 4.1
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-PAGE-DEAD
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.lb_maintenance_mode import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
