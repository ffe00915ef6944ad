# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The report of a run is a self-contained page, and Markdown."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._record.record import procedure_record
from ansible_collections.tidegate.failover.tests.scenarios import drill_pictures
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

RUN: Json = {
    "id": "20261121T030405Z-3f9a1c2e",
    "service": "checkout",
    "operation": "failover",
    "type": "unplanned",
    "status": "completed",
    "owner": "operator:alice",
    "reason": "<b>primary</b> is down",
    "detected_at": "2026-11-21T03:03:00Z",
    "began": "2026-11-21T03:03:10Z",
    "ended": "2026-11-21T03:05:10Z",
    "rto_seconds": 60,
    "rpo_seconds": 5,
    "promotions": ["promote"],
    "gates": [
        {
            "name": "database has caught up",
            "passed": False,
            "observed": "4096 bytes behind | and growing",
            "expected": "0 bytes",
            "remedy": "wait",
            "from": "2026-11-21T03:03:20Z",
            "to": "2026-11-21T03:03:21Z",
            "measured": {"lag_bytes": 4096, "lag_seconds": 9.0},
        }
    ],
    "notifications": [{"to": "on-call", "status": "failed", "msg": "HTTP 500"}],
    "overrides": [{"what": "failback gates", "names": ["database has caught up"], "reason": "copied by hand"}],
}
STEPS: list[Json] = [
    {"name": name, "status": status, "began": "2026-11-21T03:03:20Z", "ended": "2026-11-21T03:05:00Z", "msg": said}
    for name, status, said in (
        ("lock", "done", "Locked"),
        ("maintenance", "skipped", ""),
        ("promote", "done", ""),
        ("verify", "done", "HTTP 200"),
    )
]


class Page(HTMLParser):
    """What is on a page: its texts, the marks it is made of, and what it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.classes: list[str] = []
        self.loads: list[str] = []
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes |= set(given)
        self.classes += given.get("class", "").split()
        self.loads += [given[name] for name in ("src", "href", "xlink:href") if name in given]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def reports(playbooks: Playbooks) -> dict[str, str]:
    """The reports of one record, by suffix."""
    folder = playbooks.home / "reports"
    record = procedure_record(RUN, STEPS)
    outcome = playbooks.run_file(playbooks.file([play({"checkout": record}, folder)]))
    assert outcome.returncode == 0, outcome.output
    name = f"checkout-{RUN['id']}"
    assert sorted(path.name for path in folder.iterdir()) == [f"{name}.html", f"{name}.md"]
    return {path.suffix: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def play(records: Any, folder: Path) -> Json:
    role = {"role": "tidegate.failover.report", "report_records": records, "report_directory": str(folder)}
    return {"hosts": "localhost", "gather_facts": False, "roles": [role]}


def test_the_page_is_whole_and_loads_nothing(reports: dict[str, str]) -> None:
    page = Page(reports[".html"])
    assert (page.loads, page.open) == ([], [])
    assert "url(" not in reports[".html"]
    assert "@import" not in reports[".html"]


def test_the_page_reports_the_recovery_time_and_that_it_was_too_long(reports: dict[str, str]) -> None:
    assert re.search(r'<strong class="bad">2 min</strong> until service was restored', reports[".html"])


def test_the_page_reports_the_recovery_point_and_that_it_was_missed(reports: dict[str, str]) -> None:
    assert '<strong class="bad">9 s</strong> the promoted database was behind; objective missed' in reports[".html"]


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_both_show_the_parts_of_the_recovery_time(reports: dict[str, str], suffix: str) -> None:
    assert "4096 bytes and 9 s behind" in reports[suffix]
    assert re.search(r"detection(</td><td class=\"time\">| \| )10 s", reports[suffix])


def test_the_picture_in_the_documentation_is_of_the_report_as_it_is_now(playbooks: Playbooks) -> None:
    kept = drill_pictures.PAGE.read_text(encoding="utf-8")
    assert kept == drill_pictures.page(playbooks), "make pictures takes it again"


def test_a_record_of_an_older_version_can_be_shown(playbooks: Playbooks) -> None:
    new = ("rpo_seconds", "promotions", "recovery_parts", "recovery_point", "rto_met", "rpo_met")
    record = {name: value for name, value in procedure_record(RUN, STEPS).items() if name not in new}
    outcome = playbooks.run_file(playbooks.file([play([record], playbooks.home / "old")]))
    assert outcome.returncode == 0, outcome.output


def test_the_picture_has_a_bar_for_each_step_that_was_taken(reports: dict[str, str]) -> None:
    assert Page(reports[".html"]).classes.count("bar") == 3


def test_what_people_wrote_cannot_become_part_of_the_page(reports: dict[str, str]) -> None:
    assert "<b>" not in reports[".html"]
    assert "<b>primary</b> is down" in "".join(Page(reports[".html"]).texts)


@pytest.mark.parametrize("suffix", [".html", ".md"])
@pytest.mark.parametrize(
    "said",
    [
        "4096 bytes behind",
        "To do: wait",
        "copied by hand",
        "HTTP 500",
        "recovery time objective, 1 min",
        "tidegate.failover.failback -l checkout",
    ],
)
def test_a_reader_finds(said: str, suffix: str, reports: dict[str, str]) -> None:
    words = reports[suffix].replace("1 min  recovery time objective", "recovery time objective, 1 min")
    assert said in words


def test_a_cell_of_the_markdown_cannot_break_its_table(reports: dict[str, str]) -> None:
    row = next(line for line in reports[".md"].splitlines() if line.startswith("| database"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 7


HOSTILE = '"><script src=x>`|</td>\n```\n# [a](javascript:b)</code></svg>'


def hostile(value: Any) -> Any:
    """The same, with markup behind each text that people or servers may have written."""
    fixed = {"status", "operation", "began", "ended"}
    if isinstance(value, dict):
        return {key: item if key in fixed or key.endswith("_at") else hostile(item) for key, item in value.items()}
    if isinstance(value, list):
        return [hostile(item) for item in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) else value


@pytest.fixture(scope="module")
def hostile_reports(playbooks: Playbooks) -> dict[str, str]:
    """The reports of a record in which every text holds markup, also its service and its notifications."""
    folder = playbooks.home / "hostile"
    record = hostile(procedure_record(RUN | {"lock_ids": ["lock"]}, STEPS))
    record["notifications"] = [{"to": HOSTILE, "status": HOSTILE, "msg": HOSTILE}]
    record["steps"][0] |= {"status": HOSTILE, "undo": {"msg": HOSTILE}}
    outcome = playbooks.run_file(playbooks.file([play([record], folder)]))
    assert outcome.returncode == 0, outcome.output
    return {path.suffix: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_markup_in_any_text_is_text_on_the_page(hostile_reports: dict[str, str], reports: dict[str, str]) -> None:
    page, usual = Page(hostile_reports[".html"]), Page(reports[".html"])
    assert page.open == []
    assert page.loads == []
    assert set(page.tags) == set(usual.tags)
    assert page.attributes == usual.attributes
    assert "".join(page.texts).count("<script src=x>") > 20


def test_markup_in_any_text_is_text_in_markdown(hostile_reports: dict[str, str], reports: dict[str, str]) -> None:
    def outside_code(report: str) -> str:
        before, _fence, after = report.split("```")
        return re.sub(r"(?<!\\)`[^`]*`", "", before + after)

    text = outside_code(hostile_reports[".md"])
    assert not re.search(r"<[a-z/!]", text)
    assert (
        re.findall(r"^#+ .*$", text, re.MULTILINE)[1:]
        == re.findall(r"^#+ .*$", outside_code(reports[".md"]), re.MULTILINE)[1:]
    )
    for row in (line for line in text.splitlines() if line.startswith("| database")):
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 7


def test_check_mode_writes_nothing(playbooks: Playbooks) -> None:
    folder = playbooks.home / "predicted"
    outcome = playbooks.run_file(playbooks.file([play([procedure_record(RUN, [])], folder)]), "--check")
    assert outcome.returncode == 0, outcome.output
    assert not folder.exists()
