# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Cloud Foundry: the parts of the v3 API and of the UAA for routes, and a router with real traffic."""
