# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The filters for records report problems in a form that Ansible shows to people."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.filter.procedure_record import FilterModule

FILTERS = FilterModule().filters()
RUN = {"id": "a", "service": "checkout", "operation": "failover", "status": "completed"}
TIMES = {"began": "2026-11-21T03:03:10Z", "ended": "2026-11-21T03:05:10Z"}


def test_a_record_is_made_and_drawn() -> None:
    record = FILTERS["procedure_record"]({**RUN, **TIMES}, [])
    assert FILTERS["timeline"](record)["elapsed"] == 120


def test_a_number_may_come_as_text() -> None:
    assert FILTERS["duration"]("90") == "1 min 30 s"


def test_an_incomplete_run_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="began, ended is missing"):
        FILTERS["procedure_record"](RUN, [])


def test_what_is_no_record_cannot_be_drawn() -> None:
    with pytest.raises(AnsibleFilterError, match="'detected_at' is missing"):
        FILTERS["timeline"]({})


def test_a_record_with_a_wrong_time_cannot_be_drawn() -> None:
    record = FILTERS["procedure_record"]({**RUN, **TIMES}, [])
    with pytest.raises(AnsibleFilterError, match="is not a time"):
        FILTERS["timeline"]({**record, "ended": "soon"})


def test_a_duration_of_words_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="'long' is no number of seconds"):
        FILTERS["duration"]("long")
