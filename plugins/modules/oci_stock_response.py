#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Create the API Gateway deployment that answers with a maintenance page."""

from __future__ import annotations

DOCUMENTATION = r"""
module: oci_stock_response
short_description: Create an OCI API Gateway deployment that answers with a maintenance page
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Creates a deployment on an existing gateway of OCI API Gateway that answers every method and every path below a
    prefix with one stock response. No server is needed.
  - Limits of the service are checked before anything is written. The body has at most 5120 bytes in UTF-8, each
    header a name of at most 1024 and a value of at most 4096 bytes, and there are at most 50 headers.
  - A stock response is the same for every client. It cannot depend on C(Accept) or C(Accept-Language).
  - What it creates has the freeform tag C(tidegate-setup). A deployment without that tag is never changed or deleted,
    unless O(adopt) is set.
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
      - V(present) creates the deployment, or updates what differs.
      - V(absent) deletes the deployment. If the gateway is gone too, there is nothing to do.
    type: str
    choices: [present, absent]
    default: present
  gateway_id:
    description:
      - OCID of the gateway. It has to exist and be ACTIVE. The module does not create gateways.
      - If a load balancer is in front of the gateway, the gateway's subnet has to be reachable from the load balancer's
        subnet.
      - A public gateway is refused if the route table of its subnet has no rules, because its answers would reach
        nobody. If the credentials may not read the subnet, there is a warning instead.
    type: str
    required: true
  compartment_id:
    description:
      - OCID of the compartment for the deployment. If not given, the compartment of the gateway.
    type: str
  path_prefix:
    description:
      - The path of the gateway below which the page is served, such as V(/maintenance). A gateway has one deployment
        for each prefix.
      - A page behind a redirect that keeps the path needs V(/). This is possible if the gateway serves nothing else.
    type: str
    required: true
  name:
    description:
      - The display name of the deployment.
    type: str
    default: maintenance-page
  status:
    description:
      - The HTTP status. With 503, clients, caches and search engines treat the page as temporary.
    type: int
    default: 503
  headers:
    description:
      - Headers of the answer, by name. Give at least C(Content-Type), C(Retry-After) and C(Cache-Control=no-store).
    type: dict
    default: {}
  body:
    description:
      - The body of the answer.
    type: str
    default: ''
  specification:
    description:
      - The routes of the deployment, as the role P(tidegate.failover.maintenance_page#role) renders them into
        C(api_gateway.json). So paths that are exempt from the page, such as the path of a health check, get their own
        answers.
      - Takes the place of O(status), O(headers) and O(body).
    type: dict
  adopt:
    description:
      - Manage a deployment at this prefix that another tool created. It gets the tag, its routes are replaced, and
        O(state=absent) deletes it.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds that the task may take, in all. The module always waits for work requests. A deployment takes about a
        minute.
    type: int
    default: 600
notes:
  - The credentials need a policy such as C(allow group sre to manage api-gateway-family in compartment web). To check
    the subnet of a public gateway they also need
    C(allow group sre to inspect virtual-network-family in compartment network).
seealso:
  - module: tidegate.failover.oci_maintenance_page
  - module: tidegate.failover.oci_maintenance_alarm
"""

EXAMPLES = r"""
- name: Serve the page of checkout
  tidegate.failover.oci_stock_response:
    gateway_id: ocid1.apigateway.oc1.iad.aaaaexample
    path_prefix: /checkout
    headers:
      Content-Type: text/html; charset=utf-8
      Retry-After: 600
      Cache-Control: no-store
    body: "{{ lookup('file', 'maintenance.html') }}"

- name: Serve the page that the role maintenance_page has rendered, with its exempt paths
  tidegate.failover.oci_stock_response:
    gateway_id: ocid1.apigateway.oc1.iad.aaaaexample
    path_prefix: /checkout
    specification: "{{ lookup('ansible.builtin.file', 'checkout-page/api_gateway.json') | from_json }}"

- name: Remove the deployment
  tidegate.failover.oci_stock_response:
    state: absent
    gateway_id: ocid1.apigateway.oc1.iad.aaaaexample
    path_prefix: /checkout
"""

RETURN = r"""
steps:
  description: What was written, or would be in check mode, in order.
  returned: always
  type: list
  elements: str
  sample: ["deployment '/checkout' created"]
before:
  description: The deployment as it was found. Empty if there was none.
  returned: always
  type: dict
  sample: {}
after:
  description: The deployment as it is now, or as predicted in check mode.
  returned: always
  type: dict
  sample:
    path_prefix: /checkout
    displayName: maintenance-page
    freeform_tags: {tidegate-setup: oci_stock_response}
    routes: []
endpoint:
  description: The address at which the gateway answers with the page.
  returned: when present and not in check mode
  type: str
  sample: https://aaaaexample.apigateway.us-ashburn-1.oci.customer-oci.com/checkout
deployment_id:
  description: OCID of the deployment.
  returned: when present and not in check mode
  type: str
  sample: ocid1.apideployment.oc1.iad.aaaaexample
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_stock_response import create_module, run


def main() -> None:
    """Entry point."""
    run(create_module())


if __name__ == "__main__":
    main()
