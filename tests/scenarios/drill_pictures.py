# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The picture of a drill's report in the documentation, which ``make pictures`` takes.

The record is that of a drill with effect on the lab, with the names and addresses of examples. The report is kept
beside it, so that a test notices when the role makes another one of it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import CLONE

from .browser import chromium, running_browser
from .page_pictures import overview

RECORD = CLONE / "docs" / "images" / "drill.json"
PAGE = RECORD.with_suffix(".html")
PICTURE = RECORD.with_suffix(".png")
_HEIGHT = 900


def page(playbooks: Playbooks) -> str:
    """The report that the role makes of the record."""
    folder = playbooks.home / "drill-report"
    role: Json = {"role": "tidegate.failover.report", "report_directory": str(folder), "report_formats": ["html"]}
    role["report_records"] = [json.loads(RECORD.read_text(encoding="utf-8"))]
    play = {"hosts": "localhost", "gather_facts": False, "roles": [role]}
    outcome = playbooks.run_file(playbooks.file([play]))
    if outcome.returncode != 0:
        raise RuntimeError(outcome.output)
    (report,) = folder.iterdir()
    return report.read_text(encoding="utf-8")


def main() -> None:
    """Keep the report, and take the picture."""
    if chromium() is None:
        sys.exit("This needs Chromium (apt-get install chromium).")
    with tempfile.TemporaryDirectory(prefix="tidegate-pictures-") as name, running_browser(Path(name)) as browser:
        folder = Path(name)
        PAGE.write_text(page(Playbooks(folder)), encoding="utf-8")
        PICTURE.write_bytes(overview(browser, PAGE, folder, _HEIGHT))


if __name__ == "__main__":
    main()
