# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``tcp``: a host and port accept connections."""

from __future__ import annotations

import socket

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Values,
)


def check(options: Values) -> None:
    """Refuse an invalid port, and an empty host, which would mean this machine."""
    if not options["host"].strip():
        raise RefusedError("host is empty, which would be this machine. Give the host to connect to.")
    if not 1 <= options["port"] <= 65535:
        raise RefusedError(f"port is {options['port']}. Give a port from 1 to 65535.")


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    return f"a connection to {options['host']} port {options['port']}"


def observe(options: Values, probe: Probe) -> Observation:
    """Connect once, and close the connection without sending anything."""
    limit = min(probe.limit, options["attempt_timeout"])
    try:
        with socket.create_connection((options["host"], options["port"]), timeout=limit) as connection:
            to_itself = connection.getsockname() == connection.getpeername()
    except TimeoutError:
        return _refused(options, f"no connection within {limit:.3g} s")
    except OSError as problem:
        return _refused(options, f"no connection: {problem.strerror or problem}")
    if to_itself:
        # Without a listener, TCP may connect a port of this machine to itself.
        return _refused(options, "a connection to itself, where nobody listens")
    return Observation(True, "it accepts connections")


def _refused(options: Values, observed: str) -> Observation:
    where = f"{options['host']} port {options['port']}"
    remedy = f"Start the service that listens at {where}, and check firewalls between there and where the gate runs."
    return Observation(False, observed, remedy)


KIND = GateKind(
    name="tcp",
    description="""
        Passes if a TCP connection can be made. Nothing is sent over it.

        What else could make it pass:

        A load balancer, proxy, NAT gateway or firewall that accepts connections for a server that is down. The gate
        cannot detect that. Connect to the server itself, or use a gate that asks the application, such as one of kind
        C(http).

        A program that hangs. The operating system accepts connections for it.

        Another server, if the host name moves to the serving site, or has several addresses: one address that accepts
        is enough. Give one address of the returning site.

        This machine. The gate refuses an empty O(gates[].tcp.host), and fails if a port is connected to itself.""",
    options={
        "host": {"description": "The host name or address to connect to.", "type": "str", "required": True},
        "port": {"description": "The port to connect to.", "type": "int", "required": True},
        "attempt_timeout": {"description": "Seconds that one probe may take.", "type": "int", "default": 5},
    },
    expected=expected,
    observe=observe,
    check=check,
)
