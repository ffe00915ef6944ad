#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Move the writer of RDS databases to the other site, and back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_failover
short_description: Move the writer of RDS databases to the other site, and back
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Promotes a read replica, in the same or another Region; fails over a Multi-AZ instance, a Multi-AZ DB cluster or an
    Aurora cluster; switches over or fails over an Aurora global database.
  - Waits until the writer is where it should be and serves. A writer also serves while RDS backs it up or optimizes its
    storage, which can take hours. A status that only a person can end, such as C(stopped) or C(storage-full), is
    refused at once.
  - The step C(rds) of a failover and a failback runs this module with what C(failover_resources) names.
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
      - Predicts each call that would change something, without making it. The module does not wait.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  targets:
    description:
      - The databases. Each is of one kind. All are moved in parallel. A failure of one does not stop the others.
    type: list
    elements: dict
    required: true
    suboptions:
      replica:
        description:
          - The name of a read replica, which is promoted.
          - It is promoted only if it is a replica of O(targets[].source). A promotion cannot be undone. The module
            writes the tag C(tidegate:promoted-from) with the run and the source before it promotes. So a repeated run
            recognises the promoted instance. An instance that is no replica and has no such tag is refused.
          - After O(targets[].returning) was promoted in place of this replica, the tag marks the replica as outdated.
            Then it is refused until O(targets) names a replica of the new writer.
          - With O(type=planned) a replica whose replication has stopped is refused, because it lacks later writes. With
            O(type=unplanned) it is promoted all the same.
        type: str
      source:
        description:
          - The database that O(targets[].replica) must be a replica of. Give its name or, if it is in another Region,
            better its ARN. A name matches a database of that name in any Region.
        type: str
      returning:
        description:
          - A new replica of the promoted O(targets[].replica), for the failback. It is promoted with O(to=primary).
        type: dict
        suboptions:
          replica:
            description:
              - The name of the new replica. No other database may have that name.
              - RDS does not create replicas of a database without automated backups. Except for SQL Server, it also
                does not create replicas of a database whose master password is managed by Secrets Manager. Both are
                refused before anything is done.
              - IAM authentication is on if it is on at the writer. In another Region RDS gives the replica the default
                parameter and option groups. Set your own groups before the failback.
            type: str
            required: true
          region:
            description: The Region of the new replica. The Region of the task if not set.
            type: str
          instance_class:
            description: Its class, for O(rebuild). If not set, the class of the writer.
            type: str
          subnet_group:
            description: Its DB subnet group, for O(rebuild). Needed in another Region without a default VPC.
            type: str
          security_groups:
            description: Its VPC security groups, for O(rebuild).
            type: list
            elements: str
          kms_key:
            description: The KMS key, for O(rebuild). For an encrypted database in another Region, and only there.
            type: str
          accepts_write:
            description: As O(targets[].accepts_write), for this replica once it is promoted.
            type: dict
            suboptions:
              host:
                description: The name or address.
                type: str
                required: true
              port:
                description: The port.
                type: int
                required: true
      instance:
        description: The name of a Multi-AZ instance, which is rebooted with failover.
        type: str
      cluster:
        description:
          - The name of a Multi-AZ DB cluster or of an Aurora cluster, which is failed over to a reader of its own.
        type: str
      global_cluster:
        description:
          - The name of an Aurora global database. With O(type=planned) it is switched over, which loses no data and
            needs the same engine version at both sites. With O(type=unplanned) it is failed over, which loses the data
            that has not reached the other Region.
        type: str
      writer:
        description:
          - Where the writer is at each site. An Availability Zone for O(targets[].instance), a member of the cluster
            for
            O(targets[].cluster), a Region for O(targets[].global_cluster).
          - A writer that is at neither site is refused.
        type: dict
        suboptions:
          primary:
            description: At the primary site.
            type: str
            required: true
          secondary:
            description: At the secondary site.
            type: str
            required: true
      region:
        description: The Region of the database, if not that of the task. Not needed for a global cluster.
        type: str
      accepts_write:
        description:
          - An address that has to accept TCP connections before the task ends. It proves that the endpoint answers, not
            that a write succeeds. To prove that a write succeeds, use a gate of kind C(postgresql) or a step of your
            own.
        type: dict
        suboptions:
          host:
            description: The name or address.
            type: str
            required: true
          port:
            description: The port.
            type: int
            required: true
  to:
    description:
      - The site where the writer has to be. Exactly one of O(to) and O(rebuild) is needed.
    type: str
    choices: [primary, secondary]
  type:
    description:
      - Whether the failover is planned, with the other site still available. It makes a difference to
        O(targets[].replica) and O(targets[].global_cluster) only.
    type: str
    choices: [planned, unplanned]
    default: planned
  rebuild:
    description:
      - Whether to create O(targets[].returning) as a replica of the promoted O(targets[].replica), for a later
        failback,
        and wait until it is available. Run it once the primary site may be used again.
      - A database that has this name and is no replica of the writer is refused. The module deletes nothing.
    type: bool
    default: false
  run_id:
    description: The run that is written into the tag of a promoted replica.
    type: str
    default: ''
  wait_timeout:
    description:
      - Seconds that the task may take in all. Changes that were begun continue in RDS, and a repeated run waits for
        them.
    type: int
    default: 900
notes:
  - The credentials need C(rds:DescribeDBInstances), and C(cloudwatch:GetMetricStatistics) for the replication lag;
    for a
    replica C(rds:AddTagsToResource) and C(rds:PromoteReadReplica), and C(rds:CreateDBInstanceReadReplica) for
    O(rebuild);
    for an instance C(rds:RebootDBInstance); for a cluster C(rds:DescribeDBClusters) and C(rds:FailoverDBCluster); for a
    global cluster C(rds:DescribeGlobalClusters), C(rds:DescribeDBClusters), C(rds:SwitchoverGlobalCluster) and
    C(rds:FailoverGlobalCluster).
  - RDS has no conditional writes. The module reads the database right before each call, and reads it back afterwards.
    RDS refuses to promote, reboot or fail over a database while another change is under way. Then the module waits and
    decides again.
seealso:
  - module: tidegate.failover.failback_gate
"""

EXAMPLES = r"""
- name: Promote the replica in another Region
  tidegate.failover.rds_failover:
    to: secondary
    type: unplanned
    run_id: CHG-1234
    targets:
      - replica: orders-west
        region: us-west-2
        source: arn:aws:rds:us-east-1:123456789012:db:orders-east

- name: Move a Multi-AZ instance and an Aurora cluster away from a zone
  tidegate.failover.rds_failover:
    to: secondary
    targets:
      - instance: accounts
        writer: {primary: us-east-1a, secondary: us-east-1b}
      - cluster: sessions
        writer: {primary: sessions-a, secondary: sessions-b}

- name: Switch an Aurora global database over
  tidegate.failover.rds_failover:
    to: secondary
    type: planned
    targets:
      - global_cluster: catalogue
        writer: {primary: us-east-1, secondary: us-west-2}

- name: Create the replica for the failback
  tidegate.failover.rds_failover:
    rebuild: true
    wait_timeout: 3600
    targets:
      - replica: orders-west
        region: us-west-2
        source: arn:aws:rds:us-east-1:123456789012:db:orders-east
        returning: {replica: orders-east-2, region: us-east-1}
"""

RETURN = r"""
targets:
  description: The result of each target, in the order given.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The database.
      returned: always
      type: str
      sample: orders-west
    changed:
      description: Whether something was changed, or would be in check mode.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether the writer is not where it should be.
      returned: always
      type: bool
      sample: false
    refused:
      description: Whether the module refused the target, and changed nothing.
      returned: always
      type: bool
      sample: false
    msg:
      description: The result, or the predicted result in check mode, or why it failed.
      returned: always
      type: str
      sample: 'orders-west is the writer. Run 20261121T030405Z-3f9a1c2e promoted it from a replica of orders-east.'
    before:
      description:
        - The state before. C(lag_seconds) is the replication lag, which is the recovery point. V(null) if it is not
          known.
      returned: always
      type: dict
      sample:
        status: available
        availability_zone: us-west-2a
        replica_of: orders-east
        returning: null
        lag_seconds: 1.0
    after:
      description: The state now.
      returned: always
      type: dict
      sample: {status: available, availability_zone: us-west-2a, replica_of: null, returning: null}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-WRITER
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.rds_failover import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
