# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""moto's RDS, corrected: moving a writer takes time, has states in between, and is refused where RDS refuses it.

A promotion detaches the replica; a reboot with failover swaps the two zones; a cluster fails over in a state of its
own; global clusters can be switched over and failed over. Source: API reference of RDS, user guides of RDS and Aurora.
"""

from __future__ import annotations

import time
import typing as t
from collections.abc import Callable
from typing import Any, ClassVar

from moto.core.responses import ActionResult
from moto.rds import urls
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBCluster, DBInstance, GlobalCluster, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

_AVAILABLE = "available"


class MovingRdsBackend(RDSBackend):
    """moto's backend with the behaviour of the real service.

    :cvar seconds: how long each change takes.
    """

    seconds: ClassVar[float] = 0.5

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._under_way: list[tuple[float, Callable[[], None]]] = []

    @property
    def _url_module(self) -> Any:
        return urls

    def _later(self, end: Callable[[], None]) -> None:
        self._under_way.append((time.monotonic() + self.seconds, end))

    def _settle(self) -> None:
        """End the changes whose time has come. Every read calls this first."""
        now = time.monotonic()
        ended = [end for due, end in self._under_way if due <= now]
        self._under_way = [(due, end) for due, end in self._under_way if due > now]
        for end in ended:
            end()

    def describe_db_instances(self, db_instance_identifier: str | None = None, filters: Any = None) -> list[DBInstance]:
        """The instances in their present state."""
        self._settle()
        return super().describe_db_instances(db_instance_identifier, filters)

    def describe_db_clusters(self, *args: Any, **kwargs: Any) -> list[DBCluster]:
        """The clusters in their present state."""
        self._settle()
        return super().describe_db_clusters(*args, **kwargs)

    def create_db_instance(self, db_kwargs: dict[str, Any]) -> DBInstance:
        """Create an instance. A Multi-AZ instance has a standby in another zone."""
        # moto has no such attribute, but returns it in answers.
        made: Any = super().create_db_instance(db_kwargs)
        if made.multi_az:
            zone = str(made.availability_zone)
            made.secondary_availability_zone = zone[:-1] + ("b" if zone.endswith("a") else "a")
        return t.cast(DBInstance, made)

    def create_db_instance_read_replica(self, db_kwargs: dict[str, Any]) -> DBInstance:
        """Create a replica. It has its own tags, and its creation takes time."""
        name = db_kwargs["db_instance_identifier"]
        if name in self.databases:
            raise RDSClientError("DBInstanceAlreadyExists", "DB instance already exists")
        tags = list(db_kwargs.get("tags") or [])
        made = super().create_db_instance_read_replica(db_kwargs)
        made.tags = tags
        made.multi_az = False
        self._change(made, "creating", lambda: None)
        return made

    def promote_read_replica(self, db_kwargs: dict[str, Any]) -> DBInstance:
        """Detach a replica from its source, after a while."""
        (found,) = self.describe_db_instances(db_kwargs["db_instance_identifier"])
        self._refuse_unavailable(found)
        if not found.source_db_instance_identifier:
            raise RDSClientError("InvalidDBInstanceState", "DB Instance is not a read replica.")
        self._change(found, "modifying", lambda: _detach(self, found))
        return found

    def reboot_with_failover(self, name: str) -> DBInstance:
        """Swap the zones of an instance, after a while."""
        (found,) = self.describe_db_instances(name)
        self._refuse_unavailable(found)
        if not found.multi_az:
            raise RDSClientError("InvalidParameterCombination", "ForceFailover needs a Multi-AZ instance.")
        self._change(found, "rebooting", lambda: _swap_zones(found))
        return found

    def failover_db_cluster(
        self, db_cluster_identifier: str, target_db_instance_identifier: str | None = None
    ) -> DBCluster:
        """Give a cluster another writer, after a while."""
        (found,) = self.describe_db_clusters(db_cluster_identifier=db_cluster_identifier)
        if found.status != _AVAILABLE:
            raise RDSClientError("InvalidDBClusterStateFault", f"The cluster is {found.status}.")
        found.status = "failing-over"

        def end() -> None:
            found.status = _AVAILABLE
            super(MovingRdsBackend, self).failover_db_cluster(db_cluster_identifier, target_db_instance_identifier)

        self._later(end)
        return found

    def global_cluster(self, name: str) -> GlobalCluster:
        """:raises RDSClientError: there is none of that name."""
        self._settle()
        if name.lower() not in self.global_clusters:
            raise RDSClientError("GlobalClusterNotFoundFault", f"Global cluster {name} not found.")
        return self.global_clusters[name.lower()]

    def move_global_cluster(self, name: str, target: str, *, loses_data: bool) -> GlobalCluster:
        """Give a global cluster another primary cluster, after a while."""
        found: Any = self.global_cluster(name)
        new = next((one for one in found.members if target in (one.db_cluster_arn, one.db_cluster_identifier)), None)
        if new is None:
            raise RDSClientError("DBClusterNotFoundFault", f"DBCluster {target} not found.")
        if found.status != _AVAILABLE or new.is_writer:
            raise RDSClientError("InvalidGlobalClusterStateFault", f"Global cluster {name} cannot be moved there now.")
        old = next((one for one in found.members if one.is_writer), None)
        found.status = "failing-over" if loses_data else "switching-over"
        found.failover_state = {
            "Status": found.status,
            "FromDbClusterArn": old.db_cluster_arn if old else "",
            "ToDbClusterArn": new.db_cluster_arn,
            "IsDataLossAllowed": loses_data,
        }

        def end() -> None:
            for one in found.members:
                one.is_writer = one is new
            found.status, found.failover_state = _AVAILABLE, None

        self._later(end)
        return t.cast(GlobalCluster, found)

    def _change(self, instance: DBInstance, status: str, effect: Callable[[], None]) -> None:
        instance.status = status

        def end() -> None:
            effect()
            instance.status = _AVAILABLE

        self._later(end)

    def _refuse_unavailable(self, instance: DBInstance) -> None:
        if instance.status != _AVAILABLE:
            raise RDSClientError("InvalidDBInstanceState", f"DB instance is {instance.status}.")


def _detach(backend: RDSBackend, replica: DBInstance) -> None:
    source = backend.find_db_from_id(str(replica.source_db_instance_identifier))
    names = (replica.db_instance_identifier, replica.db_instance_arn)
    source.replicas = [name for name in source.replicas if name not in names]
    replica.source_db_instance_identifier = None
    replica.is_replica = False


def _swap_zones(instance: Any) -> None:
    zones = instance.availability_zone, instance.secondary_availability_zone
    instance.secondary_availability_zone, instance.availability_zone = zones


def _backend(response: RDSResponse) -> MovingRdsBackend:
    return t.cast(MovingRdsBackend, response.backend)


def _global_backend(response: RDSResponse) -> MovingRdsBackend:
    return t.cast(MovingRdsBackend, response.global_backend)


def _reboot(response: RDSResponse) -> ActionResult:
    name, backend = response.params["DBInstanceIdentifier"], _backend(response)
    if response.params.get("ForceFailover"):
        return ActionResult({"DBInstance": backend.reboot_with_failover(name)})
    return ActionResult({"DBInstance": backend.reboot_db_instance(name)})


def _describe_global(response: RDSResponse) -> ActionResult:
    backend, name = _global_backend(response), response.params.get("GlobalClusterIdentifier")
    found = [backend.global_cluster(name)] if name else backend.describe_global_clusters()
    return ActionResult({"GlobalClusters": found})


def _switch_over(response: RDSResponse) -> ActionResult:
    return _move(response, loses_data=False)


def _fail_over(response: RDSResponse) -> ActionResult:
    loses_data, switchover = response.params.get("AllowDataLoss"), response.params.get("Switchover")
    if loses_data and switchover:
        raise RDSClientError("InvalidParameterCombination", "Give AllowDataLoss or Switchover.")
    return _move(response, loses_data=bool(loses_data))


def _move(response: RDSResponse, *, loses_data: bool) -> ActionResult:
    name, target = response.params["GlobalClusterIdentifier"], response.params["TargetDbClusterIdentifier"]
    return ActionResult(
        {"GlobalCluster": _global_backend(response).move_global_cluster(name, target, loses_data=loses_data)}
    )


def install(seconds: float) -> None:
    """Make moto use this backend for all regions from now on.

    :param seconds: how long each change takes.
    """
    MovingRdsBackend.seconds = seconds
    rds_backends.backend = MovingRdsBackend
    rds_backends.clear()
    # moto finds the handler of an operation by the operation's name in snake case.
    answers = {
        "reboot_db_instance": _reboot,
        "describe_global_clusters": _describe_global,
        "switchover_global_cluster": _switch_over,
        "failover_global_cluster": _fail_over,
    }
    for name, answer in answers.items():
        setattr(RDSResponse, name, answer)
