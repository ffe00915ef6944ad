#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Create, change or delete the Route 53 health check of one site of a service."""

from __future__ import annotations

DOCUMENTATION = r"""
module: r53_healthcheck
short_description: Create, change or delete the Route 53 health check of one site of a service
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - The module recognises a health check by the caller reference that it was created with, which never changes. So the
    next run also finds the health check of an aborted run, and two services never share one.
  - A locked health check is refused, in both states. A corrected path would unlock it, and a deleted health check would
    return traffic to its site.
  - The role P(tidegate.failover.aws_setup#role) uses it. For other types, such as calculated ones, use
    M(amazon.aws.route53_health_check).
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
      - V(present) creates the health check, or corrects its settings and tags.
      - V(absent) deletes it. Records that name it count as healthy from then on, so delete them first.
    type: str
    choices: [present, absent]
    default: present
  service:
    description:
      - The service that the health check belongs to. It becomes the tag C(tidegate-setup). Each service has its own
        health checks.
    type: str
    required: true
  name:
    description:
      - The name of the health check within the service. It becomes the tag C(Name). Another name means another health
        check.
    type: str
    required: true
  health_check_id:
    description:
      - The id of a health check that another tool created. Then the module does not search for one. If it does not
        exist, the task fails.
    type: str
  type:
    description:
      - How Route 53 probes the site. The type cannot be changed later, and a task with another type is refused.
    type: str
    choices: [HTTP, HTTPS, TCP]
    default: HTTPS
  ip_address:
    description:
      - The address that is probed. If not given, Route 53 resolves O(fqdn) for each probe. The address cannot be added
        later.
    type: str
  fqdn:
    description:
      - The name that is sent with each probe, and resolved where O(ip_address) is not given. It must not be the name
        that fails over, or all health checks would probe the same site.
    type: str
  port:
    description:
      - The probed port. If not given, the port of the protocol. Required for V(TCP).
    type: int
  resource_path:
    description:
      - The probed path. Not used for V(TCP). Route 53 counts every answer of 2xx and 3xx as healthy.
    type: str
    default: /
  request_interval:
    description:
      - Seconds between two probes of one checker. V(10) finds a failure sooner, and costs more. It cannot be changed
        later.
    type: int
    choices: [10, 30]
    default: 30
  failure_threshold:
    description:
      - How many consecutive probes, 1 to 10, have to differ from the present state before a checker changes it. With
        V(1) a single lost request fails a site over.
    type: int
    default: 3
  lock_path:
    description:
      - The path to which locks pin health checks. The module uses it to recognise a pinned path that contains no lock
        id.
    type: str
    default: /lb-check-failed-over
  wait_timeout:
    description:
      - Seconds that the task may take, while the service is throttling or failing, or somebody else changes the health
        check.
    type: int
    default: 60
notes:
  - The credentials need C(route53:ListHealthChecks), C(route53:GetHealthCheck), C(route53:ListTagsForResources),
    C(route53:ListTagsForResource), C(route53:CreateHealthCheck), C(route53:UpdateHealthCheck),
    C(route53:DeleteHealthCheck) and C(route53:ChangeTagsForResource).
  - Two first runs at the same moment can create two health checks. The next run refuses that and names both.
seealso:
  - module: tidegate.failover.r53_healthcheck_info
  - module: tidegate.failover.r53_healthcheck_lock
"""

EXAMPLES = r"""
- name: Probe the primary site
  tidegate.failover.r53_healthcheck:
    service: checkout
    name: checkout primary
    ip_address: 192.0.2.10
    fqdn: primary.checkout.example.com
    resource_path: /lb-check
  register: primary

- name: Delete its health check
  tidegate.failover.r53_healthcheck:
    state: absent
    service: checkout
    name: checkout primary
"""

RETURN = r"""
health_check_id:
  description: The id of the health check. V(null) if there is none now.
  returned: success, not in check mode
  type: str
  sample: 233e180f-f023-45a3-954e-415303f21eab
steps:
  description: What was done, or would be.
  returned: always
  type: list
  elements: str
  sample: ["health check 'checkout primary' created", "tags of health check 'checkout primary' updated"]
msg:
  description: The steps in one sentence.
  returned: always
  type: str
  sample: health check 'checkout primary' created; tags of health check 'checkout primary' updated.
before:
  description: Configuration and tags of the health check before. Empty if it did not exist.
  returned: always
  type: dict
  sample: {}
after:
  description: Configuration and tags of the health check now, or as predicted in check mode.
  returned: always
  type: dict
  sample:
    configuration:
      type: HTTPS
      ip_address: 192.0.2.10
      fully_qualified_domain_name: primary.checkout.example.com
      port: 443
      resource_path: /lb-check
      request_interval: 30
      failure_threshold: 3
    tags: {Name: checkout primary, tidegate-setup: checkout}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.r53_healthcheck import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
