# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module that does what modules may do, and reports what it found around it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

runs: list[str] = []


def _leave_everything_behind(module: AnsibleModule) -> None:
    runs.append("one")
    os.environ["PROBE_LEFT"] = "yes"
    os.chdir("/")
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    Path(module.tmpdir, "left").touch()


def _crash(_module: AnsibleModule) -> None:
    reason = "nobody foresaw this"
    raise LookupError(reason)


ACTS: dict[str, Callable[[AnsibleModule], Any]] = {
    "nothing": lambda _module: None,
    "warn": lambda module: module.warn("mind the gap"),
    "deprecate": lambda module: module.deprecate("this is old", version="9.0.0", collection_name="tidegate.failover"),
    "print": lambda _module: sys.stdout.write("not a result\n"),
    "complain": lambda _module: sys.stderr.write("trouble\n"),
    "leave": _leave_everything_behind,
    "crash": _crash,
    "fail": lambda module: module.fail_json(msg="on request", reasons=["one"]),
    "end": lambda _module: sys.exit(3),
    "return": lambda _module: None,
    "die": lambda _module: os.kill(os.getpid(), signal.SIGKILL),
    "hang": lambda _module: time.sleep(120),
}


def main() -> None:
    """Run the requested actions of the task."""
    module = AnsibleModule(
        argument_spec={
            "act": {"type": "str", "default": "nothing", "choices": list(ACTS)},
            "secret": {"type": "str", "no_log": True},
            "text": {"type": "str", "aliases": ["words"]},
            "pid_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    if module.params["pid_file"]:
        Path(module.params["pid_file"]).write_text(str(os.getpid()), encoding="ascii")
    ACTS[module.params["act"]](module)
    if module.params["act"] == "return":
        return
    module.exit_json(
        changed=not module.check_mode,
        diff={"before": "a\n", "after": "b\n"},
        said=module.params["text"],
        reported=module.params["secret"],
        around={
            "folder": str(Path.cwd()),
            "umask": f"{os.umask(0o077):o}",
            "standard_input": sys.stdin.read() if module.params["act"] == "nothing" else "",
            "given": os.environ.get("PROBE_GIVEN"),
            "handler": str(signal.getsignal(signal.SIGTERM)),
        },
        left={
            "environment": os.environ.get("PROBE_LEFT"),
            "runs": len(runs),
            "threads": threading.active_count(),
            "handler": str(signal.getsignal(signal.SIGUSR1)),
        },
        temporary=module.tmpdir,
        here="ansible.plugins.loader" in sys.modules,
    )


if __name__ == "__main__":
    main()
