# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Backend servers: real processes that serve an application or a maintenance page."""
