# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The cross-site part of Infinispan's REST API, for the clusters of two sites that back up to each other."""
