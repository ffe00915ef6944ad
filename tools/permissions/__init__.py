# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The permissions that the collection needs, and the generated policies and documentation page."""
