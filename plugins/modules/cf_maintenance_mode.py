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
  - Maps a route of Cloud Foundry to a responder, which is an app that answers every request with the maintenance
    page, or back to what it led to before.
  - Each way is one replace of all destinations of the route, which Cloud Foundry does in one transaction. Apps, process
    types, ports, protocols and weights come back exactly.
  - What the route led to is recorded in annotations of the route before anything is changed, and is read back. If a run
    is aborted at any moment, nothing is lost. Run it again, and it ends as it would have.
  - Each O(owner) holds the page for itself. It goes away when the last hold is released, so an alarm that recovers
    never ends a window that a person opened. Each hold is kept in annotations of its own
    (C(tidegate.failover/hold-)), with what the route led to, and with a checksum. Other tools must not change them.
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
      - V(enabled) maps the route to O(responder_app) alone, and records that O(owner) holds it.
      - V(disabled) releases the hold of O(owner), and makes the route lead to what it led to before if nobody else
        holds it.
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
      - It must be the very address of a route, with its path if the route has one. A route of which it is only a part,
        or a wildcard that covers it, is not taken for it.
    type: str
  organization:
    description:
      - Name or guid of the organization that the route must be in. A safeguard against a route that has moved.
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
      - It must have a running instance of its process C(web), and is never started or created.
      - With O(state=disabled) the holds say which app it is. If it is given, a page that is up although nobody holds it
        is recognised and reported.
    type: str
  targets:
    description:
      - Many routes at once, side by side. A failure of one neither stops nor hides the others.
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
          - Who holds the page of this target, where it is not the task's O(owner). So the pages of several services are
            switched in one task, each with an owner of its own.
        type: str
  owner:
    description:
      - Who holds the page, such as V(operator:alice), V(change:CHG-1234) or V(alarm:checkout-backends). At most 64
        characters. Give the same one when exiting.
      - An owner that is V(alarm) or begins with V(alarm:), in capitals or not, leaves a page unchanged that nobody
        holds. RV(routes[].held_back) reports it.
    type: str
    default: operator
  reason:
    description:
      - Why, for the people who find the page up. At most 100 characters. It is kept with a new hold. The reason of a
        hold that is there already stays as it was.
    type: str
    default: ''
  force:
    description:
      - With O(state=disabled), release everybody's holds on this route. RV(routes[].released) lists whose they were.
      - Needed where annotations with holds cannot be read any more. They are removed then. What the route led to must
        be known from another hold, or the run is refused.
    type: bool
    default: false
  only_if_backends:
    description:
      - Change something only if the apps that the route leads to without the page are like that at the moment.
        Otherwise nothing is changed, the task succeeds, and RV(routes[].held_back) gives the reason. For callers that
        follow events, which may be late, repeated or wrong.
      - V(down) if no such app has a running instance that gets requests.
      - V(serving) if at least one of them has.
    type: str
    choices: [down, serving]
  event_time:
    description:
      - When the event happened that this task follows, with a zone, as in V(2026-11-21T03:04:05Z).
      - A new hold counts from then. With O(state=disabled), a hold of O(owner) that counts from a later time is kept,
        since that event is about something that was over before. RV(routes[].held_back) reports it.
      - A time in the future counts as now.
    type: str
  wait_timeout:
    description:
      - Seconds that each route may take, in all, while others change it too or the platform is throttling or failing.
    type: int
    default: 120
notes:
  - The credentials need the role C(SpaceDeveloper) or C(SpaceSupporter) in the space that owns the route, or the
    scope C(cloud_controller.admin). For a route that is shared, they also need any role in the spaces of the other
    apps that it leads to. Without, Cloud Foundry would refuse the way back, so the way in is refused.
  - The API of Cloud Foundry has no conditional requests. The module reads the route again right before each replace,
    and does not overwrite what changed. Between that read and the replace is the time of one request, in which a
    change of somebody else is overwritten. The audit events of Cloud Foundry then show which destinations that has
    removed. They are recorded with what the route led to, brought back with it, and named in a warning. Of a change
    of labels, annotations or options nothing is ever overwritten, because these are merged.
  - The replace is atomic in the API. The routers learn of it from the runtime within seconds, app by app. Until then,
    requests may still reach what the route led to before, and depending on the platform's settings some may get an
    error of the router. If that matters, verify by requests of your own.
  - A route that leads to the responder and to other apps as well was changed by somebody else. It is not overwritten in
    either direction.
  - Cloud Foundry opens a port other than the default in an app only while a route leads to it. If such an app is
    restarted during maintenance, restart it afterwards. A warning names it.
  - "Shared routes work. So do routes with a route service, which gets every request before the page does. Rolling
    deployments work, during maintenance too, since a destination names an app and a process type and not its
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

- name: Take it away again
  tidegate.failover.cf_maintenance_mode:
    state: disabled
    api_url: https://api.cf.example.com
    client_id: failover
    client_secret: "{{ vault_cf_client_secret }}"
    url: shop.apps.example.com
    owner: change:CHG-1234

- name: Remove the page no matter who holds it, signed in as the command line is
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
  description: What was found and done, for each target in the order given.
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
      description: The same afterwards. In check mode, as they would be.
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
      description: Why nothing was done, by O(only_if_backends) or O(event_time), or since an alarm found a page that
        nobody holds. Empty otherwise.
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
