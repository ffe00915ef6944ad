# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The only module that imports the OCI SDK, so that a missing SDK gives a clear message and not a stack trace."""

from __future__ import annotations

import traceback

OCI_IMPORT_ERROR: str | None = None
try:
    import oci
except ImportError:
    # The name must exist for the modules that import it. They report the missing SDK before they use it.
    oci = None
    OCI_IMPORT_ERROR = traceback.format_exc()

__all__ = ("OCI_IMPORT_ERROR", "oci")
