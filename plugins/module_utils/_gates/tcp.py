# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``tcp``: something accepts connections at an address."""

from __future__ import annotations

import socket

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Look,
    Observation,
    Values,
)


def check(options: Values) -> None:
    """Refuse a port that is none."""
    if not 1 <= options["port"] <= 65535:
        raise RefusedError(f"port is {options['port']}. Give a port from 1 to 65535.")


def expected(options: Values) -> str:
    """What the gate wants to see."""
    return f"a connection to {options['host']} port {options['port']}"


def observe(options: Values, look: Look) -> Observation:
    """Connect once, and close the connection without a word."""
    limit = min(look.limit, options["attempt_timeout"])
    try:
        socket.create_connection((options["host"], options["port"]), timeout=limit).close()
    except TimeoutError:
        return _refused(options, f"no connection within {limit:.3g} s")
    except OSError as problem:
        return _refused(options, f"no connection: {problem.strerror or problem}")
    return Observation(True, "it accepts connections")


def _refused(options: Values, observed: str) -> Observation:
    where = f"{options['host']} port {options['port']}"
    remedy = f"Start what listens at {where}, and look for firewalls between there and where the gate runs."
    return Observation(False, observed, remedy)


KIND = GateKind(
    name="tcp",
    description="""
        Passes if a TCP connection can be made. Nothing is sent over it.

        What else could make it pass: a load balancer, a proxy or a firewall that accepts connections for what is behind
        it, dead or not; another program at that port; a program that accepts and never answers. None of that can be
        seen without sending something. Use a gate that asks the service wherever there is one, and this one only for
        the address of the server itself.""",
    options={
        "host": {"description": "The host name or address to connect to.", "type": "str", "required": True},
        "port": {"description": "The port to connect to.", "type": "int", "required": True},
        "attempt_timeout": {"description": "Seconds that one look may take.", "type": "int", "default": 5},
    },
    expected=expected,
    observe=observe,
    check=check,
)
