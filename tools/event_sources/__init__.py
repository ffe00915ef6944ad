# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Code that event sources share.

ansible-rulebook runs each source as a single file that cannot import anything of its collection. So the shared parts
are here, :mod:`tools.event_sources.insertion` copies them into the sources, and lint fails where a copy differs.
"""
