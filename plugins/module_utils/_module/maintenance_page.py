# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The implementation of ``maintenance_page``."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._content import alb, folder
from ansible_collections.tidegate.failover.plugins.module_utils._content.content import ANSWERS, FORMATS
from ansible_collections.tidegate.failover.plugins.module_utils._content.files import HOSTS, rendered_files, sizes
from ansible_collections.tidegate.failover.plugins.module_utils._content.sentences import SENTENCES
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, failure

Options = Mapping[str, t.Any]


def _scheme() -> dict[str, t.Any]:
    return {"type": "dict", "options": {name: {"type": "str"} for name in ("background", "text", "accent")}}


def argument_spec() -> dict[str, t.Any]:
    """The options of the module."""
    return {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "directory": {"type": "path", "required": True},
        "hosts": {"type": "list", "elements": "str", "choices": sorted(HOSTS), "default": []},
        "title": {"type": "str"},
        "text": {"type": "str"},
        "expected_end": {"type": "str"},
        "contact": {"type": "str"},
        "logo": {"type": "str"},
        "logo_alt": {"type": "str"},
        "colors": {"type": "dict", "options": {"light": _scheme(), "dark": _scheme()}},
        "language": {"type": "str", "choices": list(SENTENCES), "default": "en"},
        "translations": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "language": {"type": "str", "choices": list(SENTENCES), "required": True},
                "title": {"type": "str"},
                "text": {"type": "str"},
            },
        },
        "answer": {"type": "str", "choices": list(ANSWERS), "default": "unavailable"},
        "default_format": {"type": "str", "choices": list(FORMATS), "default": "html"},
        "error_code": {"type": "str", "default": "MAINTENANCE"},
        "retry_after": {"type": "int", "default": 300},
        "cache_control": {"type": "str", "default": "no-store"},
        "exempt": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "path": {"type": "str", "required": True},
                "status": {"type": "int", "default": 200},
                "body": {"type": "str", "default": ""},
                "content_type": {"type": "str", "default": "text/plain"},
            },
        },
        "app_name": {"type": "str", "default": "maintenance-page"},
        "listen_address": {"type": "str", "default": "127.0.0.1"},
        "listen_port": {"type": "int", "default": 8080},
        "responder": {"type": "str"},
        "python": {"type": "str", "default": "/usr/bin/python3"},
    }


def create_module() -> AnsibleModule:
    """The Ansible module with its argument spec."""
    return AnsibleModule(
        argument_spec=argument_spec(),
        supports_check_mode=True,
    )


def run(module: AnsibleModule) -> None:
    """Render the page and bring the folder up to date."""
    try:
        module.exit_json(**_result(module.params, check=module.check_mode))
    except TidegateError as problem:
        module.fail_json(**failure(problem))


def _result(options: Options, *, check: bool) -> dict[str, t.Any]:
    directory = Path(options["directory"])
    wanted = rendered_files(options) if options["state"] == "present" else {}
    ours = folder.read_ledger(directory)
    present = folder.read_files(directory, ours | set(wanted))
    planned = folder.changes(present, ours, wanted)
    changed = bool(planned) or ours != set(wanted)
    if changed and not check:
        folder.carry_out(directory, planned, ours, set(wanted))
    result: dict[str, t.Any] = {
        "changed": changed,
        "files": [str(directory / name) for name in sorted(wanted)],
        "diff": [_shown(directory, change) for change in planned],
    }
    return result | (_rendered(options, wanted) if wanted else {})


def _rendered(options: Options, wanted: Mapping[str, str]) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {"sizes": sizes(options)}
    if "api_gateway.json" in wanted:
        result["api_gateway"] = json.loads(wanted["api_gateway.json"])
    if "alb.json" in wanted:
        result["alb"] = json.loads(wanted["alb.json"]) | {"limitations": list(alb.LIMITATIONS)}
    return result


def _shown(directory: Path, change: folder.Change) -> dict[str, str]:
    path = str(directory / change.name)
    return {
        "before_header": path,
        "after_header": path,
        "before": change.before or "",
        "after": change.after or "",
    }
