# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Labs for the contract tests. Each is started once, and every test finds it as it was when it started."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.process import RunningLab, running_lab

#: Long enough to see a work request in progress, short enough to wait for hundreds of them.
WORK_REQUEST_SECONDS = "0.02"


@pytest.fixture(scope="session")
def oci_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """The lab's OCI part, running."""
    directory = tmp_path_factory.mktemp("oci-lab")
    with running_lab(directory, "--parts", "oci", "--work-request-seconds", WORK_REQUEST_SECONDS) as lab:
        yield lab
