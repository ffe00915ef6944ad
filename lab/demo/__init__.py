# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``make demo``: shows what the collection does for users, on the lab, with real requests.

The demo runs the playbooks and modules like any user. Requests and DNS queries go to the lab's listeners, sites and
name server. The demo fails if an answer differs from its description.
"""
