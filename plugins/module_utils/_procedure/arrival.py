# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gates that prove that users reach the site that is to serve them."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.plugins.module_utils._record.objectives import DNS_LEADS, OTHER_SITE_SERVES


def at_other_site(options: Options, known_answers: Mapping[str, list[str]]) -> list[Json]:
    """The gates after a failover.

    :param known_answers: the answers of the other site's records in Route 53, by name and type.
    """
    gates = []
    for record in options["records"]:
        answers = record.get("answers") or known_answers.get(_reported(record)) or []
        if answers:
            gates.append(_dns_gate("the other site", record, answers, options))
    if options["secondary_url"]:
        url = {
            "url": options["secondary_url"],
            "consecutive": 2,
            "interval": 1,
            "timeout": int(options["wait_timeout"]),
        }
        gates.append({"name": OTHER_SITE_SERVES, "http": url})
    return gates


def at_primary_site(options: Options) -> list[Json]:
    """The gates after a failback."""
    known = [(record, record.get("primary_answers") or []) for record in options["records"]]
    return [_dns_gate("the primary site", record, answers, options) for record, answers in known if answers]


def awaits_dns(options: Options) -> bool:
    """Whether the procedure checks DNS answers. If a zone is given, they are read when the procedure begins."""
    known = {"failover": ("answers", "zone"), "failback": ("primary_answers",)}.get(options["operation"], ())
    return any(record.get(name) for record in options.get("records") or [] for name in known)


def ttl(options: Options) -> int:
    """Seconds until all old answers have expired."""
    return max((int(record.get("ttl") or 60) for record in options["records"]), default=0)


def _reported(record: Json) -> str:
    return f"{record['name']} {record.get('type') or 'A'}"


def _dns_gate(site: str, record: Json, answers: list[str], options: Options) -> Json:
    return {
        "name": f"{DNS_LEADS}{site}: {_reported(record)}",
        "dns": {
            "name": record["name"],
            "type": record.get("type") or "A",
            "answers": answers,
            "match": "subset",
            "interval": 2,
            "timeout": int(options["wait_timeout"]),
            "servers": options["dns_servers"] or None,
        },
    }
