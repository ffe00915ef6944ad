# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The one place that imports botocore's own modules, so that AnsibleAWSModule can report where it is missing."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _without_pyopenssl() -> Iterator[None]:
    """Keep botocore from importing pyOpenSSL, which it does only to find the ``SSLContext`` of the standard library.

    Without pyOpenSSL it finds the same one elsewhere. Where that is installed, as the OCI SDK wants it, importing it
    would be a twelfth of what a task takes.
    """
    name = "urllib3.contrib.pyopenssl"
    if name in sys.modules:
        yield
        return
    # The import system's own mark for "not to be found".
    sys.modules[name] = t.cast(t.Any, None)
    try:
        yield
    finally:
        del sys.modules[name]


try:
    with _without_pyopenssl():
        import botocore
        import botocore.config
        import botocore.configloader
        import botocore.exceptions
        import botocore.httpsession
        import botocore.parsers
        import botocore.session
except ImportError:
    botocore = None

__all__ = ("botocore",)
