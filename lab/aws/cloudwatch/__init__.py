# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""CloudWatch on top of moto's, with alarms that are evaluated and that act."""
