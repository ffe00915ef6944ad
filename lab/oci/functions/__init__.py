# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The Functions service for Notifications: functions that are deployed from a folder, and run for each call."""
