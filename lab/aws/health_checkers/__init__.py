# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The health checkers of Route 53: they really probe the endpoints, and a verdict comes of what they see."""
