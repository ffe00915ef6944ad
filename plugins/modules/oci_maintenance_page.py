#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Create the listener, backend set and redirect rule set of a maintenance page."""

from __future__ import annotations

DOCUMENTATION = r"""
module: oci_maintenance_page
short_description: Create the listener, backend set and redirect of a maintenance page on an OCI load balancer
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Creates the objects that M(tidegate.failover.lb_maintenance_mode) switches. A backend set leads to the servers of
    the page, a listener serves the page on a port of the load balancer, and a rule set redirects to that listener. The
    module does not attach the rule set.
  - The rule set may share paths with a redirect from HTTP to HTTPS, because OCI refuses two redirects of a path only if
    they are on the same listener. M(tidegate.failover.lb_maintenance_mode) leaves the listener with that redirect
    unchanged, and its users reach the page through HTTPS.
  - Nothing else on the load balancer is changed. Each write succeeds only if the load balancer still has the version
    that was read. The module waits for the work request of each write.
  - Backend sets, rule sets and listeners have no tags. So the module names the objects that it created in a freeform
    tag of the load balancer. The tag is C(tidegate-page-) followed by the name of the backend set. Objects that the tag
    does not name are never changed or deleted, unless O(adopt) is set.
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
      - V(present) creates what is missing, and replaces what differs.
      - V(absent) deletes listener, rule set and backend set. This is refused while the rule set is attached to a
        listener.
    type: str
    choices: [present, absent]
    default: present
  load_balancer_id:
    description:
      - OCID of the load balancer.
    type: str
    required: true
  listener:
    description:
      - Name of the page's listener.
    type: str
    default: maintenance-page
  backend_set:
    description:
      - Name of the page's backend set, at most 32 characters.
    type: str
    default: maintenance-page
  rule_set:
    description:
      - Name of the rule set with the redirect.
    type: str
    default: maintenance-page
  port:
    description:
      - Port of the page's listener. Clients are redirected to it, so firewalls and security lists have to let it
        through. Required for O(state=present).
    type: int
  certificate_name:
    description:
      - A certificate bundle of the load balancer for the page's listener. Without a certificate the page is served by
        HTTP, which browsers refuse for names with HSTS.
      - A certificate that does not cover O(redirect_host) is a warning. With the default of O(redirect_host) its names
        are compared with those of the certificate bundles of the other HTTPS listeners.
    type: str
  certificate_ids:
    description:
      - OCIDs of certificates of OCI's certificates service, instead of O(certificate_name). OCI checks that they exist.
        Which names they cover is not checked.
    type: list
    elements: str
  backends:
    description:
      - The servers of the page, for example the addresses of an API gateway. Required for O(state=present).
      - An address outside of the VCN is refused if a subnet of the load balancer has no route rule that covers it. If
        the credentials may not read the subnets, or only the rule of a service gateway could cover the address, there
        is a warning instead.
    type: list
    elements: dict
    suboptions:
      ip_address:
        description: The IP address. The load balancer does not resolve names.
        type: str
        required: true
      port:
        description: The port.
        type: int
        default: 443
  backend_tls:
    description:
      - Use TLS to the backends, and verify their certificate. API gateways require TLS.
    type: bool
    default: true
  backend_ca_certificate_name:
    description:
      - A certificate bundle of the load balancer. Its CA certificate verifies the backends' certificate. With
        O(backend_tls) either this or O(backend_ca_ids) is required, because a load balancer trusts no authority by
        default.
    type: str
  backend_ca_ids:
    description:
      - OCIDs of certificate authorities or CA bundles of OCI's certificates service, which verify the backends'
        certificate.
    type: list
    elements: str
  backend_verify_depth:
    description:
      - How many certificates there may be between the certificate of a backend and that of the authority.
    type: int
    default: 3
  health_check_path:
    description:
      - The path that the load balancer requests from the page's backends.
    type: str
    default: /
  health_check_status:
    description:
      - The status that counts as healthy for this path. For a page that answers 503, this is 503.
    type: int
    default: 503
  redirect_code:
    description:
      - After V(302), browsers get the page with GET, whatever the method of their request was. V(307) keeps the method.
        Caches keep neither of them, unlike 301 and 308.
    type: int
    choices: [302, 307]
    default: 302
  redirect_host:
    description:
      - The host that clients are sent to. C({host}) is the host that they requested.
    type: str
    default: "{host}"
  page_path:
    description:
      - The path that clients are sent to. C({path}) is the path that they requested. For a page below the prefix
        C(/sorry) of a gateway give V(/sorry{path}).
    type: str
    default: "{path}"
  redirect_paths:
    description:
      - Path prefixes that are redirected. V(/) covers all paths.
    type: list
    elements: str
    default: [/]
  redirect_exact_paths:
    description:
      - Paths that are redirected without the paths below them.
    type: list
    elements: str
    default: []
  keep_paths:
    description:
      - Paths that must not be redirected, such as the path of a Route 53 health check, which counts a redirect as
        healthy.
      - OCI's redirects have no exceptions. The task is refused if O(redirect_paths) or O(redirect_exact_paths) cover
        such a path. In these options name only the paths that users visit.
    type: list
    elements: str
    default: []
  adopt:
    description:
      - Manage objects with these names that another tool created. They are replaced where they differ, and
        O(state=absent) deletes them.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds that the task may take, in all. The module always waits for work requests.
    type: int
    default: 600
notes:
  - The credentials need a policy such as C(allow group sre to manage load-balancers in compartment web).
  - To see whether the load balancer's subnets have a route to the backends, the credentials also need
    C(allow group sre to inspect virtual-network-family in compartment network).
  - Security lists, network security groups and the route back from the backends are not checked. Problems there show in
    the health of the backend set, see M(tidegate.failover.lb_maintenance_mode_info).
seealso:
  - module: tidegate.failover.lb_maintenance_mode
  - module: tidegate.failover.oci_stock_response
  - module: tidegate.failover.oci_maintenance_alarm
"""

EXAMPLES = r"""
- name: Prepare the page of checkout on an API gateway
  tidegate.failover.oci_maintenance_page:
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    port: 8443
    certificate_name: checkout
    backends:
      - ip_address: 192.0.2.10
    backend_ca_ids: [ocid1.cabundle.oc1.iad.aaaaexample]
    health_check_path: /checkout/
    page_path: /checkout{path}

- name: Exempt the path of the health check
  tidegate.failover.oci_maintenance_page:
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    port: 8443
    certificate_name: checkout
    backends:
      - ip_address: 192.0.2.10
    backend_ca_ids: [ocid1.cabundle.oc1.iad.aaaaexample]
    redirect_exact_paths: [/]
    redirect_paths: [/shop, /account]
    keep_paths: [/lb-check]

- name: Remove the page
  tidegate.failover.oci_maintenance_page:
    state: absent
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
"""

RETURN = r"""
steps:
  description: What was written, or would be in check mode, in order.
  returned: always
  type: list
  elements: str
  sample: ["backend set 'maintenance-page' created", "rule set 'maintenance-page' created"]
before:
  description: Backend set, rule set and listener as they were found, with the fields that this module sets.
  returned: always
  type: dict
  sample: {backend_set: null, rule_set: null, listener: null, claimed: false}
after:
  description: The same objects as they are now, or as predicted in check mode.
  returned: always
  type: dict
  sample:
    listener: {defaultBackendSetName: maintenance-page, port: 8443, protocol: HTTP}
    claimed: true
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_maintenance_page import create_module, run


def main() -> None:
    """Entry point."""
    run(create_module())


if __name__ == "__main__":
    main()
