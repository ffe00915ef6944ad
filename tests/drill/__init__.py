# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``make drill``: a failover and its failback on the lab, with real traffic, and the outcome of each order."""
