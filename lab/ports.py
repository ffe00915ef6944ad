# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Ports for what must know its port before it listens."""

from __future__ import annotations

import random
import socket

from lab.servers import LOOPBACK

#: Below the ports that systems give to outgoing connections: from 32768 on Linux, from 49152 elsewhere. Out of those, a
#: connection of another program may take a port between its choice and its use.
_CHOICE = range(15_000, 32_000)
_TRIES = 100


def free_port() -> int:
    """A TCP port that nobody listens on.

    :raises OSError: none was found.
    """
    for port in random.sample(_CHOICE, _TRIES):
        with socket.socket() as trial:
            try:
                trial.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise OSError(f"none of {_TRIES} ports of {LOOPBACK} is free")
