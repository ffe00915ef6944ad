# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""AWS for the lab: moto for the breadth, and what it lacks of Route 53, CloudWatch and SNS made real.

Health checks are probed, verdicts steer DNS answers and alarms, alarms reach topics, topics reach endpoints.
:mod:`lab.aws.cloud` puts it all together, :mod:`lab.aws.shop` is what the account holds at first, and
:mod:`lab.aws.control` lists the control routes.

Not made real: calls of Lambda functions other than by topics; EventBridge, and everything else
that moto stands in for; alarms on metric math, percentiles and other alarms, which change state through SetAlarmState
only; DNS answers of latency, geolocation and IP-based records, and of wildcards; routing controls, whose health checks
are always healthy unless they are disabled and inverted.
"""
