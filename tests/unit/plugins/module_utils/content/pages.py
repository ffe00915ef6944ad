# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Options of the module with nothing given but what a test is about."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._content.content import Content, content_of
from ansible_collections.tidegate.failover.plugins.module_utils._module.maintenance_page import argument_spec

Options = dict[str, t.Any]


def options(**given: t.Any) -> Options:
    usual = {name: option.get("default") for name, option in argument_spec().items()}
    needed = {"directory": "/srv/page", "hosts": ["systemd"], "responder": "# the program\n"}
    return usual | needed | given


def content(**given: t.Any) -> Content:
    return content_of(options(**given))


def exempt(path: str, status: int = 200, body: str = "", content_type: str = "text/plain") -> Options:
    return {"path": path, "status": status, "body": body, "content_type": content_type}
