# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Amazon Application Recovery Controller: a cluster with Regional endpoints, routing controls and safety rules."""
