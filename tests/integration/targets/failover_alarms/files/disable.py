# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Disables the actions of an alarm, as somebody else would."""

from __future__ import annotations

import sys

import boto3

address, region, access_key, secret_key, name = sys.argv[1:6]
boto3.client(
    "cloudwatch",
    endpoint_url=address,
    region_name=region,
    aws_access_key_id=access_key,
    aws_secret_access_key=secret_key,
).disable_alarm_actions(AlarmNames=[name])
