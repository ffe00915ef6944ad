#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Show whether Cloud Foundry routes are in maintenance, and who holds them there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cf_maintenance_mode_info
short_description: Show whether Cloud Foundry routes are in maintenance, and who holds them there
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Reads one or many routes of Cloud Foundry and shows what they lead to, whether a maintenance page is up, who holds
    it, and what the route leads to without it.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.info_module
  - tidegate.failover.attributes.action_group_cloud_foundry
  - tidegate.failover.cloud_foundry
options:
  route_guid:
    description:
      - The guid of the route. Either this, O(url) or O(targets) is needed.
    type: str
  url:
    description:
      - The address of the route, such as V(shop.apps.example.com/cart). It must be the exact address of a route.
    type: str
  organization:
    description:
      - Name or guid of the organization that the route must be in.
    type: str
  space:
    description:
      - Name or guid of the space that the route must be in.
    type: str
  responder_app:
    description:
      - Name or guid of the app that shows the page. With this option, RV(routes[].unexplained) reports whether the page
        is up although nobody holds it, and RV(routes[].blockers) reports whether the app can show the page on this
        route.
      - Without this option, a route counts as in maintenance if it leads to the responder of a hold.
    type: str
  targets:
    description:
      - Many routes at once, read in parallel. A failure of one does not hide the others.
      - Takes the place of O(route_guid), O(url), O(organization), O(space) and O(responder_app).
    type: list
    elements: dict
    suboptions:
      route_guid:
        description:
          - The guid of the route. Either this or O(targets[].url).
        type: str
      url:
        description:
          - The address of the route.
        type: str
      organization:
        description:
          - Name or guid of the organization that the route must be in.
        type: str
      space:
        description:
          - Name or guid of the space that the route must be in.
        type: str
      responder_app:
        description:
          - Name or guid of the app that shows the page.
        type: str
  wait_timeout:
    description:
      - Seconds that each route may take, in all, while the platform is throttling or failing.
    type: int
    default: 60
notes:
  - The credentials need any role in the space that owns the route.
seealso:
  - module: tidegate.failover.cf_maintenance_mode
"""

EXAMPLES = r"""
- name: Read a route
  tidegate.failover.cf_maintenance_mode_info:
    api_url: https://api.cf.example.com
    client_id: failover
    client_secret: "{{ vault_cf_client_secret }}"
    url: shop.apps.example.com
    responder_app: maintenance
  register: maintenance

- name: Show who holds the page
  ansible.builtin.debug:
    msg: "{{ maintenance.routes[0].holds | map(attribute='owner') }}"
"""

RETURN = r"""
routes:
  description: What was found, for each target in the order given.
  returned: always
  type: list
  elements: dict
  contains:
    route_guid:
      description: The guid of the route. V(null) if it could not be found.
      returned: always
      type: str
      sample: cbad697f-cac1-48f4-9017-ac08f39dfb31
    url:
      description: The address of the route. As it was given, if the route could not be read.
      returned: always
      type: str
      sample: shop.apps.example.com
    failed:
      description: Whether the route could not be read, or is not in the organization and space of the options.
      returned: always
      type: bool
      sample: false
    msg:
      description: Why it failed. Empty otherwise.
      returned: always
      type: str
      sample: ''
    organization:
      description: The name of the organization that owns the route.
      returned: when it could be read
      type: str
      sample: example
    space:
      description: The name of the space that owns the route.
      returned: when it could be read
      type: str
      sample: shop
    protocol:
      description: The protocol of the route.
      returned: when it could be read
      type: str
      sample: http
    in_maintenance:
      description: Whether the page is up.
      returned: when it could be read
      type: bool
      sample: true
    unexplained:
      description: Whether the page of O(responder_app) is up although nobody holds it.
      returned: when it could be read
      type: bool
      sample: false
    destinations:
      description: What the route leads to.
      returned: when it could be read
      type: list
      elements: dict
      sample:
        - app: 5fa4cbfc-ed56-4436-a917-020d6920826f
          app_name: maintenance
          process: web
          port: 8080
          weight: null
          protocol: http1
    holds:
      description: Who holds the page, and for each hold, the destinations of the route before it.
      returned: when it could be read
      type: list
      elements: dict
      sample:
        - owner: change:CHG-1234
          since: '2026-11-21T03:04:05Z'
          reason: Database upgrade
          responder: 5fa4cbfc-ed56-4436-a917-020d6920826f
          is_leaving: false
          before:
            - app: 0a6636b5-7fc4-44d8-8752-0db3e40b35a5
              app_name: shop
              process: web
              port: 8080
              weight: null
              protocol: http1
    damaged_annotations:
      description: Annotations that should contain a hold, but cannot be read because somebody has edited them.
      returned: when it could be read
      type: list
      elements: str
      sample: []
    blockers:
      description: Why M(tidegate.failover.cf_maintenance_mode) would refuse this route, as far as reading it shows.
      returned: when it could be read
      type: list
      elements: str
      sample: []
    route_services:
      description: How many route services are bound to the route. They get each request before the page does.
      returned: when it could be read
      type: int
      sample: 0
    annotations_for_holds:
      description: How many annotations of the route the holds may use, out of the 200 that Cloud Foundry usually
        allows.
      returned: when it could be read
      type: int
      sample: 200
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.cf_maintenance_mode_info import (
    create_module,
    run,
)


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
