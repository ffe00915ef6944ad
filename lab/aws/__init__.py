# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""AWS for the lab: moto for the breadth, and what it lacks of Route 53, CloudWatch and SNS made real."""
