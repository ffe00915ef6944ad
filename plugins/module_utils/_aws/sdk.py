# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The one place that imports botocore's own modules, so that where it is missing AnsibleAWSModule gets to say so."""

from __future__ import annotations

try:
    import botocore
    import botocore.config
    import botocore.exceptions
    import botocore.parsers
except ImportError:
    botocore = None

__all__ = ("botocore",)
