#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put a maintenance page in front of an Application Load Balancer, or remove it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alb_maintenance_mode
short_description: Put a maintenance page in front of an Application Load Balancer, or remove it
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Makes listeners of an Application Load Balancer (ALB) of AWS answer every request with a maintenance page, or lets
    them answer by their own rules again.
  - The module creates rules for the page before all other rules of a listener. Each answers with status 503 and a short
    page, or redirects with status 302. It changes neither the rules of others nor the default action. So listeners that
    have only a default action work as well.
  - Where other rules have the first priorities, they get higher numbers while the page is up, all in one call and in
    the same order. Before that, the module records their priorities in tags of the listener. Afterwards it compares the
    rules with this record, and gives them back exactly these priorities.
  - Paths can be exempt, and testers pass the page by a secret header or by their address. The listener handles such
    requests as if the page were not up. For them the module repeats each rule of the listener before the page,
    restricted to the exemption. Where the limits of ALB do not allow that exactly, the task is refused with the reason.
  - Each O(owner) has its own hold on the page. The page goes away when the last hold is released, so an alarm that
    recovers never ends a maintenance window that a person opened. Holds are kept in tags of the listener
    (C(tidegate.failover:hold-)), with a checksum. Rules of this collection have the tag C(tidegate.failover:rule).
    Other tools must not change these.
  - The AWS Load Balancer Controller of Kubernetes removes rules and tags that are not its own when it reconciles. The
    module still switches a listener of the controller, and a warning names the cluster. Stop the controller for as long
    as the page is up.
  - If a run is aborted at any moment, nothing is lost. Run the task again, and it completes the change.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
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
      - V(enabled) puts the page up on the listeners, and records that O(owner) holds it.
      - V(disabled) releases the hold of O(owner), and removes the page if nobody else holds it.
    type: str
    required: true
    choices: [enabled, disabled]
  load_balancer:
    description:
      - Name or ARN of the load balancer. It goes with O(ports). Either this, O(listeners) or O(targets) is needed.
      - A Network or Gateway Load Balancer is refused. It forwards packets and cannot answer a request.
    type: str
  ports:
    description:
      - The ports of the listeners that are switched, such as V(443). Each must exist.
      - A listener that only redirects from HTTP to HTTPS can be left out. Its users get the page after the redirect.
    type: list
    elements: int
  listeners:
    description:
      - The ARNs of the listeners that are switched, all of one load balancer, instead of O(load_balancer) and O(ports).
    type: list
    elements: str
  language:
    description:
      - Language of the built-in texts of the page, as in M(tidegate.failover.maintenance_page). V(en) if not given.
    type: str
  title:
    description:
      - Title of the page. There is a built-in one.
    type: str
  text:
    description:
      - Message of the page. There is a built-in one. The whole page can have at most 1,024 bytes.
    type: str
  contact:
    description:
      - Whom users can ask, such as an e-mail address.
    type: str
  html:
    description:
      - A whole HTML page, instead of the page that the module makes of O(title), O(text) and O(contact). At most 1,024
        bytes.
    type: str
  json_paths:
    description:
      - Path patterns, such as V(/api/*), for which the answer is the message as JSON (RFC 9457).
      - An ALB cannot choose the format exactly by the header C(Accept), so the module uses paths.
    type: list
    elements: str
  text_paths:
    description:
      - Path patterns for which the answer is the message as plain text.
    type: list
    elements: str
  redirect_url:
    description:
      - Redirect users there with status 302, in place of showing the page. For pages that have more than 1,024 bytes,
        or need headers.
      - "ALB redirects with 301 or 302 only. Browsers remember 301, so it is not used. There is no 307: after a 302, a
        browser that sent a form gets the page with GET."
    type: str
  exempt_paths:
    description:
      - Path patterns, such as V(/webhooks/*), that the listener handles as if the page were not up.
      - A pattern must be within the path pattern of a rule of the listener, contain it, or have nothing in common with
        it. Otherwise the task is refused, because a rule can have only one condition on the path.
      - A Route 53 health check on an exempt path does not see the page.
    type: list
    elements: str
  tester_header:
    description:
      - Name of a header. The listener handles requests with this header and the value O(tester_secret) as if the page
        were not up.
    type: str
  tester_secret:
    description:
      - The value of O(tester_header), 16 to 128 characters. An ALB ignores the case of its letters.
      - While the page is up, anybody who may call C(DescribeRules) can read the secret in the rules of the listener.
        Use it for nothing else, and use a new one for each maintenance window. This collection never shows it.
    type: str
  tester_addresses:
    description:
      - Addresses and ranges, such as V(192.0.2.0/24), of testers. The listener handles requests from them as if the
        page were not up.
      - An ALB checks the address of the connection. Behind a CDN or a proxy, this is not the tester's own address.
    type: list
    elements: str
  move_rules:
    description:
      - Whether the module may give rules of others higher priority numbers while the page is up, where the first
        priorities are in use. V(true) if not given.
      - With V(false) the task is refused in this case. Use V(false) where a controller or Terraform owns all
        priorities, and keep the first ones free.
    type: bool
  targets:
    description:
      - Many load balancers at once, in parallel. A failure of one neither stops nor hides the others.
      - Takes the place of the options that choose listeners and describe the page.
    type: list
    elements: dict
    suboptions:
      load_balancer:
        description:
          - Name or ARN of the load balancer, as in O(load_balancer).
        type: str
      ports:
        description:
          - The ports of the listeners that are switched.
        type: list
        elements: int
      listeners:
        description:
          - The ARNs of the listeners that are switched, instead of O(targets[].load_balancer) and O(targets[].ports).
        type: list
        elements: str
      region:
        description:
          - The region of this load balancer, where it is not that of the task. Not needed with an ARN, which contains
            it.
        type: str
      language:
        description:
          - As in O(language).
        type: str
      title:
        description:
          - As in O(title).
        type: str
      text:
        description:
          - As in O(text).
        type: str
      contact:
        description:
          - As in O(contact).
        type: str
      html:
        description:
          - As in O(html).
        type: str
      json_paths:
        description:
          - As in O(json_paths).
        type: list
        elements: str
      text_paths:
        description:
          - As in O(text_paths).
        type: list
        elements: str
      redirect_url:
        description:
          - As in O(redirect_url).
        type: str
      exempt_paths:
        description:
          - As in O(exempt_paths).
        type: list
        elements: str
      tester_header:
        description:
          - As in O(tester_header).
        type: str
      tester_secret:
        description:
          - As in O(tester_secret).
        type: str
      tester_addresses:
        description:
          - As in O(tester_addresses).
        type: list
        elements: str
      move_rules:
        description:
          - As in O(move_rules).
        type: bool
      owner:
        description:
          - Who holds the page of this target, if not the task's O(owner). So one task can switch the pages of several
            services, each with its own owner.
        type: str
  owner:
    description:
      - Who holds the page, such as V(operator:alice), V(change:CHG-1234) or V(alarm:checkout-targets). At most 64
        characters. Give the same one when exiting.
      - An owner that is V(alarm) or begins with V(alarm:), in capitals or not, does not change a page that nobody
        holds. RV(load_balancers[].held_back) reports it, or a warning if other listeners were switched.
    type: str
    default: operator
  reason:
    description:
      - Why, for the people who find the page up. At most 100 characters. It is kept with a new hold. An existing hold
        keeps its reason.
    type: str
    default: ''
  force:
    description:
      - With O(state=disabled), release the holds of all owners on these listeners. RV(load_balancers[].released) lists
        the owners.
      - Needed where tags with holds cannot be read any more. The module then removes these tags and the page. Rules
        whose former priorities cannot be read stay where they are.
    type: bool
    default: false
  only_if_backends:
    description:
      - Change something only if the targets of the listeners' own target groups are in this state at the moment.
        Otherwise nothing is changed, the task succeeds, and RV(load_balancers[].held_back) gives the reason. Use it
        where a task follows events, which may be late, repeated or wrong.
      - V(down) if no target is healthy, and all are known not to serve.
      - V(serving) if at least one target is healthy.
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
      - Seconds that each load balancer may take, in all, while others change it too or the service is throttling or
        failing.
    type: int
    default: 120
notes:
  - The credentials need C(elasticloadbalancing:DescribeLoadBalancers), C(elasticloadbalancing:DescribeListeners),
    C(elasticloadbalancing:DescribeRules), C(elasticloadbalancing:DescribeTags),
    C(elasticloadbalancing:CreateRule), C(elasticloadbalancing:ModifyRule), C(elasticloadbalancing:DeleteRule),
    C(elasticloadbalancing:SetRulePriorities), C(elasticloadbalancing:AddTags) and
    C(elasticloadbalancing:RemoveTags). With O(only_if_backends) they also need
    C(elasticloadbalancing:DescribeTargetHealth). Without C(elasticloadbalancing:DescribeAccountLimits) a warning says
    that the number of rules was not checked.
  - "What a fixed response of ALB cannot do: its body has at most 1,024 bytes, and it has no headers besides the content
    type, so there is no C(Retry-After) and no C(Cache-Control). A request with HEAD gets the same headers without the
    body."
  - Rules of ALB have no versions, so there is no conditional request. A rule of the page is created with a priority
    that only one rule can have, so two runs cannot both create it. The module moves rules of others only by
    C(SetRulePriorities), and compares them with the record before it gives them their priorities back. If somebody else
    changes the priority of the same rule between that read and the write, which takes one request, this change is
    overwritten.
  - Rules that somebody adds or changes during maintenance have no effect on exempt requests at first, because copies of
    the rules handle exempt requests. Run the same task again to update the copies.
  - Where several owners hold the page, the page stays as the first owner put it up. If a task requests another page, it
    prints a warning.
  - A rule that signs users in by OpenID Connect cannot be repeated for exempt requests, because its client secret
    cannot be read. If paths are exempt, the same applies to rules that match the path by a regular expression.
  - Target groups and their health checks are not changed. Targets stay registered and are checked as before.
seealso:
  - module: tidegate.failover.alb_maintenance_mode_info
  - module: tidegate.failover.lb_maintenance_mode
  - module: tidegate.failover.cf_maintenance_mode
  - name: Listener rules for your Application Load Balancer
    description: The user guide of AWS.
    link: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""

EXAMPLES = r"""
- name: Put the maintenance page in front of the shop
  tidegate.failover.alb_maintenance_mode:
    state: enabled
    load_balancer: shop
    ports: [80]
    text: We are upgrading our database.
    json_paths: [/api/*]
    owner: change:CHG-1234
    reason: Database upgrade

- name: Remove the page again
  tidegate.failover.alb_maintenance_mode:
    state: disabled
    load_balancer: shop
    ports: [80]
    owner: change:CHG-1234

- name: Show the page to everybody except testers and the webhooks of a payment provider
  tidegate.failover.alb_maintenance_mode:
    state: enabled
    load_balancer: shop
    ports: [80]
    exempt_paths: [/webhooks/*]
    tester_header: X-Maintenance-Tester
    tester_secret: "{{ vault_tester_secret }}"
    tester_addresses: [192.0.2.0/24]

- name: Redirect to a page elsewhere
  tidegate.failover.alb_maintenance_mode:
    state: enabled
    load_balancer: shop
    ports: [80]
    redirect_url: https://status.example.com/shop

- name: Remove the page no matter who holds it
  tidegate.failover.alb_maintenance_mode:
    state: disabled
    load_balancer: shop
    ports: [80]
    force: true
"""

RETURN = r"""
msg:
  description: What happened, in a sentence.
  returned: always
  type: str
  sample: "In maintenance: shop (HTTPS:443) shows the page, held by change:CHG-1234."
load_balancers:
  description: What was found and done for each target, in the order given.
  returned: always
  type: list
  elements: dict
  contains:
    load_balancer:
      description: The name of the load balancer. As it was given, if it could not be read.
      returned: always
      type: str
      sample: shop
    load_balancer_arn:
      description: Its ARN. V(null) if it could not be read.
      returned: always
      type: str
      sample: arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188
    changed:
      description: Whether something was changed on this load balancer, or would be in check mode.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether the load balancer could not be brought into the requested state.
      returned: always
      type: bool
      sample: false
    msg:
      description: What happened, or why it failed and what had been done until then.
      returned: always
      type: str
      sample: "In maintenance: shop (HTTPS:443) shows the page, held by change:CHG-1234."
    before:
      description:
        - The listeners as they were found, each with its page, its holds and its rules. V(null) if they could not be
          read. Values of headers are never shown.
      returned: always
      type: dict
      sample:
        listeners:
          - name: HTTPS:443
            listener_arn: >-
              arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2
            in_maintenance: false
            redirects: false
            holds: []
            rules:
              - id: 9683b2d02a6cabee
                priority: 1
                ours: null
                conditions: [{field: path-pattern, values: [/api/*]}]
                action: forward api (1)
    after:
      description: The same listeners afterwards, or as predicted in check mode.
      returned: always
      type: dict
      sample:
        listeners:
          - name: HTTPS:443
            listener_arn: >-
              arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2
            in_maintenance: true
            redirects: false
            holds:
              - owner: change:CHG-1234
                since: '2026-11-21T03:04:05Z'
                reason: Database upgrade
                is_leaving: false
            rules:
              - id: 1f2e3d4c5b6a7988
                priority: 1
                ours: page
                conditions: [{field: path-pattern, values: ['/*']}]
                action: fixed-response 503 text/html
              - id: 9683b2d02a6cabee
                priority: 2
                ours: null
                conditions: [{field: path-pattern, values: [/api/*]}]
                action: forward api (1)
    in_maintenance:
      description: Whether the page is up on all of these listeners. V(null) if they could not be read.
      returned: always
      type: bool
      sample: true
    held_by:
      description: The owners who hold the page now.
      returned: always
      type: list
      elements: str
      sample: [change:CHG-1234]
    unexplained:
      description: Whether the page is up on a listener although nobody holds it.
      returned: always
      type: bool
      sample: false
    released:
      description: The holds that this run released, each with its listener.
      returned: always
      type: list
      elements: dict
      sample: []
    held_back:
      description: Why nothing was done. The reason is O(only_if_backends), O(event_time), or an alarm that found a page
        that nobody holds. Empty otherwise.
      returned: always
      type: str
      sample: ''
    warnings:
      description: Findings that did not stop the run. The task prints them as warnings.
      returned: always
      type: list
      elements: str
      sample: []
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-NO-RULES-LEFT
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.alb_maintenance_mode import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
