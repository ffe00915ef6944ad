# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What permissions the collection needs, and the files and the page of the documentation that are made of that."""
