#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take a site out of AWS Global Accelerator, and put it back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: global_accelerator_site
short_description: Take a site out of AWS Global Accelerator, and put it back
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Sets the traffic dial of a site's endpoint group to 0, or removes the site's endpoints from an endpoint group, and
    puts them back as they are declared.
  - The module first brings in the site that shall serve. That site must have a healthy endpoint before the module takes
    out the other one. The last serving site is not taken out without O(targets[].override).
  - An endpoint group has no version, so writes are not compare-and-set. The module reads, decides, writes one thing and
    reads back. It changes only the traffic dial, or only adds and removes endpoints, so that nothing else of a group is
    overwritten.
  - If two runs take out both sites at the same moment, one of them puts its site back. If both runs notice that no site
    is left, the primary site is put back.
  - Afterwards the module waits until the accelerator is C(DEPLOYED), also if an earlier run made the change.
  - A traffic dial of 0 keeps users away only while another endpoint group has a healthy endpoint. If no other group has
    one, Global Accelerator ignores the dial, and still sends users to healthy endpoints of the group. So a dial is no
    fence. To keep a site out even if the other site fails, give its endpoints. The module then removes them.
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
  targets:
    description:
      - The services, each with its own outcome in RV(targets). A target that fails or is refused does not stop the
        others. The task fails if any target failed.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name of the service in messages.
        type: str
        required: true
      primary:
        description:
          - The primary site at the accelerator, with its settings while it serves.
        type: dict
        required: true
        suboptions: &site
          endpoint_group_arn:
            description:
              - The endpoint group of the site. Both sites may be in one group, if each names its
                O(targets[].primary.endpoints).
            type: str
            required: true
          traffic_dial:
            description:
              - The traffic dial of the group while the site serves, in percent. A group with another dial, other than
                0, is refused, because that dial could not be restored exactly. Not used where the site has endpoints.
            type: float
            default: 100
          endpoints:
            description:
              - The site's endpoints. If given, the module removes and adds them instead of using the traffic dial. It
                adds them as given here, so give all settings that differ from the defaults of AWS. An endpoint whose
                present weight or client IP preservation differs from these settings is refused.
            type: list
            elements: dict
            default: []
            suboptions:
              endpoint_id:
                description:
                  - The ARN of the load balancer, the allocation id of the address, or the id of the instance.
                type: str
                required: true
              weight:
                description:
                  - Its weight, from 0 to 255.
                type: int
              client_ip_preservation:
                description:
                  - Whether it sees the addresses of clients. By default an Application Load Balancer does, and a
                    Network Load Balancer does not. An internal load balancer and an instance always do, so give V(true)
                    for an internal Network Load Balancer.
                type: bool
              attachment_arn:
                description:
                  - The cross-account attachment that permits the endpoint. Needed if it belongs to another account.
                type: str
      secondary:
        description:
          - The secondary site.
        type: dict
        required: true
        suboptions: *site
      passive:
        description:
          - Whether the secondary site gets no traffic while the primary site serves. If so, a failover brings it in,
            and a failback takes it out.
        type: bool
        default: false
      override:
        description:
          - A decision to take a site out although the other site is not known to serve.
        type: dict
        suboptions:
          reason:
            description:
              - Why.
            type: str
            required: true
      bring_in:
        description:
          - When to bring in the site that shall serve, if it gets no traffic. A failover and a failback need V(always).
          - With V(never) this site stays out, so the other site is the last serving site. Use it where a task follows
            events, because a site that was taken out may have outdated data. The target fails if no site gets traffic.
          - V(if_none) brings the site in only if no site gets traffic at all.
        type: str
        choices: [always, if_none, never]
        default: always
  to:
    description:
      - The site that shall serve. V(secondary) takes the primary site out.
    type: str
    required: true
    choices: [secondary, primary]
  type:
    description:
      - The type of the failover. Both types do the same here.
    type: str
    choices: [planned, unplanned]
    default: planned
  if_last_site:
    description:
      - The result for a target whose site is not taken out because the other site is not known to serve, or was put
        back because another run took out the other site at the same moment. V(refuse) fails the task, and the other
        targets are still changed. With V(hold_back) the task succeeds and RV(targets[].held_back) gives the reason. Use
        it where a task follows events.
    type: str
    choices: [refuse, hold_back]
    default: refuse
  run_id:
    description:
      - The id of the run.
    type: str
    default: ''
  wait_timeout:
    description:
      - Seconds that the task may take in all.
    type: int
    default: 600
notes:
  - The credentials need C(globalaccelerator:DescribeEndpointGroup), C(globalaccelerator:DescribeAccelerator),
    C(globalaccelerator:UpdateEndpointGroup), C(globalaccelerator:AddEndpoints) and
    C(globalaccelerator:RemoveEndpoints).
  - The control plane of Global Accelerator is in us-west-2. The module uses this Region, whatever region is set.
  - AWS does not show whether an endpoint is attached by a cross-account attachment, so the module does not compare
    this.
seealso:
  - module: tidegate.failover.r53_record_switch
"""

EXAMPLES = r"""
- name: Take the failed site out of the accelerator
  tidegate.failover.global_accelerator_site:
    to: secondary
    targets:
      - name: checkout
        primary:
          endpoint_group_arn: "{{ accelerator }}/listener/0123vxyz/endpoint-group/ab88888example"
        secondary:
          endpoint_group_arn: "{{ accelerator }}/listener/0123vxyz/endpoint-group/cd99999example"

- name: Take a site out because of an alert, unless it is the only one that gets traffic
  tidegate.failover.global_accelerator_site:
    to: secondary
    if_last_site: hold_back
    targets:
      - name: checkout
        bring_in: never
        primary:
          endpoint_group_arn: "{{ accelerator }}/listener/0123vxyz/endpoint-group/ab88888example"
        secondary:
          endpoint_group_arn: "{{ accelerator }}/listener/0123vxyz/endpoint-group/cd99999example"
"""

RETURN = r"""
msg:
  description: What happened, in a sentence.
  returned: always
  type: str
  sample: "The accelerator of checkout leads now to the secondary site."
targets:
  description: The result of each target, in the order given.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the target.
      returned: always
      type: str
      sample: checkout
    changed:
      description: Whether anything was changed.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether the accelerator does not match the requested state, or its state is not known.
      returned: always
      type: bool
      sample: false
    refused:
      description: Whether the module refused the change. Otherwise a failure means that something could not be read or
        done.
      returned: always
      type: bool
      sample: false
    msg:
      description: The result, or the predicted result in check mode. For a failure, what was observed, what was
        expected and what to do.
      returned: always
      type: str
      sample: "The accelerator of checkout leads now to the secondary site."
    held_back:
      description: Why the site was not taken out although nothing failed; see O(if_last_site). Empty otherwise.
      returned: always
      type: str
      sample: ''
    warnings:
      description: Other findings, for a person.
      returned: always
      type: list
      elements: str
      sample: []
    before:
      description: The endpoint groups as they were read, in C(endpoint_groups). V(null) if they could not be read.
      returned: always
      type: dict
      sample: {endpoint_groups: [{TrafficDialPercentage: 100.0}]}
    after:
      description: The endpoint groups as they are now, or as predicted in check mode.
      returned: always
      type: dict
      sample: {endpoint_groups: [{TrafficDialPercentage: 0.0}]}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.global_accelerator_site import (
    create_module,
    run,
)


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
