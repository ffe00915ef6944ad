# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The Notifications service as an HTTPS endpoint meets it: handshake, headers, Basic authentication and retries."""
