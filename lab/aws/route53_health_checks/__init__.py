# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Route 53's health checks with the service's rules: versions, kept fields, path rules, pages and tags.

This package does not depend on other parts of the lab, so that it can be offered to moto, whose behaviour differs.
"""
