# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Links of documents lead on in the site as they do in the repository."""

from __future__ import annotations

import zlib

import pytest

from tools.site import REPOSITORY, for_the_site, inventory


@pytest.mark.parametrize(
    ("link", "on_the_site"),
    [
        ("[x](https://example.com/a)", "[x](https://example.com/a)"),
        ("[x](../failback/README.md#steps)", "[x](../failback/README.md#steps)"),
        ("[x](../../plugins/modules/rds_failover.py)", "[x](/collections/rds_failover_module.rst)"),
        ("[x](../../plugins/filter/timeline.yml)", "[x](/collections/timeline_filter.rst)"),
        ("[x](../../plugins)", "x"),
        (f"[x]({REPOSITORY}lab/README.md#what-is-there)", "[x](/lab/README.md#what-is-there)"),
        ("![x](../../docs/images/lock.svg)", "![x](../../docs/images/lock.svg)"),
        ("[x](#here)", "[x](#here)"),
    ],
)
def test_a_link_leads_to_a_page_of_the_site(link: str, on_the_site: str) -> None:
    assert for_the_site(f"see {link}.", "roles/failover/README.md") == f"see {on_the_site}."


def test_labels_of_ansible_lead_to_its_documentation() -> None:
    found = inventory({"one": "a.html#one"})
    head, _newline, packed = found.partition(b"zlib.\n")
    assert head.startswith(b"# Sphinx inventory version 2\n")
    assert zlib.decompress(packed) == b"one std:label -1 a.html#one -\n"
