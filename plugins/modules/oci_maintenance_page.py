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
  - Creates what M(tidegate.failover.lb_maintenance_mode) switches. A backend set leads to where the page is served, a
    listener serves it on a port of the load balancer, and a rule set redirects to that listener. The rule set is
    attached to nothing.
  - The rule set may share paths with a redirect from HTTP to HTTPS, because OCI refuses two redirects of a path only
    on one listener. M(tidegate.failover.lb_maintenance_mode) leaves the listener with that redirect unchanged, and
    its users reach the page through HTTPS.
  - Nothing else on the load balancer is changed. Each write is guarded by the version that was read, and its work
    request is awaited.
  - Backend sets, rule sets and listeners have no tags. What this module created is named in the freeform tag
    C(tidegate-page-) followed by the name of the backend set on the load balancer. Objects that it does not name are
    never changed or deleted, unless O(adopt) is set.
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
      - V(absent) deletes listener, rule set and backend set. While the rule set is attached to a listener that is
        refused.
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
        HTTP, which browsers refuse for names that they know with HSTS.
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
      - Where the page is served, for instance the addresses of an API gateway. Required for O(state=present).
      - An address outside of the VCN is refused if a subnet of the load balancer has no route rule that covers it.
        Where the credentials may not read the subnets, or only the rule of a service gateway could cover it, that is a
        warning.
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
      - Speak TLS to the backends, and verify their certificate. API gateways speak nothing else.
    type: bool
    default: true
  backend_ca_certificate_name:
    description:
      - A certificate bundle of the load balancer whose CA certificate the backends' certificate is verified by. With
        O(backend_tls) one of this and O(backend_ca_ids) is required, because a load balancer trusts no authority by
        itself.
    type: str
  backend_ca_ids:
    description:
      - OCIDs of certificate authorities or CA bundles of OCI's certificates service to verify by.
    type: list
    elements: str
  backend_verify_depth:
    description:
      - How many certificates there may be between the backends' and the authority's.
    type: int
    default: 3
  health_check_path:
    description:
      - The path that the load balancer asks the page's backends.
    type: str
    default: /
  health_check_status:
    description:
      - The status that counts as healthy there. A page that answers 503 is healthy when it does.
    type: int
    default: 503
  redirect_code:
    description:
      - V(302) lets browsers get the page whatever they sent, V(307) keeps the method. Neither is kept by caches, as
        301 and 308 are.
    type: int
    choices: [302, 307]
    default: 302
  redirect_host:
    description:
      - The host that clients are sent to. C({host}) is the one that they asked for.
    type: str
    default: "{host}"
  page_path:
    description:
      - The path that clients are sent to. C({path}) keeps theirs. For a page below the prefix C(/sorry) of a gateway
        give V(/sorry{path}).
    type: str
    default: "{path}"
  redirect_paths:
    description:
      - What is redirected, each with all that begins like it. V(/) is everything.
    type: list
    elements: str
    default: [/]
  redirect_exact_paths:
    description:
      - Paths that are redirected by themselves, without what is below them.
    type: list
    elements: str
    default: []
  keep_paths:
    description:
      - Paths that must not be redirected, such as that of a Route 53 health check, for which a redirect counts as
        healthy.
      - OCI's redirects have no exceptions. If a path is covered by O(redirect_paths) or O(redirect_exact_paths) that
        is refused; name the paths that users come to there.
    type: list
    elements: str
    default: []
  adopt:
    description:
      - Manage objects of these names that something else created. They are replaced where they differ, and
        O(state=absent) deletes them.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds that this may take, in all. Work requests are always awaited.
    type: int
    default: 600
notes:
  - The credentials need a policy such as C(allow group sre to manage load-balancers in compartment web).
  - To see whether the load balancer's subnets have a route to the backends, the credentials also need
    C(allow group sre to inspect virtual-network-family in compartment network).
  - Security lists, network security groups and the route back from the backends are not checked. The health of the
    backend set shows them, see M(tidegate.failover.lb_maintenance_mode_info).
seealso:
  - module: tidegate.failover.lb_maintenance_mode
  - module: tidegate.failover.oci_stock_response
  - module: tidegate.failover.oci_maintenance_alarm
"""

EXAMPLES = r"""
- name: Prepare the page of checkout, which an API gateway serves
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

- name: Remove it
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
  description: The same as they are now, or would be.
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
