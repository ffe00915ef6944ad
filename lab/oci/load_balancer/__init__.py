# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The load balancing API, version 20170115: resources, their rules, ETags and work requests."""
