# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``infinispan``: the state of all caches was transferred to the site that is to come back.

The requests follow Infinispan's REST API, version 2, "Cross-site operations with REST".
"""

from __future__ import annotations

import json
import re
import time
import typing as t
from dataclasses import replace
from urllib.parse import quote

from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    NotFoundError,
    RefusedError,
    ServiceRejectedError,
    TidegateError,
    UnreachableError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._earlier import passed_before
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import (
    CONNECTION_CONSTRAINTS,
    Answer,
    check_request,
    connection_options,
    fetch,
    request_to,
    shown,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._infinispan import (
    OK,
    ONLINE,
    SENDING,
    CacheState,
    Returning,
    Sight,
    cache_state,
    judge,
    unfinished,
    with_begun,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Timing,
    Values,
)
from ansible_collections.tidegate.failover.plugins.module_utils._shape import MapOf, Maybe, Shape, misfit

_HEALTH = "container/health/status"
#: HEALTHY, HEALTHY_REBALANCING, DEGRADED and FAILED are known.
_HEALTH_WORD = re.compile(r"[A-Z_]{1,40}")
#: The status of a backup: a word, or an object with details.
_BACKUPS = MapOf((str, dict))
#: How often the gate itself begins the transfer of a cache at most. After that, a person has to.
_PUSHES = 3


class _Cluster:
    """Sends requests to one cluster. All requests of a probe share its time limit."""

    def __init__(self, url: str, options: Values, end: float) -> None:
        self.url = url.rstrip("/")
        self._options, self._end = options, end

    def read(self, path: str, shape: Shape) -> t.Any:
        """Read a resource as JSON. :raises TidegateError: the response is an error, or not that of Infinispan."""
        answer = self.ask("GET", path)
        try:
            reported = json.loads(answer.text)
        except (ValueError, RecursionError) as problem:
            raise self.not_infinispan(path, "no JSON") from problem
        if found := misfit(reported, shape):
            raise self.not_infinispan(path, found)
        return reported

    def not_infinispan(self, path: str, found: str) -> ServiceRejectedError:
        """The error if something else answered, such as a proxy. It must not count as "there is no such cache"."""
        return ServiceRejectedError(f"what answers at {shown(self.url)} to GET {path} is not Infinispan: {found}")

    def ask(self, method: str, path: str) -> Answer:
        """Send a request. :raises TidegateError: there was no response, or the request was refused."""
        request = replace(request_to(f"{self.url}/rest/v2/{path}", self._options), method=method)
        try:
            answer = fetch(request, max(0.1, self._end - time.monotonic()))
        except UnreachableError as problem:
            raise UnreachableError(f"{shown(self.url)}: {problem}") from problem
        message = f"{shown(self.url)} answered {answer.status} to {method} {path}"
        if answer.status in (401, 403):
            raise AccessError(message)
        if answer.status == 404:
            raise NotFoundError(message)
        if not 200 <= answer.status < 300:
            text = " ".join(answer.text.split())[:200]
            raise ServiceRejectedError(f"{message}: {text}" if text else message)
        return answer


def check(options: Values) -> None:
    """Refuse invalid addresses, and transfers to a cluster that the gate cannot check."""
    for name in ("url", "returning_url"):
        if options[name] is not None:
            check_request(name, request_to(options[name], options))
    if options["push_state"] and options["returning_url"] is None:
        raise RefusedError(
            "push_state needs returning_url, to check that old entries are gone there before new ones arrive."
        )


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    both = f" and the other way, and {options['site']} healthy" if options["returning_url"] else ""
    return f"every cache sent to {options['site']}{both}, after a transfer of its state that this gate saw"


def observe(options: Values, probe: Probe) -> Observation:
    """Probe both clusters once, and begin transfers if ``push_state`` is set."""
    end = time.monotonic() + probe.limit
    serving = _Cluster(options["url"], options, end)
    returning = _Cluster(options["returning_url"], options, end) if options["returning_url"] else None
    try:
        sight = _see(options["site"], serving, returning)
        if isinstance(sight, Sight) and options["push_state"] and returning:
            sight = _push(probe, serving, returning, sight)
        return sight if isinstance(sight, Observation) else judge(sight, _proven(probe.memory, sight))
    except AccessError as problem:
        return Observation(False, str(problem), "Give url_username and url_password of a user who has the right ADMIN.")
    except TidegateError as problem:
        return Observation(False, str(problem), _remedy(problem))


def _see(site: str, serving: _Cluster, returning: _Cluster | None) -> Sight | Observation:
    own, other = _site_of(serving), _site_of(returning) if returning else site
    if own in ("", site):
        what = f"it is the cluster of {site} itself" if own else "it takes part in no cross-site replication"
        return _wrong("url", serving, what)
    if returning and other != site:
        return _wrong("returning_url", returning, f"it is not the cluster of {site} but of {other or 'no site'}")
    caches = _caches(serving, site)
    if not caches:
        remedy = f"Check site: it is what Infinispan at {own} calls the other site, in the configuration of its caches."
        return Observation(False, f"no cache of {own} is backed up to {site}", remedy)
    there = None
    if returning is not None:
        there = Returning(_health(returning), {cache.name: cache.status for cache in _caches(returning, own)})
    return Sight(site, own, caches, there, _health(serving))


def _health(cluster: _Cluster) -> str:
    # This resource is text, not JSON.
    health = cluster.ask("GET", _HEALTH).text.strip()
    if not _HEALTH_WORD.fullmatch(health):
        raise cluster.not_infinispan(_HEALTH, "no word for its health")
    return health


def _site_of(cluster: _Cluster) -> str:
    return str(cluster.read("container", {"local_site": Maybe(str)}).get("local_site") or "")


def _wrong(option: str, cluster: _Cluster, what: str) -> Observation:
    which = "serves now" if option == "url" else "is to come back"
    remedy = f"Give {option}, the address of the cluster at the site that {which}."
    return Observation(False, f"{shown(cluster.url)}: {what}", remedy, final=True)


def _caches(cluster: _Cluster, site: str) -> list[CacheState]:
    """Every cache that is backed up to a site. Names are not fixed: they differ between versions of the application."""
    found = []
    for name in sorted(cluster.read("caches", [str])):
        backups = f"caches/{quote(name, safe='')}/x-site/backups"
        try:
            sites = cluster.read(backups, _BACKUPS)
        except NotFoundError:
            _check_without_backup(cluster, name)
            continue
        state = cache_state(name, site, sites, cluster.read(f"{backups}?action=push-state-status", dict))
        if state is not None:
            found.append(state)
    return found


def _remedy(problem: TidegateError) -> str:
    if isinstance(problem, NotFoundError):
        # Earlier releases have rest/v2/cache-managers instead (REST API of Data Grid 8.1 and 8.5).
        return "Check the address. The cluster has to be Infinispan 15 or Data Grid 8.5 at least (rest/v2/container)."
    return "Check the address, and that the cluster runs and can be reached."


def _check_without_backup(cluster: _Cluster, name: str) -> None:
    """Confirm that a cache has no backup. Infinispan answers 404 for its backups then, but a proxy may do so too.

    :raises TidegateError: the cache has a backup, or could not be read.
    """
    path = f"caches/{quote(name, safe='')}"
    if cluster.read(path, {"has_remote_backup": bool})["has_remote_backup"]:
        raise NotFoundError(f"{shown(cluster.url)} answered 404 to GET {path}/x-site/backups, but {name} has a backup")


def _proven(memory: dict[str, t.Any], sight: Sight) -> set[str]:
    """Caches whose transfer was seen unfinished since the gate began, now or in the earlier evaluation."""
    first = "seen_unfinished" not in memory
    seen: set[str] = memory.setdefault("seen_unfinished", set())
    if first and passed_before(memory):
        seen |= {cache.name for cache in sight.caches if cache.status == ONLINE and cache.push == OK}
    # Entries that were written while a cache was not online have not been sent. No later status shows that.
    seen -= {cache.name for cache in sight.caches if cache.status != ONLINE and cache.push == OK}
    seen |= unfinished(sight.caches)
    return seen


def _push(probe: Probe, serving: _Cluster, returning: _Cluster, sight: Sight) -> Sight | Observation:
    """Begin the missing transfers. Later probes show their results."""
    if not probe.lock_ids:
        remedy = "Give lock_ids, the locks of the health checks of the site that is to come back."
        return Observation(
            False, "no lock is named, so the site may be in use; nothing is sent there", remedy, final=True
        )
    proven = _proven(probe.memory, sight)
    missing = [cache for cache in sight.caches if cache.push != SENDING and not _is_back(cache, proven)]
    # If the serving site sends changes, entries at the returning site may be new. If it does not, they are old.
    old = [cache.name for cache in missing if cache.status != ONLINE and _size(returning, cache.name)]
    if old:
        observed = f"{', '.join(old)} still hold old entries at {sight.site}; nothing is sent there"
        return replace(judge(sight, proven), observed=observed)
    pushes: dict[str, int] = probe.memory.setdefault("pushes", {})
    begun = [cache.name for cache in missing if pushes.get(cache.name, 0) < _PUSHES]
    for name in begun:
        probe.memory["changed"] = True
        pushes[name] = pushes.get(name, 0) + 1
        _begin(serving, sight.site, name)
        proven.add(name)
    return with_begun(sight, begun)


def _begin(serving: _Cluster, site: str, name: str) -> None:
    path = f"caches/{quote(name, safe='')}/x-site"
    serving.ask("POST", f"{path}/local?action=clear-push-state-status")
    serving.ask("POST", f"{path}/backups/{quote(site, safe='')}?action=start-push-state")


def _is_back(cache: CacheState, proven: set[str]) -> bool:
    return cache.status == ONLINE and cache.push == OK and cache.name in proven


def _size(cluster: _Cluster, name: str) -> int:
    return int(cluster.read(f"caches/{quote(name, safe='')}?action=size", int))


KIND = GateKind(
    name="infinispan",
    description="""
        Passes if Infinispan sends changes of every cache that has a backup at the returning site, and if the gate has
        observed a transfer of each cache's state. The gate finds the caches by itself. Until it passes, it reports the
        commands that are left to do, in their order.

        The status C(OK) of a transfer has no date, and stays until it is cleared. So it counts only for a cache that
        this gate has seen with another status before, in the same task or in the task that returned the earlier
        evidence. Begin the transfers while the gate waits, with a longer O(gates[].infinispan.timeout), or have it
        begin them with O(gates[].infinispan.push_state).

        The gate uses the REST API of Infinispan 15, also where another product includes it, such as Keycloak with
        sessions at two sites.

        What else could make it pass:

        The status of an old transfer, as described above. It counts only after the gate has seen another status.

        A cache that went offline after its transfer and was brought online without a new one. The gate fails, if it saw
        the cache offline. Between two probes it cannot see that.

        No caches at all, a misspelt site, or the address of the wrong cluster. The gate fails if no cache is backed up
        to O(gates[].infinispan.site), and if a cluster belongs to another site than expected.

        Only some caches or nodes that are online. Every cache that is backed up has to be online on every node. Where
        the backups of a cache are not found, the gate fails unless the cache itself says that it has none. With
        O(gates[].infinispan.returning_url) a cache that only the returning site backs up fails the gate. Caches that
        neither site backs up do not count.

        A serving cluster that has lost data, since it would transfer what is left. The gate fails unless the cluster is
        healthy or rebalancing.

        A returning cluster that is down, or has too few nodes. Without O(gates[].infinispan.returning_url) the gate
        does not ask it. It never checks the number of nodes, and a single node can be healthy.

        Old entries at the returning site. A transfer adds and replaces, but removes nothing: what was deleted meanwhile
        would return. The status does not show whether the caches were cleared before. Follow the commands that the gate
        reports.

        Writes that have not arrived yet. Online means that changes are sent. With the strategy C(ASYNC) the last ones
        can be on their way.

        A proxy that answers instead of a cluster. An answer that is not JSON fails the gate. Set
        O(gates[].infinispan.use_proxy=false), and keep O(gates[].infinispan.validate_certs=true).""",
    options={
        "url": {
            "description": """
                Address of the cluster at the site that serves now, such as V(https://infinispan.backup.example.com).
                The gate appends C(/rest/v2).""",
            "type": "str",
            "required": True,
        },
        "site": {
            "description": "The site that is to come back, as Infinispan calls it.",
            "type": "str",
            "required": True,
        },
        "returning_url": {
            "description": """
                Address of the cluster at the site that is to come back.

                If given, that cluster has to be healthy, and to send its caches to the serving site again.""",
            "type": "str",
        },
        "push_state": {
            "description": """
                Whether the gate itself clears the status of old transfers and begins new ones, up to three times for
                each cache.

                It does so only for a site that is locked out (C(lock_ids)), and only while the returning site has no
                old entries: entries that were deleted at the serving site would return. Clear the old entries first;
                the gate reports how.

                Such a gate changes something, so check mode does not evaluate it.""",
            "type": "bool",
            "default": False,
        },
        **connection_options("infinispan"),
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=Timing(interval=2.0, timeout=60),
    read_only=lambda options: not options["push_state"],
    constraints=CONNECTION_CONSTRAINTS,
)
