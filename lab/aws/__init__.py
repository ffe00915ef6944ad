# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""AWS for the lab: moto for most services, and real behaviour of Route 53, CloudWatch and SNS where moto lacks it.

Checkers probe the health checks. Their verdicts decide DNS answers and alarms. Alarms publish to topics, and topics
deliver to endpoints. :mod:`lab.aws.cloud` connects all services, :mod:`lab.aws.shop` is the first content of the
account, and :mod:`lab.aws.control` lists the control routes.

Not real: calls of Lambda functions other than by topics; EventBridge, and everything else
that moto emulates; alarms on metric math, percentiles and other alarms, which change state through SetAlarmState
only; DNS answers of latency, geolocation and IP-based records, and of wildcards; routing controls, whose health checks
are always healthy unless they are disabled and inverted.
"""
