#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Show the locks of Route 53 health checks, their configuration, and the observations of the checkers."""

from __future__ import annotations

DOCUMENTATION = r"""
module: r53_healthcheck_info
short_description: Show the locks of Route 53 health checks, their configuration, and the observations of the checkers
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Reads one, many or all health checks of an account, and shows whether they are locked, by whom and since when, what
    Route 53's checkers last observed, and whether they are healthy.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.info_module
  - tidegate.failover.attributes.action_group_aws
  - tidegate.failover.r53_healthchecks
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  include_observations:
    description:
      - Whether to read the last observation of each checker. This takes one call for each health check, and AWS allows
        few of these calls per second.
      - If not set, the module reads the observations where at most ten health checks are named.
    type: bool
  include_tags:
    description:
      - Whether to read tags. Without tags, a lock has neither owner nor reason, a lock of another tool has no original
        path, and RV(health_checks[].tags) is empty.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds that the task may take in all, while the service is throttling or failing.
    type: int
    default: 60
notes:
  - Without any of O(health_check_ids), O(health_check_names) and O(health_check_tags), all health checks are shown.
  - The credentials need C(route53:GetHealthCheck), C(route53:ListTagsForResources), C(route53:ListTagsForResource)
    and C(route53:GetHealthCheckStatus), and C(route53:ListHealthChecks) for more than four health checks or other ways
    to name them than O(health_check_ids).
seealso:
  - module: tidegate.failover.r53_healthcheck_lock
"""

EXAMPLES = r"""
- name: Read one health check
  tidegate.failover.r53_healthcheck_info:
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
  register: seen

- name: Show who locked it
  ansible.builtin.debug:
    msg: "{{ seen.health_checks[0].lock.owner | default('nobody', true) }}"

- name: Read all health checks of the account
  tidegate.failover.r53_healthcheck_info:
  register: everything

- name: Show the names of those that are locked
  ansible.builtin.debug:
    msg: "{{ everything.health_checks | selectattr('lock') | map(attribute='name') }}"
"""

RETURN = r"""
health_checks:
  description: What was found, in the order given, else in the order of the ids.
  returned: always
  type: list
  elements: dict
  contains:
    health_check_id:
      description: The id of the health check.
      returned: always
      type: str
      sample: 233e180f-f023-45a3-954e-415303f21eab
    failed:
      description: Whether the health check, or the observations of its checkers, could not be read.
      returned: always
      type: bool
      sample: false
    msg:
      description: Why it failed. Empty otherwise.
      returned: always
      type: str
      sample: ''
    name:
      description: Its C(Name) tag. V(null) if it has none.
      returned: when it could be read
      type: str
      sample: checkout primary
    type:
      description: Its type.
      returned: when it could be read
      type: str
      sample: HTTPS
    version:
      description: The version of its configuration, which increases with each change.
      returned: when it could be read
      type: int
      sample: 8
    caller_reference:
      description: The caller reference that was given when the health check was created. It never changes.
      returned: when it could be read
      type: str
      sample: 3f9a1c2e-0b4c-4a21-9d1e-5a2c7f60b1e4
    configuration:
      description: Its configuration, as the API gives it, with names in snake case.
      returned: when it could be read
      type: dict
      sample:
        type: HTTPS
        fully_qualified_domain_name: primary.checkout.example.com
        port: 443
        resource_path: /lb-check-failed-over?restore=%2Flb-check&lock=20261121T030405Z-3f9a1c2e
        request_interval: 30
        failure_threshold: 1
        enable_sni: true
        inverted: false
        disabled: false
    tags:
      description: Its tags.
      returned: when it could be read
      type: dict
      sample: {Name: checkout primary}
    lock:
      description: The lock that is on it. V(null) if there is none.
      returned: when it could be read
      type: dict
      contains:
        id:
          description: The id of the lock.
          returned: always
          type: str
          sample: 20261121T030405Z-3f9a1c2e
        method:
          description: V(path) if the path is pinned, V(invert) if it is disabled and inverted.
          returned: always
          type: str
          sample: path
        placed_by:
          description: V(tidegate), V(foreign) for a pinned path without lock id and original path, or V(hand).
          returned: always
          type: str
          sample: tidegate
        original_path:
          description: The path that unlocking restores, as the lock contains it. V(null) if there was none.
          returned: always
          type: str
          sample: /lb-check
        original_path_known:
          description: Whether the lock contains the original path.
          returned: always
          type: bool
          sample: true
        recovery_copies:
          description:
            - Where the lock does not contain the original path, its copies in the tags.
            - Each has C(lock_id), C(path), and C(version), which is the version of the health check with that lock. A
              copy counts only if the version of the health check is now the next one.
          returned: always
          type: list
          elements: dict
          sample: []
        since:
          description: When the lock was placed, if its id contains the time.
          returned: always
          type: str
          sample: '2026-11-21T03:04:05Z'
        owner:
          description: Who placed it, if that is known.
          returned: always
          type: str
          sample: operator:alice
        reason:
          description: Why, if that is known.
          returned: always
          type: str
          sample: CHG-1234 data center down
    health:
      description:
        - V(healthy) or V(unhealthy). V(unknown) where no checker has reported, or the observations were not read.
        - A disabled health check has no probes, so its configuration gives the state.
      returned: when it could be read
      type: str
      sample: unhealthy
    health_how:
      description: How that is known.
      returned: when it could be read
      type: str
      sample: 0 of 16 checkers see success
    healthy_share:
      description: The share of the checkers whose last probe succeeded. V(null) where the observations were not read.
      returned: when it could be read
      type: float
      sample: 0.0
    observations:
      description: The last observation of each checker. V(null) if they were not read.
      returned: when it could be read
      type: list
      elements: dict
      sample:
        - region: eu-west-1
          ip_address: 198.51.100.7
          healthy: false
          status: 'Failure: HTTP Status Code 404, Not Found'
          checked_time: '2026-11-21T03:04:35Z'
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.r53_healthcheck_info import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
