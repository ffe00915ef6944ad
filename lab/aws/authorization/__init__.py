# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether a principal's policies allow a call, and how the service refuses it.

moto has an enforcement of its own, which is not used: it names actions by the signing name (``monitoring:`` for
CloudWatch), asks for every call on the resource ``*``, so that a statement on an ARN allows nothing, and takes a
condition that does not hold as a denial. Its store of users, roles and policies is used.
"""
