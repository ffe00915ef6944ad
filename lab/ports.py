# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Ports for programs that need their port before they listen."""

from __future__ import annotations

import random
import socket

from lab.servers import LOOPBACK

#: Below the ports of outgoing connections, which begin at 32768 on Linux and at 49152 elsewhere. Otherwise another
#: program's connection could take the port before it is used.
_CHOICE = range(15_000, 32_000)
_TRIES = 100


def free_port() -> int:
    """A free TCP port.

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
