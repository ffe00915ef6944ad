# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Local clouds to try, drill and test the collection against. Never part of the built collection."""
