# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The part of the Networking service that shows where a subnet's traffic may go."""
