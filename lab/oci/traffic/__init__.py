# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The traffic of load balancers: listeners on real ports, rule sets, proxying, health checks."""
