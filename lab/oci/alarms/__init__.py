# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Alarms of the Monitoring service on the real health checks of the load balancers."""
