# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The only module that imports botocore's own modules, so that AnsibleAWSModule can report a missing botocore."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _without_pyopenssl() -> Iterator[None]:
    """Keep botocore from importing pyOpenSSL, which it does only to find the ``SSLContext`` of the standard library.

    Without pyOpenSSL it finds the same class elsewhere. The OCI SDK needs pyOpenSSL, so it may be installed. Its import
    would take a twelfth of the time of a task.
    """
    name = "urllib3.contrib.pyopenssl"
    if name in sys.modules:
        yield
        return
    # In the import system, None marks a module that cannot be imported.
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
