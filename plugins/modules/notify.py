#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell people of a record. This is its documentation; it runs as an action on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: notify
short_description: Tell people and systems of a record
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - What the role P(tidegate.failover.notify#role) is made of. It is private to this collection and may change at any
    time; use the role.
  - It takes no options, because Ansible may show those of a task. It reads the variables of the role.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - Nothing is sent.
  diff_mode:
    support: N/A
    details:
      - There is nothing of which a difference could be shown.
  idempotent:
    support: none
    details:
      - Whoever is told twice gets two messages.
options: {}
"""

EXAMPLES = r"""
- name: Tell of the record of the service, which is what this is for
  ansible.builtin.include_role:
    name: tidegate.failover.notify
"""

RETURN = r"""
sent:
  description: Who was told, and why others were not.
  returned: always
  type: list
  elements: dict
  sample:
    - to: on-call
      kind: webhook
      status: sent
      msg: ''
"""
