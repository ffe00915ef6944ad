# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""CloudWatch with alarms that are really evaluated and really act, on top of moto's."""
