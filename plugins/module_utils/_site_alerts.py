# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The actions for an alert with which one of two sites reports that the other site is lost. Pure functions.

The user's map names the accelerators, and the endpoints of each site. An alert only chooses between them, so it cannot
name anything else.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

SITES = ("primary", "secondary")
#: Seconds by which the clocks of the receiving and the acting process may differ.
_CLOCKS = 60.0
_FIELDS = frozenset({"name", *SITES})
_PLACE_FIELDS = frozenset({"endpoint_group_arn", "traffic_dial", "endpoints"})
_INFINISPAN_FIELDS = frozenset(
    {"url", "url_username", "url_password", "url_password_file", "ca_path", "validate_certs"}
)
_SITE_FIELDS = _PLACE_FIELDS | {"site", "infinispan"}


def site_alert(
    accelerators: Mapping[str, t.Any], alarm: Mapping[str, t.Any], bring_in: str = "never", outdated: str = ""
) -> Json:
    """The action for an alert.

    :param accelerators: the map, by the label ``accelerator`` of alerts.
    :param bring_in: the option of ``global_accelerator_site``.
    :param outdated: why the alert is too old to act on; empty if it is not.
    :returns: ``target`` and ``to`` for ``global_accelerator_site``; ``offline``, the name of the lost site;
        ``infinispan`` of the remaining site; ``held_back``.
    :raises RefusedError: the alert does not name the accelerator and sites, or the map does not contain them.
    """
    label, entry = _entry(accelerators, alarm)
    where = f"accelerators, under {label}"
    _check_fields(where, entry, _FIELDS, needed=SITES)
    sites = {one: _site(f"{where}, {one}", entry[one]) for one in SITES}
    if sites["primary"]["site"] == sites["secondary"]["site"]:
        raise RefusedError(f"{where}, both sites are called {sites['primary']['site']}. Correct one of them.")
    to = _reporter(where, sites, alarm)
    places = {one: {name: site[name] for name in _PLACE_FIELDS if name in site} for one, site in sites.items()}
    return {
        # If the secondary site is lost, it is taken out. The option passive permits that.
        "target": {"name": str(entry.get("name") or label), "passive": True, "bring_in": bring_in, **places},
        "to": to,
        "offline": str(alarm["site"]),
        "infinispan": sites[to].get("infinispan") or {},
        "held_back": outdated,
    }


def outdated(age: float, most: float) -> str:
    """Why an alert of this age in seconds is too old; empty if it is not."""
    if -_CLOCKS <= age <= most:
        return ""
    if age < 0:
        return (
            f"the alert arrived {-age:.0f} s after now, so the clock of this machine was set back, and the age of "
            "the alert is unknown. Alertmanager sends it again while it fires."
        )
    return (
        f"the alert arrived {age:.0f} s ago, and only {most:.0f} s are allowed (max_age). The outage may have "
        "been repaired since. Alertmanager sends it again while it fires."
    )


def _entry(accelerators: Mapping[str, t.Any], alarm: Mapping[str, t.Any]) -> tuple[str, Mapping[str, t.Any]]:
    missing = [name for name in ("accelerator", "site", "reporter") if not alarm.get(name)]
    if missing:
        because = f", because {alarm['reason']}" if alarm.get("reason") else ""
        raise RefusedError(
            f"The alert {alarm.get('name')} has no {', '.join(missing)}{because}. Give it these labels in its rule: "
            "accelerator, site (the one that is lost) and reporter (the one that reports it)."
        )
    label = str(alarm["accelerator"])
    found = [entry for key, entry in accelerators.items() if str(key).lower() == label]
    if len(found) != 1:
        raise RefusedError(
            f"The alert {alarm.get('name')} is about the accelerator {label}, which is in accelerators "
            f"{len(found)} times. Known are: {', '.join(map(str, accelerators)) or 'none'}."
        )
    return label, found[0]


def _check_fields(where: str, given: t.Any, known: frozenset[str], needed: tuple[str, ...] = ()) -> None:
    if not isinstance(given, Mapping):
        raise RefusedError(f"{where}, is a {type(given).__name__}. Expected a dictionary.")
    unknown = sorted(str(name) for name in given if name not in known)
    if unknown:
        raise RefusedError(
            f"{where}, has {', '.join(unknown)}, which means nothing there. Known are: {', '.join(sorted(known))}."
        )
    missing = [name for name in needed if not given.get(name)]
    if missing:
        raise RefusedError(f"{where}, has no {', '.join(missing)}.")


def _site(where: str, given: t.Any) -> Mapping[str, t.Any]:
    _check_fields(where, given, _SITE_FIELDS, needed=("site", "endpoint_group_arn"))
    if given.get("infinispan"):
        _check_fields(f"{where}, infinispan", given["infinispan"], _INFINISPAN_FIELDS, needed=("url", "url_username"))
    return t.cast(Mapping[str, t.Any], given)


def _reporter(where: str, sites: Mapping[str, Mapping[str, t.Any]], alarm: Mapping[str, t.Any]) -> str:
    """The site that reports. It is the remaining site.

    :raises RefusedError: the labels do not name both sites.
    """
    by_name = {str(site["site"]): one for one, site in sites.items()}
    if {str(alarm["site"]), str(alarm["reporter"])} != set(by_name):
        raise RefusedError(
            f"The alert {alarm.get('name')} is of the site {alarm['reporter']} about the site {alarm['site']}. "
            f"Expected are the two sites of {where}: {' and '.join(by_name)}."
        )
    return by_name[str(alarm["reporter"])]
