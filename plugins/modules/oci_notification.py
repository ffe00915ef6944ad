#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publish a message to a topic of OCI Notifications."""

from __future__ import annotations

DOCUMENTATION = r"""
module: oci_notification
short_description: Publish a message to a topic of OCI Notifications
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Publishes a message, which OCI sends to all subscriptions of the topic.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_oci
  - tidegate.failover.oci
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
options:
  topic_id:
    description:
      - OCID of the topic. It has to be in the task's O(region).
    type: str
    required: true
  title:
    description:
      - The subject of e-mails. Not all kinds of subscriptions show it.
    type: str
    required: true
  body:
    description:
      - The text. Title and text together may have at most 64 KiB.
    type: str
    required: true
  wait_timeout:
    description:
      - Seconds that the task may take, in all, while the service is throttling or cannot be reached.
      - If no response arrives, the module does not send the message again, because it may have been sent. Then the task
        fails.
    type: int
    default: 30
notes:
  - The credentials need a policy such as C(allow group sre to use ons-topics in compartment web).
"""

EXAMPLES = r"""
- name: Notify the people on call
  tidegate.failover.oci_notification:
    topic_id: ocid1.onstopic.oc1.iad.aaaaexample
    title: checkout failed over
    body: The primary site is locked out. Users are served by the standby site.
"""

RETURN = r"""
message_id:
  description: The id that OCI gave the message.
  returned: when it was sent
  type: str
  sample: 0a1b2c3d-4e5f-6789-0abc-def012345678
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_notification import create_module, run


def main() -> None:
    """Entry point."""
    run(create_module())


if __name__ == "__main__":
    main()
