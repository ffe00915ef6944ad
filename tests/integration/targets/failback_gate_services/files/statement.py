# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs a statement: the connection string, and the statement."""

from __future__ import annotations

import sys

import psycopg

psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2].encode())
