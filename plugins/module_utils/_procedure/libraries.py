# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The libraries that a procedure will use. A step that misses one could fail after the point of no return."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import libraries
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.arrival import awaits_dns
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Options

#: The package of each module.
_PACKAGES = {"dns": "dnspython", "psycopg": "psycopg[binary]", "oci": "oci", "boto3": "boto3"}
#: The module that each kind of gate needs.
_OF_GATES: Mapping[str, str] = {
    "dns": "dns",
    "postgresql": "psycopg",
    "oci_backend_set": "oci",
    "rds_replica_lag": "boto3",
    "cloudwatch_alarm": "boto3",
    "routing_control": "boto3",
}


def library_problems(options: Options, page: Options, has: Callable[[str], bool]) -> list[str]:
    """The missing libraries, a sentence each, with what to do.

    :param has: whether a module of that name can be imported by the Python that runs Ansible.
    """
    needed = _needed(options, page)
    return [
        f"The Python library {_PACKAGES[module]} is missing, which {what} needs. Where Ansible is installed, run: pip "
        f"install '{_PACKAGES[module]}'"
        for module, what in needed.items()
        if not has(module)
    ]


def _needed(options: Options, page: Options) -> dict[str, str]:
    """Modules, and what needs them."""
    needed = {"boto3": "the lock"}
    needed |= dict.fromkeys(libraries(page), "the page")
    if awaits_dns(options):
        needed["dns"] = "the step wait"
    gates = [gate for name in ("gates", "fences") for gate in options.get(name) or [] if isinstance(gate, Mapping)]
    for gate in gates:
        for kind in sorted(set(gate) & set(_OF_GATES)):
            needed.setdefault(_OF_GATES[kind], f"the gate {gate.get('name')!r}")
    return needed
