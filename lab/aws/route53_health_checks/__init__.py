# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Route 53's health checks as the service keeps them: versions, kept fields, path rules, pages and tags.

Nothing here knows the lab's stories; it stands apart so that it can be offered to moto, which gets these points wrong.
"""
