# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The users and the configuration of the servers. They are fast, and do not wait for disks."""

from __future__ import annotations

from dataclasses import dataclass

DATABASE = "shop"


@dataclass(frozen=True)
class Login:
    """A user of the servers."""

    user: str
    password: str
    database: str = "postgres"


#: May do everything. The lab itself uses this user.
ADMINISTRATOR = Login("lab", "lab-of-no-real-database")
REPLICATION = Login("replication", "replication-of-no-real-database")
#: Owns the database of the shop, like a real application's user.
APPLICATION = Login("shop", "shop-of-no-real-database", DATABASE)
#: May only read the state of replication, for a gate.
MONITOR = Login("monitor", "monitor-of-no-real-database")

#: One statement per line: in single-user mode a statement ends at the end of its line.
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
# Subscribers can connect. Many services have subscribers besides a standby.
wal_level = logical
shared_buffers = 16MB
# The data is deleted with the lab, so the server need not wait for disks.
fsync = off
# An idle database writes nothing, so that tests control what is replicated.
autovacuum = off
# A standby that was stopped can still catch up.
wal_keep_size = 64MB
# Real servers do this every five or ten seconds.
wal_retrieve_retry_interval = 100ms
wal_receiver_status_interval = 1s
"""
