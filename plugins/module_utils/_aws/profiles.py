# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Explains why botocore cannot read an AWS configuration file, because botocore's own error does not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._aws.sdk import botocore
from ansible_collections.tidegate.failover.plugins.module_utils._ini import fault_in

#: Environment variable -> the default path of the file.
_FILES = {
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
    "AWS_CONFIG_FILE": "~/.aws/config",
}


def unreadable_file(environment: Mapping[str, str]) -> str | None:
    """Which configuration file botocore cannot read, and why; None if it can read all existing files."""
    for variable, default in _FILES.items():
        file = Path(environment.get(variable) or default).expanduser()
        fault = _fault(file) if file.exists() or file.is_symlink() else None
        if fault:
            return f"Cannot sign in to AWS with the configuration file {file}: {fault}."
    return None


def _fault(file: Path) -> str | None:
    try:
        # botocore decides whether the file can be read. This module only finds the reason.
        botocore.configloader.raw_config_parse(str(file))
    except botocore.exceptions.ConfigNotFound:
        return "it is not a file"
    except botocore.exceptions.ConfigParseError:
        return fault_in(file, None, "default") or "it cannot be parsed. Compare it with the AWS documentation"
    # botocore ignores a file that it may not open.
    return None if os.access(file, os.R_OK) else "it cannot be read. Check its permissions"
