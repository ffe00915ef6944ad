# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What importing botocore brings along, seen in a process that has imported nothing yet."""

from __future__ import annotations

import os
import subprocess
import sys

SDK = "ansible_collections.tidegate.failover.plugins.module_utils._aws.sdk"


def in_new_process(code: str) -> str:
    """What the code prints after the import."""
    done = subprocess.run(
        [sys.executable, "-c", f"import ssl, sys\nimport {SDK} as sdk\n{code}"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def test_pyopenssl_is_left_unchanged_and_botocore_has_the_standard_library_s_tls() -> None:
    reported = in_new_process("print('OpenSSL' in sys.modules, sdk.botocore.httpsession.SSLContext is ssl.SSLContext)")
    assert reported == "False True"


def test_others_can_still_import_pyopenssl_afterwards() -> None:
    assert in_new_process("print('urllib3.contrib.pyopenssl' in sys.modules)") == "False"


def test_what_somebody_imported_before_stays() -> None:
    reported = in_new_process(
        "import importlib, types\n"
        "mine = sys.modules['urllib3.contrib.pyopenssl'] = types.ModuleType('mine')\n"
        "importlib.reload(sdk)\n"
        "print(sys.modules['urllib3.contrib.pyopenssl'] is mine)"
    )
    assert reported == "True"
