# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The Networking service, as far as it shows where a subnet's traffic may go."""
