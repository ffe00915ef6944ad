# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The Notifications service for HTTPS endpoints: handshake, headers, Basic authentication and retries."""
