# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# Its limit of 200 ms for an example would let the time that a busy machine takes decide a test.
settings.register_profile("timing decides nothing", deadline=None)
settings.load_profile("timing decides nothing")
