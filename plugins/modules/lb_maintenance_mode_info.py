#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Show which listeners of OCI load balancers are in maintenance, and who holds them there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_maintenance_mode_info
short_description: Show which listeners of OCI load balancers are in maintenance, and who holds them there
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Reads one or many OCI load balancers and shows the rule sets attached to their listeners, whether a maintenance
    page is up, and who holds it. Each load balancer takes one call.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.info_module
  - tidegate.failover.attributes.action_group_oci
  - tidegate.failover.oci
options:
  load_balancer_id:
    description:
      - OCID of the load balancer. Either this or O(targets) is needed.
    type: str
  listeners:
    description:
      - Show these listeners only. One that does not exist is an error, unless somebody holds a page there.
    type: list
    elements: str
  backend_set:
    description:
      - Show only the listeners whose default backend set this is. If there is none, the task fails, unless somebody
        holds a page of O(rule_set). Then the listeners with such a hold are shown.
    type: str
  rule_set:
    description:
      - The rule set that shows the maintenance page. It must exist, unless somebody still holds it.
      - With this option, RV(load_balancers[].unexplained) reports where the rule set is attached although nobody holds
        it. Without this option, a listener counts as in maintenance if a rule set that somebody holds is attached to
        it, or if a page that somebody holds is in place.
    type: str
  strategy:
    description:
      - How users get the page, as in O(tidegate.failover.lb_maintenance_mode#module:strategy). V(redirect), if not
        given.
    type: str
    choices: [redirect, backend_set]
    default: redirect
  maintenance_backend_set:
    description:
      - With O(strategy=backend_set), the backend set that serves the page, in place of O(rule_set).
    type: str
  tester_routing_policy:
    description:
      - Not used. It exists so that the same selection can be given to M(tidegate.failover.lb_maintenance_mode).
    type: str
  targets:
    description:
      - Many selections at once, read in parallel. A failure of one does not hide the others.
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
          - Show these listeners only.
        type: list
        elements: str
      backend_set:
        description:
          - Show only the listeners whose default backend set this is.
        type: str
      rule_set:
        description:
          - The rule set that shows the maintenance page.
        type: str
      strategy:
        description:
          - How users get the page, as in O(strategy).
        type: str
        choices: [redirect, backend_set]
        default: redirect
      maintenance_backend_set:
        description:
          - The backend set that serves the page, as in O(maintenance_backend_set).
        type: str
      tester_routing_policy:
        description:
          - Not used, as O(tester_routing_policy).
        type: str
      region:
        description:
          - The region of this load balancer, if not the task's O(region).
        type: str
  wait_timeout:
    description:
      - Seconds that each load balancer may take, in all, while the service is throttling or failing.
    type: int
    default: 60
notes:
  - The credentials need a policy such as C(allow group sre to read load-balancers in compartment web).
seealso:
  - module: tidegate.failover.lb_maintenance_mode
"""

EXAMPLES = r"""
- name: Read all listeners of a load balancer
  tidegate.failover.lb_maintenance_mode_info:
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    rule_set: maintenance-page
  register: maintenance

- name: Show who holds the page
  ansible.builtin.debug:
    msg: "{{ maintenance.load_balancers[0].listeners | map(attribute='holds') | flatten | map(attribute='owner') }}"
"""

RETURN = r"""
load_balancers:
  description: What was found, for each target in the order given.
  returned: always
  type: list
  elements: dict
  contains:
    load_balancer_id:
      description: The OCID as it was given.
      returned: always
      type: str
      sample: ocid1.loadbalancer.oc1.iad.aaaaexample
    failed:
      description: Whether the load balancer could not be read, or lacks an object that was named.
      returned: always
      type: bool
      sample: false
    msg:
      description: Why it failed. Empty otherwise.
      returned: always
      type: str
      sample: ''
    display_name:
      description: The name of the load balancer.
      returned: when it could be read
      type: str
      sample: checkout
    lifecycle_state:
      description: The state of the load balancer itself.
      returned: when it could be read
      type: str
      sample: ACTIVE
    etag:
      description: The version that was read.
      returned: when it could be read
      type: str
      sample: 3f2a9c1e
    in_maintenance:
      description: Whether the page is up on any of these listeners.
      returned: when it could be read
      type: bool
      sample: true
    listeners:
      description:
        - The listeners, by name, as they are.
        - V(passed_by) names settings that lead requests past a page in place, such as C(routing policy 'route_443'),
          because somebody has set them again after the page was put up. Run M(tidegate.failover.lb_maintenance_mode)
          with O(tidegate.failover.lb_maintenance_mode#module:state=enabled) again to cover it. Usually empty.
        - V(original) contains the settings that a listener gets back when maintenance ends, if a page is in place
          there. V(null) otherwise.
      returned: when it could be read
      type: list
      elements: dict
      sample:
        - name: https
          protocol: HTTP
          port: 443
          default_backend_set_name: app
          rule_set_names: [maintenance-page, security-headers]
          in_maintenance: true
          passed_by: []
          original: null
          holds:
            - listener: https
              rule_set: maintenance-page
              owner: change:CHG-1234
              since: '2026-11-21T03:04:05Z'
              reason: Database upgrade
    left_out:
      description: The listeners of O(backend_set) that M(tidegate.failover.lb_maintenance_mode) would not switch,
        because their users get the page at another listener, or because they cannot show the page. Only with
        O(rule_set) or O(maintenance_backend_set).
      returned: when it could be read
      type: list
      elements: dict
      contains:
        listener:
          description: Its name.
          returned: always
          type: str
          sample: http
        reason:
          description: Why it would not be switched.
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
    unexplained:
      description: Names of the listeners that show the page of O(rule_set) although nobody holds it.
      returned: when it could be read
      type: list
      elements: str
      sample: []
    stale_holds:
      description:
        - Holds of the load balancer whose listener or rule set is gone. They keep no page up. Release them with their
          owner, listener and rule set and O(tidegate.failover.lb_maintenance_mode#module:state=disabled).
        - A listener that is gone may be shown by its mark, such as C(#QWjZ8).
      returned: when it could be read
      type: list
      elements: dict
      sample: []
    tags_for_holds:
      description:
        - How many free-form tags of the load balancer the holds may use, out of the ten that OCI allows.
        - With 0 nobody can record a hold, and an alarm does not put the page up.
      returned: when it could be read
      type: int
      sample: 9
    redirect_rule_sets:
      description: The rule sets of the load balancer that redirect, and so could show a page.
      returned: when it could be read
      type: list
      elements: str
      sample: [http-to-https, maintenance-page]
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.lb_maintenance_mode_info import (
    create_module,
    run,
)


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
