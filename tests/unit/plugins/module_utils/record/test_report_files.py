# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Each record has a file for each format, inside the folder whatever its service is called."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._record.report_files import report_files

RECORD = {"service": "checkout", "id": "20261121T030405Z-3f9a1c2e"}


def test_each_record_has_a_file_for_each_format() -> None:
    found = [one["dest"] for one in report_files([RECORD], "/reports", ["html", "markdown"])]
    assert found == [f"/reports/checkout-{RECORD['id']}.html", f"/reports/checkout-{RECORD['id']}.md"]


def test_records_may_come_by_service() -> None:
    assert report_files({"checkout": RECORD}, "/reports", ["html"]) == report_files([RECORD], "/reports", ["html"])


def test_no_service_leads_out_of_the_folder() -> None:
    (one,) = report_files([{**RECORD, "service": "../a b"}], "/reports", ["html"])
    assert one["dest"] == f"/reports/..-a-b-{RECORD['id']}.html"


def test_a_format_that_is_not_known_is_refused() -> None:
    with pytest.raises(RefusedError, match="pdf is not a report format"):
        report_files([RECORD], "/reports", ["html", "pdf"])


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(RefusedError, match="id is missing"):
        report_files([{"service": "checkout"}], "/reports", ["html"])
