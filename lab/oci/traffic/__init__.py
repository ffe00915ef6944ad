# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a load balancer does with traffic: listeners on real ports, rule sets, proxying, health checks."""
