# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""What botocore reads from its own files to make a client, read once for a run and not once for each module.

A procedure asks a dozen modules for each service, and reading the description of Route 53 is most of what such a
question costs this machine.
"""

from __future__ import annotations

import importlib
import typing as t

#: Loaded only where it is used: not every action asks AWS.
_SDK = "ansible_collections.tidegate.failover.plugins.module_utils._aws.sdk"

_loader: t.Any = None


def read_ahead(service: str) -> None:
    """Read what a client of a service is made of, in the process that the workers are forked from."""
    global _loader  # noqa: PLW0603 - forks of this process find it
    botocore = _botocore()
    if _loader is not None or botocore is None:
        return
    # A user's profile has nothing to do with it.
    loader, session = (
        botocore.session.create_loader(),
        botocore.session.Session(session_vars={"profile": (None, None, None, None)}),
    )
    session.register_component("data_loader", loader)
    nobody = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    try:
        session.create_client(service, **nobody)
    except (botocore.exceptions.BotoCoreError, OSError, ValueError):
        # The module that needs the user's files reports what is wrong with them.
        return
    _loader = loader


def share() -> None:
    """Let all clients of this process, which is a module's own, use what was read."""
    if _loader is None:
        return
    botocore = _botocore()
    usual = botocore.session.create_loader
    # Unless the user's configuration names a folder with descriptions that come before botocore's own.
    botocore.session.create_loader = lambda folder=None: usual(folder) if folder else _loader


def _botocore() -> t.Any:
    return importlib.import_module(_SDK).botocore
