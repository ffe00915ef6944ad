# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The changes at an accelerator that bring a site in or take it out. Pure functions on plain data."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]
#: Endpoint groups as the service describes them, by ARN.
Groups = Mapping[str, Json]

SITES = ("primary", "secondary")
#: API reference, EndpointConfiguration: the default weight of an endpoint.
_DEFAULT_WEIGHT = 128
#: Developer Guide, "Guidelines and restrictions for client IP address preservation": whether an endpoint sees the
#: addresses of clients by default. An internal load balancer and an instance always do.
_PRESERVED = {":loadbalancer/app/": True, ":loadbalancer/net/": False}
#: When to bring in the site that is to serve, if it is out.
ALWAYS, IF_NONE, NEVER = BRING_IN = ("always", "if_none", "never")


class LastSiteError(RefusedError):
    """A site stays in the accelerator, because no other site is known to serve."""

    own_code = "TG-LAST-SITE"


@dataclass(frozen=True)
class Site:
    """A site at the accelerator.

    :ivar group: the ARN of its endpoint group, which sites may share if each has ``endpoints``.
    :ivar dial: the traffic dial while it serves; None where its endpoints are removed and put back.
    :ivar endpoints: its endpoints as AddEndpoints takes them.
    """

    group: str
    dial: float | None
    endpoints: tuple[Json, ...] = ()


@dataclass(frozen=True)
class Target:
    """A service behind an accelerator.

    :ivar passive: whether the secondary site gets no traffic while the primary one serves.
    :ivar override: whether its last serving site may be taken out.
    :ivar bring_in: one of :data:`BRING_IN`.
    """

    name: str
    sites: Mapping[str, Site]
    passive: bool = False
    override: bool = False
    bring_in: str = ALWAYS

    @property
    def arns(self) -> list[str]:
        """The endpoint groups, each once."""
        return list(dict.fromkeys(site.group for site in self.sites.values()))

    @property
    def accelerator(self) -> str:
        """The ARN of the accelerator."""
        return self.sites["primary"].group.partition("/listener/")[0]


@dataclass(frozen=True)
class Change:
    """One call.

    :ivar kind: ``dial``, ``add`` or ``remove``.
    """

    kind: str
    group: str
    dial: float = 0.0
    endpoints: tuple[str, ...] = ()
    given: tuple[Json, ...] = ()


def target_from(given: Mapping[str, t.Any]) -> Target:
    """:raises RefusedError: an option is not valid."""
    name = str(given["name"])
    sites = {site: _site_from(given[site], f"{name}: {site}") for site in SITES}
    first, second = (sites[site] for site in SITES)
    if first.group.partition("/listener/")[0] != second.group.partition("/listener/")[0]:
        raise RefusedError(
            f"{name}: the endpoint groups of primary and secondary are not of one accelerator. Correct them."
        )
    shared = {_id(one) for one in first.endpoints} & {_id(one) for one in second.endpoints}
    if first.group == second.group and (first.dial is not None or second.dial is not None or shared):
        raise RefusedError(
            f"{name}: both sites are in one endpoint group, whose traffic dial belongs to both. Give endpoints for "
            "each site, and none for both."
        )
    override = given.get("override")
    if override and not str(override["reason"]).strip():
        raise RefusedError(f"{name}: override has no reason. Say why.")
    return Target(name, sites, bool(given.get("passive")), bool(override), str(given.get("bring_in") or ALWAYS))


def _site_from(given: Mapping[str, t.Any], what: str) -> Site:
    endpoints = tuple(_endpoint_from(one) for one in given.get("endpoints") or ())
    dial = None if endpoints else float(given.get("traffic_dial", 100))
    if dial is not None and not 0 < dial <= 100:
        raise RefusedError(
            f"{what} has a traffic_dial of {dial:g}. Give what it is while the site serves: above 0, at most 100."
        )
    return Site(given["endpoint_group_arn"], dial, endpoints)


def _endpoint_from(one: Mapping[str, t.Any]) -> Json:
    names = {
        "endpoint_id": "EndpointId",
        "weight": "Weight",
        "client_ip_preservation": "ClientIPPreservationEnabled",
        "attachment_arn": "AttachmentArn",
    }
    return {meant: one[name] for name, meant in names.items() if one.get(name) is not None}


def _id(endpoint: Mapping[str, t.Any]) -> str:
    return str(endpoint["EndpointId"])


def is_in(site: Site, groups: Groups) -> bool:
    """Whether the site gets traffic, as far as it is configured."""
    group = groups[site.group]
    if site.dial is not None:
        return float(group.get("TrafficDialPercentage", 100)) > 0
    there = _there(group)
    return float(group.get("TrafficDialPercentage", 100)) > 0 and any(_id(one) in there for one in site.endpoints)


def serves(site: Site, groups: Groups) -> bool:
    """Whether the site is known to serve: it gets traffic, and one of its endpoints is healthy."""
    own = {_id(one) for one in site.endpoints}
    there = [one for one in groups[site.group].get("EndpointDescriptions", []) if not own or _id(one) in own]
    healthy = [one for one in there if one.get("HealthState") == "HEALTHY" and int(one.get("Weight", 128)) > 0]
    return is_in(site, groups) and bool(healthy)


def _there(group: Json) -> dict[str, Json]:
    return {_id(one): one for one in group.get("EndpointDescriptions", [])}


def decide(target: Target, groups: Groups, to: str) -> list[Change]:
    """The changes after which the site ``to`` serves, and the other site does not where it should not.

    A site is brought in before the other site is taken out. The loop decides again in between, by the health then.

    :raises RefusedError: a site is neither as declared nor out, or no site would be known to serve.
    """
    origin = other(to)
    comes_in = _comes_in(target, to, groups)
    if origin == "secondary" and not target.passive:
        return comes_in
    goes_out = _missing_out(target, target.sites[origin], groups)
    if goes_out and not target.override:
        _keep_last(target, to, groups, comes_in)
    return [*comes_in, *goes_out]


def other(site: str) -> str:
    """The site that is not this one."""
    return next(one for one in SITES if one != site)


def _comes_in(target: Target, to: str, groups: Groups) -> list[Change]:
    """The missing changes for the site ``to``, if it may be brought in.

    :raises RefusedError: no site gets traffic, and no site may be brought in.
    """
    missing, none = _missing_in(target, target.sites[to], groups), none_serves(target, groups)
    if target.bring_in == ALWAYS or (target.bring_in == IF_NONE and none):
        return missing
    if none:
        seen = "; ".join(f"{name}: {shown(site, groups)}" for name, site in target.sites.items())
        raise RefusedError(
            f"{target.name}: no site gets traffic from the accelerator ({seen}). None was brought in, because bring_in "
            f"is {target.bring_in}. Find out which site has current data, and bring that one in.",
            code="TG-NO-SITE",
        )
    return []


def _all_applied(groups: Groups, changes: Sequence[Change]) -> Groups:
    for change in changes:
        groups = applied(groups, change)
    return groups


def _keep_last(target: Target, to: str, groups: Groups, comes_in: Sequence[Change]) -> None:
    """:raises LastSiteError: the site that stays would not be known to serve, even after it was brought in."""
    site = target.sites[to]
    if not serves(site, _all_applied(groups, comes_in)):
        raise LastSiteError(
            f"{target.name}: no site was taken out of the accelerator, because the {to} site is not known to serve "
            f"({shown(site, groups)}). It needs a healthy endpoint. override takes the last site out, with a reason."
        )


def way_in(target: Target, site: str, groups: Groups) -> list[Change]:
    """The changes that put back a site that was just taken out."""
    return _missing_in(target, target.sites[site], groups)


def none_serves(target: Target, groups: Groups) -> bool:
    """Whether no site gets traffic, because two runs took out one site each at the same moment."""
    return not any(is_in(site, groups) for site in target.sites.values())


def _missing_in(target: Target, site: Site, groups: Groups) -> list[Change]:
    group = groups[site.group]
    if site.dial is not None:
        dial = float(group.get("TrafficDialPercentage", 100))
        if dial == site.dial:
            return []
        if dial:
            raise _third_state(target, site, groups)
        return [Change("dial", site.group, dial=site.dial)]
    there = _there(group)
    absent = tuple(one for one in site.endpoints if _id(one) not in there)
    if any(not _same(one, there[_id(one)]) for one in site.endpoints if _id(one) in there):
        raise _third_state(target, site, groups)
    return [Change("add", site.group, endpoints=tuple(map(_id, absent)), given=absent)] if absent else []


def _missing_out(target: Target, site: Site, groups: Groups) -> list[Change]:
    group = groups[site.group]
    if site.dial is not None:
        dial = float(group.get("TrafficDialPercentage", 100))
        if dial not in (0.0, site.dial):
            raise _third_state(target, site, groups)
        return [Change("dial", site.group, dial=0.0)] if dial else []
    there = _there(group)
    present = [one for one in site.endpoints if _id(one) in there]
    if any(not _same(one, there[_id(one)]) for one in present):
        raise _third_state(target, site, groups)
    return [Change("remove", site.group, endpoints=tuple(map(_id, present)))] if present else []


def _same(declared: Json, seen: Json) -> bool:
    """Whether an endpoint equals the one that would be put back, where undeclared values get the default of AWS. The
    service does not show the attachment."""
    preserved = next((default for kind, default in _PRESERVED.items() if kind in _id(declared)), None)
    wanted = {"Weight": _DEFAULT_WEIGHT, "ClientIPPreservationEnabled": preserved, **declared}
    compared = ("Weight", "ClientIPPreservationEnabled")
    return all(seen.get(name) == wanted[name] for name in compared if wanted[name] is not None and name in seen)


def _third_state(target: Target, site: Site, groups: Groups) -> RefusedError:
    return RefusedError(
        f"{target.name}: the endpoint group is neither as declared nor out of service: {shown(site, groups)}. Nothing "
        "was changed, because it could not be put back exactly. Correct the declaration or the accelerator. If no "
        f"weight is declared, it is {_DEFAULT_WEIGHT}. If an Application Load Balancer does not see the addresses of "
        "clients, or a Network Load Balancer does, give client_ip_preservation."
    )


def applied(groups: Groups, change: Change) -> dict[str, Json]:
    """The endpoint groups after a change, when the added endpoints are healthy."""
    group = dict(groups[change.group])
    described = list(group.get("EndpointDescriptions", []))
    if change.kind == "dial":
        group["TrafficDialPercentage"] = change.dial
    elif change.kind == "add":
        group["EndpointDescriptions"] = [*described, *({**one, "HealthState": "HEALTHY"} for one in change.given)]
    else:
        group["EndpointDescriptions"] = [one for one in described if _id(one) not in change.endpoints]
    return {**groups, change.group: group}


def takes_out(change: Change) -> bool:
    """Whether a change takes traffic from a site."""
    return change.kind == "remove" or (change.kind == "dial" and not change.dial)


def holds(groups: Groups, change: Change) -> bool:
    """Whether the groups that were read show the change. No version guards the write."""
    group = groups[change.group]
    if change.kind == "dial":
        return float(group.get("TrafficDialPercentage", 100)) == change.dial
    there = _there(group)
    return all((one in there) == (change.kind == "add") for one in change.endpoints)


def shown(site: Site, groups: Groups) -> str:
    """A site as a short phrase, for messages."""
    group = groups[site.group]
    own = {_id(one) for one in site.endpoints}
    there = [one for one in group.get("EndpointDescriptions", []) if not own or _id(one) in own]
    reported = [f"{_id(one)} weight {one.get('Weight', 128)} {one.get('HealthState', '')}".strip() for one in there]
    dial = float(group.get("TrafficDialPercentage", 100))
    return f"traffic dial {dial:g}, endpoints: {', '.join(reported) or 'none'}"
