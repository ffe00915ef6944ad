# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``make demo``: what the collection does, seen with a user's eyes, on the lab and for real.

The playbooks and modules are run as anybody runs them; requests and DNS queries go to the lab's listeners, sites and
name server. The demo fails if a user gets another answer than it describes.
"""
