# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The sites behind the hosted zone: small real HTTP servers, each in a separate process that can be killed."""
