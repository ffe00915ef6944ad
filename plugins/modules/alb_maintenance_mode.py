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
  - The page is rules of this collection before all other rules of a listener. Each answers with status 503 and a short
    page, or redirects with status 302. No rule of anybody else is changed, and neither is the default action. So
    listeners that have only a default action work as well.
  - Where other rules have the first priorities, they get higher numbers while the page is up, all in one call and in
    the same order. What they had is recorded in tags of the listener first. They get back exactly that, after a
    comparison with what was recorded.
  - Paths can be exempt, and testers pass by a secret header or by their address. Such requests reach what they reach
    without the page. For them each rule of the listener is repeated before the page, restricted to the exemption.
    Where the limits of ALB do not allow that exactly, the task is refused with the reason.
  - Each O(owner) holds the page for itself. It goes away when the last hold is released, so an alarm that recovers
    never ends a window that a person opened. Holds are kept in tags of the listener (C(tidegate.failover:hold-)), with
    a checksum. Rules of this collection have the tag C(tidegate.failover:rule). Other tools must not change these.
  - The AWS Load Balancer Controller of Kubernetes removes rules and tags that are not its own when it reconciles. A
    listener of its own is switched all the same, and a warning names the cluster. Stop the controller for as long as
    the page is up.
  - If a run is aborted at any moment, nothing is lost. Run it again, and it ends as it would have.
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
      - The ports of the listeners that are switched, such as V(443). Each must be there.
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
      - Message of the page. There is a built-in one. The whole page can have 1,024 bytes.
    type: str
  contact:
    description:
      - Whom users can ask, such as an address of e-mail.
    type: str
  html:
    description:
      - A whole HTML page in place of the one that is made of O(title), O(text) and O(contact). At most 1,024 bytes.
    type: str
  json_paths:
    description:
      - Path patterns, such as V(/api/*), for which the answer is the message as JSON (RFC 9457).
      - An ALB cannot choose exactly by the header C(Accept), so it is chosen by path.
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
      - Path patterns, such as V(/webhooks/*), that reach what they reach without the page.
      - A pattern must be within the path pattern of a rule of the listener, contain it, or have nothing in common with
        it. If it does not, the task is refused, since a rule can have one condition on the path.
      - A Route 53 health check on an exempt path does not see the page.
    type: list
    elements: str
  tester_header:
    description:
      - Name of a header. Requests that have it with the value O(tester_secret) reach what they reach without the page.
    type: str
  tester_secret:
    description:
      - The value of that header, 16 to 128 characters. An ALB ignores the case of its letters.
      - It can be read in the rules of the listener by everybody who may call C(DescribeRules), as long as the page is
        up. Use it for this alone, and a new one for each window. This collection never shows it.
    type: str
  tester_addresses:
    description:
      - Addresses and ranges, such as V(192.0.2.0/24), from which requests reach what they reach without the page.
      - An ALB checks the address of the connection. Behind a CDN or a proxy that is not the tester's own address.
    type: list
    elements: str
  move_rules:
    description:
      - Whether rules of others may get higher priority numbers while the page is up, where the first priorities are in
        use. V(true) if not given.
      - With V(false) the task is refused then. Choose that where a controller or Terraform owns all priorities, and
        keep the first ones free.
    type: bool
  targets:
    description:
      - Many load balancers at once, side by side. A failure of one neither stops nor hides the others.
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
          - The ARNs of the listeners that are switched, instead of the two above.
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
          - Who holds the page of this target, where it is not the task's O(owner). So the pages of several services are
            switched in one task, each with an owner of its own.
        type: str
  owner:
    description:
      - Who holds the page, such as V(operator:alice), V(change:CHG-1234) or V(alarm:checkout-targets). At most 64
        characters. Give the same one when exiting.
      - An owner that is V(alarm) or begins with V(alarm:), in capitals or not, leaves a page unchanged that nobody
        holds. RV(load_balancers[].held_back) reports it, or a warning if other listeners were switched.
    type: str
    default: operator
  reason:
    description:
      - Why, for the people who find the page up. At most 100 characters. It is kept with a new hold. The reason of a
        hold that is there already stays as it was.
    type: str
    default: ''
  force:
    description:
      - With O(state=disabled), release everybody's holds on these listeners. RV(load_balancers[].released) lists whose
        they were.
      - Needed where tags with holds cannot be read any more. They are removed then, and the page as well. Rules whose
        former priorities cannot be read stay where they are.
    type: bool
    default: false
  only_if_backends:
    description:
      - Change something only if the targets of the listeners' own target groups are like that at the moment. Otherwise
        nothing is changed, the task succeeds, and RV(load_balancers[].held_back) gives the reason. For callers that
        follow events, which may be late, repeated or wrong.
      - V(down) if no target is healthy, and all are known not to serve.
      - V(serving) if at least one target is healthy.
    type: str
    choices: [down, serving]
  event_time:
    description:
      - When the event happened that this task follows, with a zone, as in V(2026-11-21T03:04:05Z).
      - A new hold counts from then. With O(state=disabled), a hold of O(owner) that counts from a later time is kept,
        since that event is about something that was over before. RV(load_balancers[].held_back) reports it.
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
    that only one rule can have, so two runs cannot both create it. Rules of others are moved only by
    C(SetRulePriorities), and are compared with the record before they get their priorities back. Between that read and
    the write is the time of one request, in which a change of the priority of the same rule by somebody else is
    overwritten.
  - Rules that somebody adds or changes during maintenance do not reach exempt requests until the task is run again,
    because exempt requests meet copies of the rules. The same task again brings the copies up to date.
  - Where several owners hold the page, it stays as the first of them has put it up. A warning reports it where a task
    asks for another one.
  - A rule that signs users in by OpenID Connect cannot be repeated for exempt requests, because its client secret
    cannot be read. The same goes for rules that match the path by a regular expression, if paths are exempt.
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

- name: Take it away again
  tidegate.failover.alb_maintenance_mode:
    state: disabled
    load_balancer: shop
    ports: [80]
    owner: change:CHG-1234

- name: Show the page to everybody but testers and the webhooks of a payment provider
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
  description: What was found and done, for each target in the order given.
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
      description: Whether it could not be brought into the requested state.
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
      description: The same afterwards. In check mode, as they would be.
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
      description: Why nothing was done, by O(only_if_backends) or O(event_time), or since an alarm found a page that
        nobody holds. Empty otherwise.
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
