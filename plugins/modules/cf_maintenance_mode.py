#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put a maintenance page in front of a Cloud Foundry route, or remove it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cf_maintenance_mode
short_description: Put a maintenance page in front of a Cloud Foundry route, or remove it
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Maps a route of Cloud Foundry to a responder, or back to its former destinations. A responder is an app that answers
    every request with the maintenance page.
  - In both directions the module replaces all destinations of the route with one request, which Cloud Foundry runs in
    one transaction. Apps, process types, ports, protocols and weights are restored exactly.
  - Before it changes anything, the module records the destinations in annotations of the route, and reads them back. If
    a run is aborted at any moment, nothing is lost. Run the task again, and it completes the change.
  - Each O(owner) has its own hold on the page. The page goes away when the last hold is released, so an alarm that
    recovers never ends a maintenance window that a person opened. Each hold is kept in its own annotations
    (C(tidegate.failover/hold-)), with the former destinations and a checksum. Other tools must not change them.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_cloud_foundry
  - tidegate.failover.cloud_foundry
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
      - V(enabled) maps the route to O(responder_app) only, and records that O(owner) holds the page.
      - V(disabled) releases the hold of O(owner), and restores the former destinations of the route if nobody else
        holds the page.
    type: str
    required: true
    choices: [enabled, disabled]
  route_guid:
    description:
      - The guid of the route. Either this, O(url) or O(targets) is needed.
    type: str
  url:
    description:
      - The address of the route, such as V(shop.apps.example.com) or V(shop.apps.example.com/cart), with or without
        C(https://) before it.
      - It must be the exact address of a route, with its path if the route has one. A route with a longer address, or a
        wildcard route that covers the address, does not match.
    type: str
  organization:
    description:
      - Name or guid of the organization that the route must be in. This protects from switching a route that has moved.
    type: str
  space:
    description:
      - Name or guid of the space that the route must be in. A route that is shared belongs to the space that shares it.
    type: str
  responder_app:
    description:
      - Name or guid of the app that shows the page. Needed with O(state=enabled).
      - The module searches for a name in the space of the route, and in the spaces that the route is shared with. An
        app anywhere else is refused, because Cloud Foundry cannot map the route to it.
      - It must have a running instance of its process C(web). The module never starts or creates the app.
      - With O(state=disabled) the holds contain the app. If this option is given all the same, the module recognises
        and reports a page that is up although nobody holds it.
    type: str
  targets:
    description:
      - Many routes at once, in parallel. A failure of one neither stops nor hides the others.
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
          - The address of the route, as in O(url).
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
          - Name or guid of the app that shows the page, as in O(responder_app).
        type: str
      owner:
        description:
          - Who holds the page of this target, if not the task's O(owner). So one task can switch the pages of several
            services, each with its own owner.
        type: str
  owner:
    description:
      - Who holds the page, such as V(operator:alice), V(change:CHG-1234) or V(alarm:checkout-backends). At most 64
        characters. Give the same one when exiting.
      - An owner that is V(alarm) or begins with V(alarm:), in capitals or not, does not change a page that nobody
        holds. RV(routes[].held_back) reports it.
    type: str
    default: operator
  reason:
    description:
      - Why, for the people who find the page up. At most 100 characters. It is kept with a new hold. An existing hold
        keeps its reason.
    type: str
    default: ''
  force:
    description:
      - With O(state=disabled), release the holds of all owners on this route. RV(routes[].released) lists the owners.
      - Needed where annotations with holds cannot be read any more. The module then removes these annotations. Another
        hold must contain the former destinations of the route, or the task is refused.
    type: bool
    default: false
  only_if_backends:
    description:
      - Change something only if the apps that the route leads to without the page are in this state at the moment.
        Otherwise nothing is changed, the task succeeds, and RV(routes[].held_back) gives the reason. Use it where a
        task follows events, which may be late, repeated or wrong.
      - V(down) if no such app has a running instance that gets requests.
      - V(serving) if at least one such app has one.
    type: str
    choices: [down, serving]
  event_time:
    description:
      - The time of the event that this task follows, with a zone, as in V(2026-11-21T03:04:05Z).
      - A new hold counts from this time. With O(state=disabled), a hold of O(owner) that counts from a later time is
        kept, because the event is older than that hold. RV(routes[].held_back) reports it.
      - A time in the future counts as now.
    type: str
  wait_timeout:
    description:
      - Seconds that each route may take, in all, while others change it too or the platform is throttling or failing.
    type: int
    default: 120
notes:
  - The credentials need the role C(SpaceDeveloper) or C(SpaceSupporter) in the space that owns the route, or the scope
    C(cloud_controller.admin). For a route that is shared, they also need any role in the spaces of the other apps that
    it leads to. Without it, Cloud Foundry would refuse to restore the destinations, so the module refuses to put the
    page up.
  - The API of Cloud Foundry has no conditional requests. The module reads the route again right before each replace,
    and does not overwrite what changed. If somebody else changes the route between that read and the replace, which
    takes one request, this change is overwritten. The audit events of Cloud Foundry then show which destinations were
    removed. The module records them with the former destinations, restores them, and names them in a warning. Changes
    of labels, annotations or options are never overwritten, because Cloud Foundry merges them.
  - The replace is atomic in the API. The routers get it from the runtime within seconds, app by app. Until then,
    requests may still reach the former destinations, and depending on the platform's settings some may get an error of
    the router. If that matters, verify it with your own requests.
  - A route that leads to the responder and to other apps as well was changed by somebody else. It is not overwritten in
    either direction.
  - Cloud Foundry opens a non-default port of an app only while a route leads to this port. If such an app is restarted
    during maintenance, restart it again afterwards. A warning names the app.
  - "Shared routes work. Routes with a route service work too; the service gets every request before the page does.
    Rolling deployments work, also during maintenance, because a destination names an app and a process type and not its
    instances. Routes of TCP are refused, because their clients may not speak HTTP. Routes on an internal domain are
    refused, because apps connect to each other there without the router."
  - Destinations that come back have new guids. Nothing in Cloud Foundry refers to these.
seealso:
  - module: tidegate.failover.cf_maintenance_mode_info
  - module: tidegate.failover.lb_maintenance_mode
  - name: Replace all destinations for a route
    description: The reference of the Cloud Foundry API.
    link: https://v3-apidocs.cloudfoundry.org/
"""

EXAMPLES = r"""
- name: Put the maintenance page in front of the application
  tidegate.failover.cf_maintenance_mode:
    state: enabled
    api_url: https://api.cf.example.com
    client_id: failover
    client_secret: "{{ vault_cf_client_secret }}"
    url: shop.apps.example.com
    responder_app: maintenance
    owner: change:CHG-1234
    reason: Database upgrade

- name: Remove the page again
  tidegate.failover.cf_maintenance_mode:
    state: disabled
    api_url: https://api.cf.example.com
    client_id: failover
    client_secret: "{{ vault_cf_client_secret }}"
    url: shop.apps.example.com
    owner: change:CHG-1234

- name: Remove the page no matter who holds it, with the sign-in of the command line
  tidegate.failover.cf_maintenance_mode:
    state: disabled
    api_url: https://api.cf.example.com
    token: "{{ lookup('ansible.builtin.pipe', 'cf oauth-token') }}"
    url: shop.apps.example.com
    force: true

- name: Several routes at once
  module_defaults:
    group/tidegate.failover.cloud_foundry:
      api_url: https://api.cf.example.com
      username: sre@example.com
      password: "{{ vault_cf_password }}"
  block:
    - name: Put the page in front of them
      tidegate.failover.cf_maintenance_mode:
        state: enabled
        owner: operator:alice
        targets:
          - url: shop.apps.example.com
            organization: example
            space: shop
            responder_app: maintenance
          - url: api.apps.example.com/v2
            responder_app: maintenance-api
"""

RETURN = r"""
msg:
  description: What happened, in a sentence.
  returned: always
  type: str
  sample: "In maintenance: shop.apps.example.com leads to the responder maintenance:8080, held by change:CHG-1234."
routes:
  description: What was found and done for each target, in the order given.
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
    organization:
      description: The name of the organization that owns the route.
      returned: always
      type: str
      sample: example
    space:
      description: The name of the space that owns the route.
      returned: always
      type: str
      sample: shop
    responder:
      description: Guid and name of the app of O(responder_app). V(null) where it was not given or could not be read.
      returned: always
      type: dict
      sample: {guid: 5fa4cbfc-ed56-4436-a917-020d6920826f, name: maintenance}
    changed:
      description: Whether something was changed on this route, or would be in check mode.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether this route could not be brought into the requested state.
      returned: always
      type: bool
      sample: false
    msg:
      description: What happened, or why it failed and what had been done until then.
      returned: always
      type: str
      sample: "In maintenance: shop.apps.example.com leads to the responder maintenance:8080, held by change:CHG-1234."
    before:
      description: The page, the destinations and the holds as they were found. V(null) if the route could not be read.
      returned: always
      type: dict
      sample:
        in_maintenance: false
        destinations:
          - app: 0a6636b5-7fc4-44d8-8752-0db3e40b35a5
            app_name: shop
            process: web
            port: 8080
            weight: null
            protocol: http1
        holds: []
    after:
      description: The same afterwards, or as predicted in check mode.
      returned: always
      type: dict
      sample:
        in_maintenance: true
        destinations:
          - app: 5fa4cbfc-ed56-4436-a917-020d6920826f
            app_name: maintenance
            process: web
            port: 8080
            weight: null
            protocol: http1
        holds:
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
    in_maintenance:
      description: Whether the page is up. V(null) if the route could not be read.
      returned: always
      type: bool
      sample: true
    held_by:
      description: The owners who hold the page now.
      returned: always
      type: list
      elements: str
      sample: [change:CHG-1234]
    unexplained:
      description: Whether the page of O(responder_app) is up although nobody holds it.
      returned: always
      type: bool
      sample: false
    released:
      description: The holds that this run released.
      returned: always
      type: list
      elements: dict
      sample: []
    held_back:
      description: Why nothing was done. The reason is O(only_if_backends), O(event_time), or an alarm that found a page
        that nobody holds. Empty otherwise.
      returned: always
      type: str
      sample: ''
    warnings:
      description: Findings that did not stop the run. The task prints them as warnings.
      returned: always
      type: list
      elements: str
      sample: []
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-PAGE-DEAD
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.cf_maintenance_mode import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
