# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``infinispan``: the state of all caches was transferred to the site that is to come back.

The requests are those of Infinispan's REST API, version 2, "Cross-site operations with REST".
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
    Look,
    Observation,
    Timing,
    Values,
)
from ansible_collections.tidegate.failover.plugins.module_utils._shape import MapOf, Maybe, Shape, misfit

_HEALTH = "container/health/status"
#: HEALTHY, HEALTHY_REBALANCING, DEGRADED and FAILED are known.
_HEALTH_WORD = re.compile(r"[A-Z_]{1,40}")
#: The status of a backup: a word, or an object with more about it.
_BACKUPS = MapOf((str, dict))
#: How often the gate itself begins the transfer of a cache before it leaves that to people.
_PUSHES = 3


class _Cluster:
    """Asks one cluster. All requests of a probe share its time."""

    def __init__(self, url: str, options: Values, end: float) -> None:
        self.url = url.rstrip("/")
        self._options, self._end = options, end

    def read(self, path: str, shape: Shape) -> t.Any:
        """What a resource says, from JSON. :raises TidegateError: it says nothing that makes sense."""
        answer = self.ask("GET", path)
        try:
            reported = json.loads(answer.text)
        except (ValueError, RecursionError) as problem:
            raise self.not_infinispan(path, "no JSON") from problem
        if found := misfit(reported, shape):
            raise self.not_infinispan(path, found)
        return reported

    def not_infinispan(self, path: str, found: str) -> ServiceRejectedError:
        """Something else answered, such as a proxy. Its answer must not read as "there is no such cache"."""
        return ServiceRejectedError(f"what answers at {shown(self.url)} to GET {path} is not Infinispan: {found}")

    def ask(self, method: str, path: str) -> Answer:
        """Make a request. :raises TidegateError: it was not answered, or refused."""
        request = replace(request_to(f"{self.url}/rest/v2/{path}", self._options), method=method)
        try:
            answer = fetch(request, max(0.1, self._end - time.monotonic()))
        except UnreachableError as problem:
            raise UnreachableError(f"{shown(self.url)}: {problem}") from problem
        said = f"{shown(self.url)} answered {answer.status} to {method} {path}"
        if answer.status in (401, 403):
            raise AccessError(said)
        if answer.status == 404:
            raise NotFoundError(said)
        if not 200 <= answer.status < 300:
            text = " ".join(answer.text.split())[:200]
            raise ServiceRejectedError(f"{said}: {text}" if text else said)
        return answer


def check(options: Values) -> None:
    """Refuse addresses that are none, and a transfer to a cluster that the gate could not check."""
    for name in ("url", "returning_url"):
        if options[name] is not None:
            check_request(name, request_to(options[name], options))
    if options["push_state"] and options["returning_url"] is None:
        raise RefusedError(
            "push_state needs returning_url, to check that old entries are gone there before new ones arrive."
        )


def expected(options: Values) -> str:
    """What the gate wants to see."""
    both = f" and the other way, and {options['site']} healthy" if options["returning_url"] else ""
    return f"every cache sent to {options['site']}{both}, after a transfer of its state that this gate saw"


def observe(options: Values, look: Look) -> Observation:
    """Look at both clusters once; begin the transfers if that was asked for."""
    end = time.monotonic() + look.limit
    serving = _Cluster(options["url"], options, end)
    returning = _Cluster(options["returning_url"], options, end) if options["returning_url"] else None
    try:
        sight = _see(options["site"], serving, returning)
        if isinstance(sight, Sight) and options["push_state"] and returning:
            sight = _push(look, serving, returning, sight)
        return sight if isinstance(sight, Observation) else judge(sight, _proven(look.memory, sight))
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
    # The one resource that is text.
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
    """Every cache that is backed up to a site. Which ones there are differs between versions of what uses them."""
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
        # Releases before have rest/v2/cache-managers in its place (REST API of Data Grid 8.1 and 8.5).
        return "Check the address. The cluster has to be Infinispan 15 or Data Grid 8.5 at least (rest/v2/container)."
    return "Check the address, and that the cluster runs and can be reached."


def _check_without_backup(cluster: _Cluster, name: str) -> None:
    """Not to find its backups is how Infinispan says that a cache has none, but a proxy may say that too.

    :raises TidegateError: the cache itself says that it has one, or nothing.
    """
    path = f"caches/{quote(name, safe='')}"
    if cluster.read(path, {"has_remote_backup": bool})["has_remote_backup"]:
        raise NotFoundError(f"{shown(cluster.url)} answered 404 to GET {path}/x-site/backups, but {name} has a backup")


def _proven(memory: dict[str, t.Any], sight: Sight) -> set[str]:
    """Caches whose transfer was seen not to be over since the gate began, now or in the earlier evaluation."""
    first = "seen_unfinished" not in memory
    seen: set[str] = memory.setdefault("seen_unfinished", set())
    if first and passed_before(memory):
        seen |= {cache.name for cache in sight.caches if cache.status == ONLINE and cache.push == OK}
    # What was written while a cache was not online has not been sent, and no later status shows that.
    seen -= {cache.name for cache in sight.caches if cache.status != ONLINE and cache.push == OK}
    seen |= unfinished(sight.caches)
    return seen


def _push(look: Look, serving: _Cluster, returning: _Cluster, sight: Sight) -> Sight | Observation:
    """Begin the transfers that are missing. Later probes show their result."""
    if not look.lock_ids:
        remedy = "Give lock_ids, the locks of the health checks of the site that is to come back."
        return Observation(
            False, "no lock is named, so the site may be in use; nothing is sent there", remedy, final=True
        )
    proven = _proven(look.memory, sight)
    missing = [cache for cache in sight.caches if cache.push != SENDING and not _is_back(cache, proven)]
    # Where the serving site sends changes, new entries may be there already. Where it does not, entries are old.
    old = [cache.name for cache in missing if cache.status != ONLINE and _size(returning, cache.name)]
    if old:
        observed = f"{', '.join(old)} still hold old entries at {sight.site}; nothing is sent there"
        return replace(judge(sight, proven), observed=observed)
    pushes: dict[str, int] = look.memory.setdefault("pushes", {})
    begun = [cache.name for cache in missing if pushes.get(cache.name, 0) < _PUSHES]
    for name in begun:
        look.memory["changed"] = True
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
        Passes if Infinispan sends every cache that is backed up to the returning site there, and the state of each was
        transferred while the gate looked. It finds the caches by itself. Until it passes, it reports the
        commands that are left to do, in their order.

        The status C(OK) of a transfer has no date, and stays until it is cleared. So it counts only for a cache that
        this gate saw with another status before, in the same task or in the one whose evidence is given as earlier
        evidence. Begin the transfers while the gate waits, with a longer O(gates[].infinispan.timeout), or have it
        begin them with O(gates[].infinispan.push_state).

        Made for the REST API of Infinispan 15 and what is built on it, such as Keycloak's sessions at two sites.

        What else could make it pass:

        The status of an old transfer, as described above. It counts again only after the gate has seen another one.

        A cache that went offline after its transfer and was brought online without a new one. The gate fails, if it saw
        the cache offline. Between two probes it cannot see that.

        No caches at all, a misspelt site, or the address of the wrong cluster. The gate fails if no cache is backed up
        to O(gates[].infinispan.site), and if a cluster is not of the site that it should be of.

        One cache or one node of many. Every cache that is backed up has to be online on every node. Where the backups
        of a cache are not found, the gate fails unless the cache itself says that it has none. With
        O(gates[].infinispan.returning_url) a cache that only the returning site backs up fails the gate. Caches that
        neither site backs up do not count.

        A serving cluster that has lost data, since it would transfer what is left. The gate fails unless the cluster is
        healthy or rebalancing.

        A returning cluster that is down, or has too few nodes. Without O(gates[].infinispan.returning_url) the gate
        does not ask it. The number of nodes it never checks, and one node alone can be healthy.

        Old entries at the returning site. A transfer adds and replaces, but removes nothing: what was deleted meanwhile
        would return. The status does not show whether the caches were cleared before. Follow the commands that the gate
        reports.

        Writes that have not arrived yet. Online means that changes are sent. With the strategy C(ASYNC) the last ones
        can be on their way.

        A proxy that answers in the place of a cluster. An answer that is no JSON fails the gate. Set
        O(gates[].infinispan.use_proxy=false), and keep O(gates[].infinispan.validate_certs=true).""",
    options={
        "url": {
            "description": """
                Address of the cluster at the site that serves now, such as V(https://infinispan.backup.example.com).
                C(/rest/v2) follows by itself.""",
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

                It does so only for a site that is locked out (C(lock_ids)), and not while old entries are seen there:
                what was deleted at the serving site since would live on. Those have to be cleared first; the gate
                reports how.

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
