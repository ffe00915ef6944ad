# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What event sources share.

ansible-rulebook runs each source as a single file that cannot import anything of its collection. So the parts are kept
here once, :mod:`tools.event_sources.insertion` puts them into the sources, and lint fails where they differ.
"""
