# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Authoritative DNS for the lab's hosted zones, with the routing policies and the health checks of Route 53."""
