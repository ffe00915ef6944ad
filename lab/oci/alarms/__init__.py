# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Alarms of the Monitoring service on what the load balancers' health checks really see."""
