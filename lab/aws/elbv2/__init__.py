# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Elastic Load Balancing of the lab, where moto differs from the service."""
