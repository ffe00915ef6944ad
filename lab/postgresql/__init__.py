# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A real PostgreSQL on loopback: a server for each of two sites, with replication from one to the other."""
