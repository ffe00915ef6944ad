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
  - Publishes a message, which SNS sends to all subscriptions of the topic. People and programs may get different ones.
  - M(community.aws.sns) does that too. This one needs no collection that may be missing, because Ansible ends a whole
    run, beyond the reach of any C(rescue), where it cannot find a module; and a failover must not end for that.
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
      - There is nothing to compare with.
  idempotent:
    support: none
    details:
      - Each run sends a message, also if it is the same again.
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
      - The text for people. The whole message may have 256 KiB.
    type: str
    required: true
  data:
    description:
      - What subscriptions with a program behind them get instead (HTTP, HTTPS, SQS, Lambda, Firehose). The text, if not
        given.
    type: dict
  wait_timeout:
    description:
      - Seconds that this may take, in all, while the service is throttling or cannot be reached.
      - A message is not sent again when no response arrives, because it may have been sent. The task fails then.
    type: int
    default: 30
notes:
  - The credentials need C(sns:Publish) on the topic.
"""

EXAMPLES = r"""
- name: Tell the people on call
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
