# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The picture of the cost of a check of all services shows the figures beside it."""

from __future__ import annotations

import re

from ansible_collections.tidegate.failover.tests.bench.curve import FIGURES, PICTURE, draw, drawn_from
from ansible_collections.tidegate.failover.tests.bench.measuring import Report, Sample, tables
from ansible_collections.tidegate.failover.tests.bench.services import FLOOR, STATUS, figures, of

MACHINE = {"Python": "3.11.7", "ansible-core": "2.19.14", "cores": 2}
SECONDS = {"status": {10: 1.0, 100: 10.0, 1000: 100.0}, "floor": {10: 0.5, 100: 2.0, 1000: 12.0}}


def test_the_picture_in_the_documentation_is_that_of_its_figures() -> None:
    assert PICTURE.read_text(encoding="utf-8") == drawn_from(FIGURES)


def test_what_grows_with_the_number_of_services_is_a_straight_line() -> None:
    ups = [float(y) for y in re.findall(r'cy="(.+?)"', draw({"status": SECONDS["status"]}, MACHINE))]
    assert ups[0] - ups[1] == ups[1] - ups[2] > 0


def test_what_the_benchmark_measured_is_what_is_drawn() -> None:
    samples = {of(10) + STATUS: [Sample(2.0, seconds, 0, {}) for seconds in (1.0, 3.0)]}
    samples[of(10) + FLOOR] = [Sample(2.0, 0.5, 0, {})]
    measured = figures(Report("services", "", tables(samples), []))
    assert measured == {"status": {10: 2.0}, "preflight": {}, "floor": {10: 0.5}}


def test_who_does_not_see_the_picture_reads_its_figures() -> None:
    assert "status of 1,000: 100 s; floor of 10: 0.5 s" in draw(SECONDS, MACHINE)
