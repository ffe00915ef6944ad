#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read alarms of CloudWatch and whom they notify, and enable their actions."""

from __future__ import annotations

DOCUMENTATION = r"""
module: failover_alarms
short_description: Read alarms of CloudWatch and whom they notify, and enable their actions
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Reads alarms of CloudWatch, whether their actions are enabled, and the subscriptions of the topic that they should
    notify. An alarm without actions, or a topic without a subscription, notifies nobody, and AWS does not report that.
  - With O(actions=enabled) the module enables the actions of alarms where they are disabled. It changes nothing else of
    an alarm, and creates no alarm.
  - The role P(tidegate.failover.drift#role) uses this module.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  alarms:
    description:
      - The alarms. If one cannot be read, the others are still reported.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name of the alarm. It may be a composite alarm.
        type: str
        required: true
      region:
        description:
          - The Region of the alarm. If not given, the task's O(region). Alarms on health checks of Route 53 are in
            V(us-east-1).
        type: str
      topic:
        description:
          - The topic that the alarm should notify. Give its ARN, or its name if it is in the same account and Region.
            If not given, no topic is read.
        type: str
  actions:
    description:
      - V(enabled) enables the actions of these alarms where they are disabled. Then a missing alarm is an error.
      - If not given, nothing is changed, and an alarm that does not exist is no error.
    type: str
    choices: [enabled]
  wait_timeout:
    description:
      - Seconds that the whole task may take, while AWS is throttling or failing.
    type: int
    default: 60
notes:
  - The credentials need C(cloudwatch:DescribeAlarms) and C(sns:ListSubscriptionsByTopic); with O(actions),
    C(cloudwatch:EnableAlarmActions) too.
seealso:
  - module: tidegate.failover.sns_notification
  - module: amazon.aws.cloudwatch_metric_alarm
"""

EXAMPLES = r"""
- name: Check whether the alarm on the primary site still notifies the rulebook
  tidegate.failover.failover_alarms:
    alarms:
      - name: checkout-primary-down
        region: us-east-1
        topic: checkout-failover
  register: seen

- name: Enable its actions again
  tidegate.failover.failover_alarms:
    alarms:
      - name: checkout-primary-down
        region: us-east-1
    actions: enabled
"""

RETURN = r"""
msg:
  description: The result in a sentence, for a person.
  returned: always
  type: str
  sample: Alarm checkout-primary-down exists.
alarms:
  description: What was found of each alarm, in the order of O(alarms).
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the alarm.
      returned: always
      type: str
      sample: checkout-primary-down
    changed:
      description: Whether its actions were enabled, or would be in check mode.
      returned: always
      type: bool
      sample: false
    failed:
      description: Whether the alarm or its topic could not be read, or its actions could not be enabled.
      returned: always
      type: bool
      sample: false
    msg:
      description: The result, or why it failed.
      returned: always
      type: str
      sample: Alarm checkout-primary-down exists.
    warnings:
      description: Other findings, for a person.
      returned: always
      type: list
      elements: str
      sample: []
    exists:
      description: Whether there is such an alarm. V(null) if that could not be read.
      returned: always
      type: bool
      sample: true
    actions_enabled:
      description: Whether its actions were enabled when it was read. V(null) if there is no alarm.
      returned: always
      type: bool
      sample: true
    alarm_actions:
      description: The ARNs of what it notifies.
      returned: always
      type: list
      elements: str
      sample: ['arn:aws:sns:us-east-1:111122223333:checkout-failover']
    state:
      description: Its state. V(null) if there is no alarm.
      returned: always
      type: str
      sample: OK
    topic_arn:
      description: The ARN of O(alarms[].topic). V(null) if none was given.
      returned: always
      type: str
      sample: arn:aws:sns:us-east-1:111122223333:checkout-failover
    subscriptions:
      description: The subscriptions of that topic. V(null) if there is no such topic, or none was given.
      returned: always
      type: list
      elements: dict
      sample:
        - protocol: sqs
          endpoint: arn:aws:sqs:us-east-1:111122223333:checkout-failover
          confirmed: true
    before:
      description: Whether its actions were enabled. V(null) if it could not be read.
      returned: always
      type: dict
      sample: {actions_enabled: true}
    after:
      description: Whether its actions are enabled now, or as predicted in check mode.
      returned: always
      type: dict
      sample: {actions_enabled: true}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.failover_alarms import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
