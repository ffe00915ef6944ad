# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Who may connect, and how the servers are set up: quick and forgetful where real ones are careful with disks."""

from __future__ import annotations

from dataclasses import dataclass

DATABASE = "shop"


@dataclass(frozen=True)
class Login:
    """A user of the servers."""

    user: str
    password: str
    database: str = "postgres"


#: May do everything; the lab itself uses it.
ADMINISTRATOR = Login("lab", "lab-of-no-real-database")
REPLICATION = Login("replication", "replication-of-no-real-database")
#: Owns the database of the shop, as its application would.
APPLICATION = Login("shop", "shop-of-no-real-database", DATABASE)
#: May read the state of replication and nothing else, which is what a gate needs.
MONITOR = Login("monitor", "monitor-of-no-real-database")

#: A user a line: the single-user mode ends a statement at the end of its line.
USERS = f"""\
CREATE ROLE {REPLICATION.user} LOGIN REPLICATION PASSWORD '{REPLICATION.password}';
CREATE ROLE {APPLICATION.user} LOGIN PASSWORD '{APPLICATION.password}';
CREATE ROLE {MONITOR.user} LOGIN PASSWORD '{MONITOR.password}' IN ROLE pg_monitor;
CREATE DATABASE {DATABASE} OWNER {APPLICATION.user};
"""

CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 50
# Subscribers can connect, as they do in many places where a standby is too.
wal_level = logical
shared_buffers = 16MB
# Nothing here outlives the lab, so no disk is waited for.
fsync = off
# An idle database writes nothing of its own, so that a test knows what there is to replicate.
autovacuum = off
# A standby that was away finds what it missed.
wal_keep_size = 64MB
# What real servers do every five or ten seconds.
wal_retrieve_retry_interval = 100ms
wal_receiver_status_interval = 1s
"""
