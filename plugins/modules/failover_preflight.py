#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check in AWS for blockers of a failover or a failback."""

from __future__ import annotations

DOCUMENTATION = r"""
module: failover_preflight
short_description: Check in AWS for blockers of a failover or a failback
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Checks health checks, DNS records, alarms and permissions of services, and reports blockers of a failover or a
    failback of each service, and other findings that a person should know. It changes nothing.
  - All services are checked together, with as few requests as possible.
  - It also reports whether the other site is healthy, according to Route 53, and what DNS will answer when the primary
    site is locked.
  - Findings do not fail the task. Check RV(services[].failover_ready) and RV(services[].failback_ready).
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.info_module
  - tidegate.failover.attributes.action_group_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  services:
    description:
      - The services. If two services name the same health check, both get a finding about it.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name of the service in the result.
        type: str
        required: true
      health_check_ids:
        description:
          - The health checks of the primary site. The first one carries the claim of a run, so it needs a path, of at
            most about 190 characters. The type C(RECOVERY_CONTROL) is not possible, because Route 53 does not allow
            updates of such a health check.
        type: list
        elements: str
        required: true
      records:
        description:
          - The DNS records that lead users to the service.
        type: list
        elements: dict
        default: []
        suboptions:
          zone:
            description:
              - Name of the public hosted zone. Its id, where several public zones have that name.
            type: str
            required: true
          name:
            description:
              - Name of the records.
            type: str
            required: true
          type:
            description:
              - Their type.
            type: str
            default: A
      routing_control_arns:
        description:
          - The ARC routing controls that are turned off together with the lock. Records whose health checks follow one
            of them lead to the site that is locked.
        type: list
        elements: str
        default: []
      lock_if:
        description:
          - The health of the other site at which this service is going to be locked, in the order of O(services). If
            the service is going to be locked, its site counts as locked out for the services after it. So if each of
            two services is the other site of the other service, only the first one finds its other site healthy.
          - V(never) if this service is only checked. V(healthy) if Route 53 has to report the other site as healthy.
            V(not_unhealthy) if another check has proven that the other site serves. V(any) if a person takes out what
            may be the last site.
        type: str
        choices: [never, healthy, not_unhealthy, any]
        default: never
  other_sites_only:
    description:
      - Checks only records and the health checks of other sites, which takes a few calls less. The services themselves
        are not checked, so RV(services[].findings) is empty.
    type: bool
    default: false
  locked_before:
    description:
      - Services that are going to be locked before all of O(services), by their health checks. Their sites count as
        locked out.
    type: dict
    default: {}
  thorough:
    description:
      - Also requests a pinned path from the endpoints, as Route 53's checkers would; checks whether Lambda functions
        are subscribed to alarms on the health checks; and checks whether the credentials may change the health checks.
      - For the last check it sends an C(UpdateHealthCheck) without a setting, for an old version, which AWS always
        refuses.
    type: bool
    default: true
  lock_path:
    description:
      - As in M(tidegate.failover.r53_healthcheck_lock).
    type: str
    default: /lb-check-failed-over
  wait_timeout:
    description:
      - Seconds that the task may take in all, for throttling and temporary failures.
    type: int
    default: 60
notes:
  - The credentials need C(route53:GetHealthCheck), C(route53:ListHealthChecks), C(route53:GetHealthCheckStatus),
    C(route53:ListTagsForResources), C(route53:ListTagsForResource), C(route53:ListHostedZonesByName) and
    C(route53:ListResourceRecordSets); with O(thorough) also C(route53:UpdateHealthCheck),
    C(cloudwatch:DescribeAlarmsForMetric) and C(sns:ListSubscriptionsByTopic).
seealso:
  - module: tidegate.failover.r53_healthcheck_lock
  - module: tidegate.failover.failover_state
"""

EXAMPLES = r"""
- name: Check for blockers of a failover of the shop
  tidegate.failover.failover_preflight:
    services:
      - name: checkout
        health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
        records: [{zone: example.com, name: checkout.example.com, type: A}]
  register: preflight

- name: Fail if there are blockers
  ansible.builtin.assert:
    that: preflight.services | rejectattr('failover_ready') | length == 0
"""

RETURN = r"""
services:
  description: What was found for each service, in the order given.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The service.
      returned: always
      type: str
      sample: checkout
    failover_ready:
      description: Whether no blocker of a failover was found.
      returned: always
      type: bool
      sample: true
    failback_ready:
      description: Whether no blocker of a failback was found. Its gates are not evaluated.
      returned: always
      type: bool
      sample: true
    findings:
      description: What was found.
      returned: always
      type: list
      elements: dict
      contains:
        check:
          description: What was checked.
          returned: always
          type: str
          sample: records
        level:
          description:
            - V(error) is a blocker of what RV(services[].findings[].stops) names. V(warning) blocks nothing. V(info)
              reports something that is in order.
          returned: always
          type: str
          sample: error
        stops:
          description: What the finding blocks, C(failover), C(failback), both or none.
          returned: always
          type: list
          elements: str
          sample: [failover, failback]
        msg:
          description: What was observed, and what to do.
          returned: always
          type: str
          sample: The zone example.com has no records checkout.example.com A.
    other_site:
      description: The site that users are led to when the primary site is locked.
      returned: always
      type: dict
      contains:
        health:
          description: V(healthy), V(unhealthy) or V(unknown). A record without a health check is unknown.
          returned: always
          type: str
          sample: healthy
        how:
          description: How that is known.
          returned: always
          type: str
          sample: "checkout.example.com A: record backup: 16 of 16 checkers see success"
        answers:
          description: What DNS will answer, by name and type. Answers of an alias are not known, and left out.
          returned: always
          type: dict
          sample: {checkout.example.com A: [192.0.2.2]}
    fence_ineffective:
      description:
        - Whether the primary site is locked, and the other one unhealthy. Route 53 then treats all records as healthy,
          so users can reach the locked site.
      returned: always
      type: bool
      sample: false
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.failover_preflight import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
