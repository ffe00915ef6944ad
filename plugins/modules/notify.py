#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Notify people and systems. This is its documentation; it runs as an action on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: notify
short_description: Notify people and systems of what a failover or failback did
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Implements the role P(tidegate.failover.notify#role). Use the role, which also provides the defaults of its
    variables.
  - It takes no options. It reads the variables of the role directly, because AWX keeps the options of tasks, and
    callbacks show them, with addresses and credentials.
  - A receiver that cannot be notified causes a warning and never a failure. If the list C(notify_to) has a mistake, the
    task fails before anybody is notified.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
    details:
      - Nothing is sent.
  diff_mode:
    support: none
    details:
      - A message has no earlier state to compare with.
  idempotent:
    support: none
    details:
      - Each run sends a message, even if the same message was sent before.
seealso:
  - module: tidegate.failover.sns_notification
  - module: tidegate.failover.oci_notification
"""

EXAMPLES = r"""
- name: Notify on-call of the last procedure of this play
  ansible.builtin.include_role:
    name: tidegate.failover.notify
  vars:
    notify_to:
      - name: on-call
        sns:
          topic_arn: arn:aws:sns:us-east-1:123456789012:on-call
"""

RETURN = r"""
reported:
  description: The result for each receiver in the list, in the same order.
  returned: success
  type: list
  elements: dict
  contains:
    to:
      description: The name of the receiver.
      type: str
      sample: on-call
    kind:
      description: How the receiver is notified. V(sns), V(oci) or V(webhook).
      type: str
      sample: sns
    status:
      description: V(sent), V(failed) or V(not sent).
      type: str
      sample: sent
    msg:
      description: Why the message was not sent, without secrets.
      type: str
      sample: ""
"""
