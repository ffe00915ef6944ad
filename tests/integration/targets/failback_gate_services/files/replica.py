# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Makes a database of RDS and a replica of it, if they are not there, and reports how far behind the replica is.

The way to sign in as JSON, and the seconds.
"""

from __future__ import annotations

import json
import sys

import boto3
from botocore.exceptions import ClientError

access = json.loads(sys.argv[1])
session = boto3.Session(access["access_key"], access["secret_key"], region_name=access["region"])
rds = session.client("rds", endpoint_url=access["endpoint_url"])
try:
    rds.describe_db_instances(DBInstanceIdentifier="shop-replica")
except ClientError:
    rds.create_db_instance(
        DBInstanceIdentifier="shop", Engine="mysql", DBInstanceClass="db.t4g.micro", AllocatedStorage=20
    )
    rds.create_db_instance_read_replica(DBInstanceIdentifier="shop-replica", SourceDBInstanceIdentifier="shop")
dimensions = [{"Name": "DBInstanceIdentifier", "Value": "shop-replica"}]
value = {"MetricName": "ReplicaLag", "Dimensions": dimensions, "Value": float(sys.argv[2]), "Unit": "Seconds"}
session.client("cloudwatch", endpoint_url=access["endpoint_url"]).put_metric_data(
    Namespace="AWS/RDS", MetricData=[value]
)
