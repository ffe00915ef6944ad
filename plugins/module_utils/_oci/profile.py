# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Reads the profile of an OCI configuration file with the SDK, and explains why it could not be read."""

from __future__ import annotations

import configparser
import typing as t
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._ini import fault_in
from ansible_collections.tidegate.failover.plugins.module_utils._oci.sdk import oci


def read_profile(location: str | None, profile: str | None, *, required: bool) -> dict[str, t.Any]:
    """The values of a profile and the SDK's defaults. Only the defaults if there is no file and none is required.

    :param location: the file; if not given, the SDK's default file, and then the SDK's fallback.
    :raises RefusedError: the file cannot be read; the message names the reason.
    :raises oci.exceptions.ClientError: there is no such file or profile.
    """
    path = location or oci.config.DEFAULT_LOCATION
    try:
        return dict(oci.config.from_file(path, profile or oci.config.DEFAULT_PROFILE))
    except oci.exceptions.ConfigFileNotFound:
        if not required and not location:
            return dict(oci.config.DEFAULT_CONFIG)
        # The SDK raises the same error for a file without read permission.
        _refuse_faulty(location)
        raise
    except (configparser.Error, UnicodeDecodeError):
        _refuse_faulty(location)
        raise RefusedError(f"Cannot sign in to OCI: the configuration file {path} cannot be read.") from None


def _refuse_faulty(location: str | None) -> None:
    """Refuse the file that the SDK reads if it is not valid.

    The SDK's own message is not shown, because it may repeat a line, and a line may contain a pass phrase.
    """
    defaults = (oci.config.DEFAULT_LOCATION, oci.config.FALLBACK_DEFAULT_LOCATION)
    for candidate in (location,) if location else defaults:
        file = Path(candidate).expanduser()
        if file.exists() or file.is_symlink():
            fault = fault_in(file, oci.config.DEFAULT_PROFILE, oci.config.DEFAULT_PROFILE)
            if fault:
                raise RefusedError(f"Cannot sign in to OCI with the configuration file {file}: {fault}.") from None
            return
