#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publish a message to a topic of AWS SNS."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sns_notification
short_description: Publish a message to a topic of AWS SNS
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Publishes a message, which SNS sends to all subscriptions of the topic. People and programs may get different
    messages.
  - M(community.aws.sns) does that too, but its collection may be missing. If Ansible cannot find a module, it ends the
    whole run, and no C(rescue) can prevent that. A failover must not end for such a reason.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
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
  topic_arn:
    description:
      - ARN of the topic. It has to be in the task's O(region).
    type: str
    required: true
  subject:
    description:
      - The subject of e-mails. One line with at most 100 characters.
    type: str
    required: true
  text:
    description:
      - The text for people. The whole message may have at most 256 KiB.
    type: str
    required: true
  data:
    description:
      - The message for subscriptions of programs (HTTP, HTTPS, SQS, Lambda, Firehose). If not given, they get O(text).
    type: dict
  wait_timeout:
    description:
      - Seconds that the task may take, in all, while the service is throttling or cannot be reached.
      - If no response arrives, the module does not send the message again, because it may have been sent. Then the task
        fails.
    type: int
    default: 30
notes:
  - The credentials need C(sns:Publish) on the topic.
"""

EXAMPLES = r"""
- name: Notify the people on call
  tidegate.failover.sns_notification:
    topic_arn: arn:aws:sns:us-east-1:123456789012:on-call
    subject: checkout failed over
    text: The primary site is locked out. Users are served by the standby site.
"""

RETURN = r"""
message_id:
  description: The id that SNS gave the message.
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

from ansible_collections.tidegate.failover.plugins.module_utils._module.sns_notification import create_module, run


def main() -> None:
    """Entry point."""
    run(create_module())


if __name__ == "__main__":
    main()
