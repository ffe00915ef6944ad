# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""The files that botocore reads to make a client, read once for a run and not once for each module.

A procedure runs a dozen modules for each service. Without this, reading the description of Route 53 would take most of
the CPU time of a module.
"""

from __future__ import annotations

import importlib
import typing as t

#: Loaded only where it is used, because not every action calls AWS.
_SDK = "ansible_collections.tidegate.failover.plugins.module_utils._aws.sdk"

_loader: t.Any = None


def read_ahead(service: str) -> None:
    """Read the description of a service, in the process from which Ansible forks its workers."""
    global _loader  # noqa: PLW0603 - forks of this process find it
    botocore = _botocore()
    if _loader is not None or botocore is None:
        return
    # A user's profile has no effect on the description.
    loader, session = (
        botocore.session.create_loader(),
        botocore.session.Session(session_vars={"profile": (None, None, None, None)}),
    )
    session.register_component("data_loader", loader)
    nobody = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    try:
        session.create_client(service, **nobody)
    except (botocore.exceptions.BotoCoreError, OSError, ValueError):
        # The module that needs the user's files reports their problems.
        return
    _loader = loader


def share() -> None:
    """Make all clients of this process, which runs one module, use the description that was read."""
    if _loader is None:
        return
    botocore = _botocore()
    usual = botocore.session.create_loader
    # Unless the user's configuration names a folder with descriptions that come before botocore's own.
    botocore.session.create_loader = lambda folder=None: usual(folder) if folder else _loader


def _botocore() -> t.Any:
    return importlib.import_module(_SDK).botocore
