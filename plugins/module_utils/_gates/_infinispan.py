# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""How the gate ``infinispan`` judges its observations: whether the caches are back, and if not, what is left to do.

The statuses are those of Infinispan's REST API, and the commands those of its command line. The order of the commands
follows Keycloak's guide to bringing a site back. Three facts make the gate strict:

- ``online`` only means that changes are sent, not that both sites have the same data.
- The status of a transfer has no date, and stays until it is cleared.
- While one node still sends (``mixed``), clearing a cache clears it at the other site too.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation

ONLINE, OFFLINE = "online", "offline"
HEALTHY = "HEALTHY"
#: The cluster has all of its data. It may be moving some of it between its nodes.
_COMPLETE = frozenset({HEALTHY, "HEALTHY_REBALANCING"})
OK, SENDING, UNKNOWN = "OK", "SENDING", "unknown"
#: Statuses of a transfer that is not over or has failed. None means that the status was cleared.
UNFINISHED = frozenset({None, "IDLE", SENDING, "ERROR", "CANCELED", "CANCELLING"})


@dataclass(frozen=True)
class CacheState:
    """What the serving site's cluster reports about the backup of one cache.

    :ivar status: ``online``, ``offline``, ``mixed``, or another word of the cluster.
    :ivar push: status of the last transfer of the cache's state, if one is known.
    """

    name: str
    status: str
    push: str | None


@dataclass(frozen=True)
class Returning:
    """The cluster of the site that is to come back.

    :ivar health: as the cluster reports it; ``HEALTHY`` means no problem.
    :ivar statuses: by cache, whether the cluster sends it to the serving site.
    """

    health: str
    statuses: Mapping[str, str]


@dataclass(frozen=True)
class Sight:
    """Everything that one probe observed.

    :ivar site: the site that is to come back.
    :ivar serving: the site that serves now.
    :ivar returning: the cluster of ``site``; None if its address was not given.
    :ivar health: the health that the serving cluster reports for itself.
    """

    site: str
    serving: str
    caches: Sequence[CacheState]
    returning: Returning | None = None
    health: str = HEALTHY

    @property
    def not_sent(self) -> list[str]:
        """Caches that the returning site sends to the serving site, but the serving site does not send back."""
        sent = {cache.name for cache in self.caches}
        return sorted(set(self.returning.statuses) - sent) if self.returning else []

    @property
    def not_sent_back(self) -> list[str]:
        """Caches that the returning site does not send to the serving site, as far as is known."""
        if self.returning is None:
            return []
        return [cache.name for cache in self.caches if self.returning.statuses.get(cache.name) != ONLINE]


def cache_state(name: str, site: str, backups: Mapping[str, t.Any], pushes: Mapping[str, t.Any]) -> CacheState | None:
    """A cache as the API reports it; None if the cache is not backed up to that site."""
    if site not in backups:
        return None
    backup = backups[site]
    status = backup.get("status") if isinstance(backup, dict) else backup
    if status == ONLINE and isinstance(backup, dict) and (backup.get("offline") or backup.get("mixed")):
        status = "mixed"  # Some node does not send, although the summary says online.
    # If the status cannot be gathered from all nodes, the response contains the error in place of the sites.
    known = site in pushes or "ERROR" not in pushes
    push = pushes.get(site) if known else UNKNOWN
    return CacheState(name, str(status), str(push) if push is not None else None)


def unfinished(caches: Sequence[CacheState]) -> set[str]:
    """Caches whose transfer has not succeeded yet. If one of them is ``OK`` later, that is a new transfer."""
    return {cache.name for cache in caches if cache.push in UNFINISHED}


def with_begun(sight: Sight, names: Collection[str]) -> Sight:
    """The same sight after transfers of these caches have begun, which also brings them online."""
    return replace(
        sight,
        caches=[CacheState(cache.name, ONLINE, SENDING) if cache.name in names else cache for cache in sight.caches],
    )


def judge(sight: Sight, proven: Collection[str]) -> Observation:
    """Whether all caches are back.

    :param proven: caches whose transfer was seen unfinished since the gate began. The ``OK`` of any other cache may be
        years old.
    """
    troubles: dict[str, list[str]] = {}
    for cache in sight.caches:
        trouble = _trouble(cache, proven)
        if trouble:
            troubles.setdefault(trouble, []).append(cache.name)
    reported = [f"{', '.join(names)}: {trouble}" for trouble, names in troubles.items()]
    reported += _troubles_of_clusters(sight)
    if reported:
        return Observation(False, "; ".join(reported), _remedy(steps_left(sight, proven)))
    return Observation(True, f"the state of {_counted(sight.caches)} was transferred to {sight.site} and is kept up")


def steps_left(sight: Sight, proven: Collection[str]) -> list[str]:
    """What is left to do, in order."""
    again = [cache.name for cache in sight.caches if _needs_everything(cache, proven)]
    failed = [cache.name for cache in sight.caches if cache.name not in again and _has_failed(cache)]
    sending = [cache.name for cache in sight.caches if cache.push == SENDING and cache.name not in again]
    steps = [*_clearing(sight, again)] if again else []
    steps += _transferring(sight, sorted([*again, *failed]), all_of_them=len(again) == len(sight.caches))
    if sending:
        steps.append(f"wait for the transfer of {', '.join(sending)}, which is under way")
    there = sight.returning
    if sight.not_sent_back and not again:
        steps.append(f"at {sight.site}: site bring-online --all-caches --site={sight.serving}")
    if sight.not_sent:
        steps.append(f"at {sight.serving}: add {sight.site} to the backups of {', '.join(sight.not_sent)}")
    if sight.health not in _COMPLETE:
        steps.append(f"wait until the cluster at {sight.serving} is HEALTHY, or repair it")
    if there is not None and there.health != HEALTHY:
        steps.append(f"wait until the cluster at {sight.site} is HEALTHY, or repair it")
    return steps


def _trouble(cache: CacheState, proven: Collection[str]) -> str:
    if cache.status != ONLINE:
        return cache.status if cache.status == OFFLINE else f"{cache.status}, which is not online"
    if cache.push is None:
        return "state not transferred"
    if cache.push == OK:
        return "" if cache.name in proven else "state transferred, but it is unknown when"
    return "state being transferred" if cache.push == SENDING else f"transfer of state {cache.push}"


def _troubles_of_clusters(sight: Sight) -> list[str]:
    reported = [] if sight.health in _COMPLETE else [f"the cluster at {sight.serving} is {sight.health}"]
    there = sight.returning
    if there is None:
        return reported
    if sight.not_sent:
        reported.append(f"{sight.serving} does not send {', '.join(sight.not_sent)} to {sight.site}")
    if sight.not_sent_back:
        reported.append(f"{sight.site} does not send {', '.join(sight.not_sent_back)} to {sight.serving}")
    if there.health != HEALTHY:
        reported.append(f"the cluster at {sight.site} is {there.health}")
    return reported


def _needs_everything(cache: CacheState, proven: Collection[str]) -> bool:
    """Whether the entries at the returning site are of unknown age, so that the cache has to be cleared."""
    return cache.status != ONLINE or cache.push is None or (cache.push == OK and cache.name not in proven)


def _has_failed(cache: CacheState) -> bool:
    return cache.push not in (None, OK, SENDING)


def _clearing(sight: Sight, names: Sequence[str]) -> list[str]:
    """The steps that remove old entries at the returning site, and not at the serving site."""
    site, serving = sight.site, sight.serving
    offline = sight.returning is not None and set(sight.returning.statuses.values()) == {OFFLINE}
    steps = [f"at {site}, stop the application, so that nothing uses the caches there"]
    if not offline:
        steps.append(f"at {site}: site take-offline --all-caches --site={serving}")
    proof = f"at {site}: site status --all-caches --site={serving} must say offline"
    return [
        *steps,
        f"{proof}. While it says mixed, the next step would clear {serving} too",
        *(f"at {site}: clearcache {name}" for name in names),
        f"at {site}: site bring-online --all-caches --site={serving}",
    ]


def _transferring(sight: Sight, names: Sequence[str], *, all_of_them: bool) -> list[str]:
    """The steps that transfer the state of caches. The old status is cleared first, so a later ``OK`` is new."""
    if not names:
        return []
    site, serving = sight.site, sight.serving
    which = ["--all-caches"] if all_of_them else [f"--cache={name}" for name in names]
    return [
        *(f"at {serving}: site clear-push-site-status --cache={name}" for name in names),
        *(f"at {serving}: site push-site-state {cache} --site={site}" for cache in which),
        f"at {serving}: site push-site-status --cache={names[0]}"
        + (f", and of {', '.join(names[1:])}" if names[1:] else "")
        + ", until each says OK",
    ]


def _remedy(steps: Sequence[str]) -> str:
    numbered = " ".join(f"({number}) {step}." for number, step in enumerate(steps, start=1))
    return f"Left to do, in this order: {numbered}"


def _counted(caches: Sequence[CacheState]) -> str:
    return f"{len(caches)} caches" if len(caches) != 1 else f"cache {caches[0].name}"
