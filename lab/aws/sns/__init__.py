# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""SNS for subscribers, on top of moto's: the handshake, headers, signatures and retries."""
