#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the state of all services of a play. This is its documentation; it runs as an action on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: status
short_description: Read the state of all services of a play
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Implements the role P(tidegate.failover.status#role). It is private to this collection and may change at any time.
    Use the role.
  - It runs on the controller, once for all services of the play, and reads the health checks and the fronts of each
    account together. So the time grows only in proportion to the number of services.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - Reads as usual. A gate that might change something is not evaluated, and counts as one that does not pass.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Changes nothing.
options:
  do:
    description:
      - The action. V(read) reads the state of all services, V(print) prints it, and V(hand_out) returns the state of
        this service, and fails if a part of it could not be read.
    type: str
    required: true
    choices: [read, print, hand_out]
  found_in:
    description:
      - The name of the variable in which the task with V(read) is registered. It is a name and not a template, because
        Ansible would compile a template again for each service.
      - Needed if O(do=print) or O(do=hand_out).
    type: str
seealso:
  - module: tidegate.failover.r53_healthcheck_info
  - module: tidegate.failover.lb_maintenance_mode_info
"""

EXAMPLES = r"""
- name: Report the state of services
  ansible.builtin.include_role:
    name: tidegate.failover.status
"""

RETURN = r"""
found:
  description: The folder where the states are kept until the end of the run.
  returned: if O(do=read)
  type: str
  sample: /tmp/ansible-local-4711/tidegate-1
msg:
  description:
    - With O(do=print), a line for each service, for people. If the task runs for several hosts, only one host returns
      them.
    - With O(do=hand_out), what could not be read.
  returned: if O(do=print) or something could not be read
  type: raw
  sample: [checkout  primary  page down  not locked]
serving:
  description:
    - The site that serves. All other keys of RV(tidegate.failover.service_statuses#filter:_value) are returned too.
  returned: if O(do=hand_out)
  type: str
  sample: primary
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-NOT-KNOWN
"""
