#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Switch all fronts of a service. This is its documentation; it runs as an action on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: maintenance
short_description: Put the maintenance page up at all fronts of a service, or remove it
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Implements the role P(tidegate.failover.maintenance#role). It is private to this collection and may change at any
    time. Use the role.
  - It reads the variables of the role that describe the fronts, and runs the module of each kind of front, such as
    M(tidegate.failover.lb_maintenance_mode), one kind after the other. If one fails, the others are still switched, and
    the task fails at the end.
extends_documentation_fragment:
  - tidegate.failover.attributes
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
      - V(enabled) puts the page up, V(disabled) releases the hold of O(owner).
    type: str
    required: true
    choices: [enabled, disabled]
  owner:
    description:
      - Who holds the page.
    type: str
    default: operator
  reason:
    description:
      - Why.
    type: str
    default: ''
  force:
    description:
      - Whether to release the holds of all owners.
    type: bool
    default: false
  only_if_backends:
    description:
      - Change a front only if its backends are in this state at the moment. Otherwise this front is not changed, and
        RV(held_back) or the entry in RV(fronts) gives the reason.
      - Refused if a front is of a kind that cannot report it.
    type: str
    choices: [down, serving]
  check_only:
    description:
      - Only check that all variables of the service that begin with C(maintenance_) are variables of the role. The
        module then reads no fronts and changes nothing.
    type: bool
    default: false
  event_time:
    description:
      - When the event happened that this task follows, with a zone. A newer hold of O(owner) is kept.
    type: str
  wait_timeout:
    description:
      - Seconds that each front may take.
    type: int
    default: 600
seealso:
  - module: tidegate.failover.lb_maintenance_mode
"""

EXAMPLES = r"""
- name: Put the page up
  ansible.builtin.include_role:
    name: tidegate.failover.maintenance
  vars:
    maintenance_state: enabled
"""

RETURN = r"""
msg:
  description: What happened, in one sentence for each kind of front. For a failure, what was observed and what to do.
  returned: always
  type: str
  sample: "In maintenance: 'maintenance-page' is attached to https, held by change:CHG-1234."
outcome:
  description: What happened to each front. Empty if one failed.
  returned: if there are fronts
  type: str
  sample: "In maintenance: 'maintenance-page' is attached to https, held by change:CHG-1234."
fronts:
  description: What the modules returned of each front, with its V(kind).
  returned: always
  type: list
  elements: dict
  sample: []
meets:
  description:
    - What users get now. V(redirect) is a redirect to the page. V(page) is the page at their own address, at one front
      at least. V(service) is the service. V(either) means that the page is up at only some of the entrances.
  returned: if there are fronts
  type: str
  sample: redirect
held_back:
  description:
    - Why nothing was changed, if O(only_if_backends), O(event_time) or a page that nobody holds prevented it at every
      front. Empty otherwise.
  returned: if there are fronts
  type: str
  sample: ''
released:
  description: The owners whose holds were released.
  returned: if there are fronts
  type: list
  elements: str
  sample: []
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""
