#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find out in AWS what would stop a failover or a failback, before the night it is needed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: failover_preflight
short_description: Check in AWS for blockers of a failover or a failback
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Checks health checks, DNS records, alarms and permissions of services, and reports blockers of a failover or a
    failback of each, and what a person should know besides. It changes nothing.
  - All services are checked together, with as few requests as possible.
  - It also reports whether the other site is healthy, as far as Route 53 knows, and what DNS will answer once the
    primary site is locked.
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
      - The services. Where two of them name the same health check, both get a finding that says so.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - What it is called in the result.
        type: str
        required: true
      health_check_ids:
        description:
          - The health checks of the primary site. The first one carries the claim of a run, so it needs a path, of at
            most about 190 characters. None can be of the type C(RECOVERY_CONTROL), which Route 53 lets nobody update.
        type: list
        elements: str
        required: true
      records:
        description:
          - The DNS records that lead users to it.
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
          - At which health of its other site this service is going to be locked, in the order of O(services). If it is,
            its site counts as locked out for the services after it. So of two services that are each other's other
            site only the first one finds the other healthy.
          - V(never) if only this service is checked, V(healthy) if Route 53 has to know that the other site serves,
            V(not_unhealthy) if something else has proven it, V(any) if a person takes out what may be the last site.
        type: str
        choices: [never, healthy, not_unhealthy, any]
        default: never
  other_sites_only:
    description:
      - Checks only records and the health checks of other sites, which takes a few calls less. Nothing is found
        of the services themselves then, so that RV(services[].findings) is empty.
    type: bool
    default: false
  locked_before:
    description:
      - Services that are going to be locked before all of these, by their health checks. Their sites count as locked
        out.
    type: dict
    default: {}
  thorough:
    description:
      - Also asks the endpoints for a pinned path, as Route 53's checkers would; checks whether Lambda functions listen
        to alarms on the health checks; and tries whether the credentials may change them.
      - The latter is an C(UpdateHealthCheck) of no setting, for a version that is long gone, which AWS refuses whatever
        happens.
    type: bool
    default: true
  lock_path:
    description:
      - As in M(tidegate.failover.r53_healthcheck_lock).
    type: str
    default: /lb-check-failed-over
  wait_timeout:
    description:
      - Seconds that the task may take in all, for throttling and failures that pass.
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
- name: See what would stop a failover of the shop
  tidegate.failover.failover_preflight:
    services:
      - name: checkout
        health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
        records: [{zone: example.com, name: checkout.example.com, type: A}]
  register: preflight

- name: Fail if something would
  ansible.builtin.assert:
    that: preflight.services | rejectattr('failover_ready') | length == 0
"""

RETURN = r"""
services:
  description: What was found, for each service in the order given.
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
      description: Whether nothing was found that stops a failover.
      returned: always
      type: bool
      sample: true
    failback_ready:
      description: Whether nothing was found that stops a failback. Its gates are not evaluated.
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
            - V(error) stops what RV(services[].findings[].stops) names; V(warning) does not. V(info) is as it should
              be, and worth knowing.
          returned: always
          type: str
          sample: error
        stops:
          description: What it stops, C(failover), C(failback), both or none.
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
      description: What users are led to once the primary site is locked.
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
          description: What DNS will answer, by name and type. Those of an alias are not known, and left out.
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
