#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what the role aws_setup compares: target groups, databases, functions, alarms and others."""

from __future__ import annotations

DOCUMENTATION = r"""
module: aws_setup_info
short_description: Read the resources of a service in AWS, with tags, in several Regions
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Reads named objects in several Regions with one task. The role P(tidegate.failover.aws_setup#role) uses it to
    compare what a service needs with what exists, before it changes anything.
  - Objects that do not exist are left out. If an object cannot be read, the task fails. So a denied or throttled call
    never makes an object appear to be missing.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.info_module
  - tidegate.failover.attributes.action_group_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  places:
    description:
      - What to read, by Region.
    type: list
    elements: dict
    default: []
    suboptions:
      region:
        description:
          - The Region. It overrides the option O(region) of the task.
        type: str
        required: true
      target_groups:
        description:
          - Names of target groups.
        type: list
        elements: str
        default: []
      load_balancers:
        description:
          - Names of Application Load Balancers.
        type: list
        elements: str
        default: []
      databases:
        description:
          - Identifiers of RDS database instances.
        type: list
        elements: str
        default: []
      groups:
        description:
          - Names of Auto Scaling groups. Their scaling policies are read too.
        type: list
        elements: str
        default: []
      alarms:
        description:
          - Names of CloudWatch alarms.
        type: list
        elements: str
        default: []
      topics:
        description:
          - Names of SNS topics of the account.
        type: list
        elements: str
        default: []
      queues:
        description:
          - Names of SQS queues of the account.
        type: list
        elements: str
        default: []
      functions:
        description:
          - Names of Lambda functions.
        type: list
        elements: str
        default: []
      roles:
        description:
          - Names of IAM roles. IAM roles belong to the account, not to a Region.
        type: list
        elements: str
        default: []
      log_groups:
        description:
          - Names of log groups of CloudWatch Logs.
        type: list
        elements: str
        default: []
  record:
    description:
      - A DNS name. Its records are read with all their values. Its zone has to exist.
    type: dict
    suboptions:
      zone:
        description:
          - Name or id of the public hosted zone.
        type: str
        required: true
      name:
        description:
          - The name.
        type: str
        required: true
      type:
        description:
          - The type of the records.
        type: str
        required: true
  wait_timeout:
    description:
      - Seconds during which each call may be repeated while the service is throttling or failing.
    type: int
    default: 60
notes:
  - The credentials need C(elasticloadbalancing:DescribeTargetGroups), C(elasticloadbalancing:DescribeTags),
    C(elasticloadbalancing:DescribeLoadBalancers), C(rds:DescribeDBInstances), C(autoscaling:DescribeAutoScalingGroups),
    C(autoscaling:DescribePolicies), C(cloudwatch:DescribeAlarms), C(sns:GetTopicAttributes),
    C(sns:ListTagsForResource), C(sqs:GetQueueUrl), C(sqs:ListQueueTags), C(lambda:GetFunction), C(lambda:GetPolicy),
    C(lambda:ListTags), C(iam:GetRole), C(iam:ListRolePolicies), C(iam:GetRolePolicy), C(logs:DescribeLogGroups),
    C(logs:ListTagsLogGroup), C(route53:ListHostedZonesByName) and C(route53:ListResourceRecordSets), each only where an
    object of that kind is named.
seealso:
  - module: tidegate.failover.autoscaling_capacity
  - module: tidegate.failover.rds_failover
"""

EXAMPLES = r"""
- name: Read a database, its replica in another Region, and the Auto Scaling group there
  tidegate.failover.aws_setup_info:
    places:
      - region: eu-west-1
        databases: [shop]
      - region: eu-central-1
        databases: [shop-replica]
        groups: [shop-standby]
  register: seen

- name: Show which replica has been promoted
  ansible.builtin.debug:
    msg: "{{ seen.places[1].databases | selectattr('source', 'equalto', '') | map(attribute='identifier') }}"
"""

RETURN = r"""
caller:
  description: Account and ARN of the credentials.
  returned: success
  type: dict
  sample: {account: '123456789012', arn: 'arn:aws:iam::123456789012:user/sre'}
zone_id:
  description: The id of the zone of O(record), and empty without that option.
  returned: success
  type: str
  sample: Z0123456789EXAMPLE
records:
  description: The records of O(record), as the API returns them, with names in snake case.
  returned: success
  type: list
  elements: dict
  sample:
    - name: checkout.example.com.
      type: A
      set_identifier: checkout-primary
      failover: PRIMARY
      ttl: 60
      resource_records: [{value: 192.0.2.10}]
      health_check_id: 233e180f-f023-45a3-954e-415303f21eab
places:
  description: What was found, in the order of O(places).
  returned: success
  type: list
  elements: dict
  contains:
    region:
      description: The Region.
      returned: always
      type: str
      sample: eu-central-1
    target_groups:
      description: Target groups with their health checks, the load balancers that use them, and their tags.
      returned: always
      type: list
      elements: dict
      sample:
        - name: shop
          arn: arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop/943f017f100becff
          protocol: HTTP
          port: 80
          vpc_id: vpc-0a1b2c3d
          target_type: instance
          health_check:
            protocol: HTTP
            port: traffic-port
            path: /lb-check
            interval: 10
            timeout: 5
            healthy_threshold: 3
            unhealthy_threshold: 2
            codes: '200'
          load_balancer_arns: []
          tags: {tidegate-setup: shop}
    load_balancers:
      description: Load balancers.
      returned: always
      type: list
      elements: dict
      sample:
        - name: shop
          arn: arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188
    databases:
      description:
        - Database instances. C(source) is the instance that a replica follows, and empty for every other instance.
          C(pending) names the settings that change in the next maintenance window.
      returned: always
      type: list
      elements: dict
      sample:
        - identifier: shop-replica
          arn: arn:aws:rds:eu-central-1:123456789012:db:shop-replica
          status: available
          multi_az: false
          zone: eu-central-1a
          backup_retention: 0
          source: arn:aws:rds:eu-west-1:123456789012:db:shop
          pending: []
          tags: {tidegate-setup: shop}
    groups:
      description: Auto Scaling groups, with their scaling policies.
      returned: always
      type: list
      elements: dict
      sample:
        - name: shop-standby
          min: 1
          max: 6
          desired: 1
          instances: 1
          zones: [eu-central-1a, eu-central-1b]
          subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d]
          target_group_arns:
            - arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop/943f017f100becff
          health_check_type: ELB
          grace_period: 300
          cooldown: 300
          termination_policies: [Default]
          suspended: []
          metrics: [GroupInServiceInstances]
          mixed_instances: false
          launch_template: {id: lt-0a1b2c3d, name: shop, version: '3'}
          tags: {tidegate-setup: shop}
          policies: []
    alarms:
      description: Alarms.
      returned: always
      type: list
      elements: dict
      sample:
        - name: shop-shop-replica-replica-lag
          description: 'The database shop-replica is behind its source. tidegate-setup: shop'
          namespace: AWS/RDS
          metric: ReplicaLag
          dimensions: {DBInstanceIdentifier: shop-replica}
          statistic: Maximum
          comparison: GreaterThanThreshold
          threshold: 60.0
          period: 60
          evaluation_periods: 5
          missing_data: breaching
          actions_enabled: true
          alarm_actions: []
          ok_actions: []
    topics:
      description: SNS topics.
      returned: always
      type: list
      elements: dict
      sample:
        - arn: arn:aws:sns:us-east-1:123456789012:shop-failover
          tags: {tidegate-setup: shop}
    queues:
      description: SQS queues.
      returned: always
      type: list
      elements: dict
      sample:
        - name: shop-failover
          url: https://sqs.us-east-1.amazonaws.com/123456789012/shop-failover
          tags: {tidegate-setup: shop}
    functions:
      description:
        - Lambda functions. C(allowed) contains the statements of the function's own policy, which defines who may call
          it.
      returned: always
      type: list
      elements: dict
      sample:
        - name: shop-failover
          arn: arn:aws:lambda:us-east-1:123456789012:function:shop-failover
          runtime: python3.13
          handler: lambda_function.handler
          timeout: 60
          memory: 256
          role: arn:aws:iam::123456789012:role/shop-failover
          code_sha256: n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=
          dead_letter_arn: arn:aws:sqs:us-east-1:123456789012:shop-failover-failed
          environment: {LOCK_METHOD: auto}
          allowed: []
          tags: {tidegate-setup: shop}
    roles:
      description: IAM roles. C(trust) defines who may assume a role, and C(policies) contains its inline policies by
        name.
      returned: always
      type: list
      elements: dict
      sample:
        - name: shop-failover
          arn: arn:aws:iam::123456789012:role/shop-failover
          trust: {Version: '2012-10-17', Statement: []}
          policies: {}
          tags: {tidegate-setup: shop}
    log_groups:
      description: Log groups. C(retention) is the number of days that they keep logs; without it they keep logs for
        ever.
      returned: always
      type: list
      elements: dict
      sample:
        - name: /aws/lambda/shop-failover
          retention: 90
          tags: {tidegate-setup: shop}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.aws_setup_info import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
